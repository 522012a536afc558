/**
 * Owns the command `chat`: prompts one after the other in one session. A failed turn is told in one line and the chat
 * goes on; the end of the input, `/exit` or two Ctrl-C at an empty prompt leave it.
 */
import type { App } from "../app.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { runTurn } from "../turn/run-turn.ts";
import { textView } from "../turn/text-view.ts";
import type { LineInput } from "../terminal/line-input.ts";
import { pipedLines } from "../terminal/piped-lines.ts";
import { oneLine } from "../terminal/printable.ts";
import { TypedLines } from "../terminal/typed-lines.ts";
import { startSession } from "./start-session.ts";
import type { StartedSession } from "./started-session.ts";

const HELP = `/help  this list
/new   forget the conversation and start over
/exit  leave (also Ctrl-D)
Ctrl-C stops the answer, twice at once.`;

/** Runs the chat until the person leaves. @throws AmplifierError for whatever prevents the session */
export async function chat(app: App): Promise<ExitCode> {
  const started = await startSession(app);
  const input = openInput(app);
  const leave = (): void => input.close();
  app.stopping.addEventListener("abort", leave, { once: true });
  try {
    app.output.note(app.output.style.dim("Chat with the agent; /help lists the commands, Ctrl-D leaves."));
    await converse(app, input, started);
    return EXIT.success;
  } finally {
    input.close();
    // The shell's prompt starts on a line of its own.
    if (app.canAsk) app.output.ask("\n");
    app.stopping.removeEventListener("abort", leave);
    await started.close();
  }
}

async function converse(app: App, input: LineInput, started: StartedSession): Promise<void> {
  while (!app.stopping.aborted) {
    const line = await askForLine(app, input);
    if (line === null || line === "/exit" || line === "/quit") return;
    if (line === "") continue;
    if (line.startsWith("/") && !line.includes("\n")) await runCommand(app, line, started);
    else {
      const view = textView(app.output, { thinking: app.args.thinking });
      const exitCode = await runTurn(app, { session: started.session, prompt: line, options: started.options, view });
      if (exitCode === EXIT.brokenPipe) return app.stop(exitCode);
    }
  }
}

async function runCommand(app: App, line: string, started: StartedSession): Promise<void> {
  if (line === "/help") return app.output.error(HELP);
  if (line === "/new") {
    await started.restart();
    return app.output.error("A new conversation.");
  }
  app.output.error(`Unknown command ${oneLine(line, 40)}; commands are /help, /new, /exit.`);
}

async function askForLine(app: App, input: LineInput): Promise<string | null> {
  let warned = false;
  const release = app.interrupts.handle(() => {
    if (!input.clearLine() && warned) return input.close();
    if (!warned) app.output.ask("\n(Ctrl-C again, Ctrl-D or /exit leaves)\n");
    warned = true;
    input.showPrompt();
  });
  try {
    const line = await input.nextLine();
    return line === null ? null : line.trim();
  } finally {
    release();
  }
}

function openInput(app: App): LineInput {
  if (!app.canAsk) return pipedLines(app.io.stdin);
  const { keyboard, interrupts } = app;
  return new TypedLines({ keyboard, interrupts, screen: app.io.stderr, prompt: "> " });
}
