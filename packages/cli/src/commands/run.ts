/**
 * Owns the command `run`: one prompt, one turn, one exit code.
 */
import type { App } from "../app.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { jsonView } from "../turn/json-view.ts";
import { runTurn } from "../turn/run-turn.ts";
import { textView } from "../turn/text-view.ts";
import { readPrompt } from "./read-prompt.ts";
import { startSession } from "./start-session.ts";

/** Runs one prompt. @throws AmplifierError for whatever prevents the turn; the turn's own errors are told and counted. */
export async function run(app: App): Promise<ExitCode> {
  const prompt = await readPrompt(app);
  const started = await startSession(app);
  try {
    if (app.stopping.aborted) return EXIT.interrupted;
    const view = app.args.json ? jsonView(app.output) : textView(app.output, { thinking: app.args.thinking });
    return await runTurn(app, { session: started.session, prompt, options: started.options, view });
  } finally {
    await started.close();
  }
}
