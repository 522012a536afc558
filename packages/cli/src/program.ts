/**
 * Owns the program from its arguments to its exit code. Whatever goes wrong ends here, as one line on stderr.
 */
import { App } from "./app.ts";
import { helpText } from "./arguments/help-text.ts";
import { parseArguments, type ParsedArguments } from "./arguments/parse-arguments.ts";
import { describeFailure } from "./describe-failure.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { BrokenPipe } from "./terminal/output.ts";
import { version } from "./version.ts";

/** Runs the program; resolves with its exit code when everything is printed. Never rejects. */
export async function runProgram(argv: readonly string[], io: Io): Promise<ExitCode> {
  let args: ParsedArguments;
  try {
    args = parseArguments(argv);
  } catch (error) {
    const { line, exitCode } = describeFailure(error, { debug: argv.includes("--debug") });
    io.stderr.write(`amplifier-ts: ${line}\n`);
    return exitCode;
  }
  const app = new App(io, args);
  const stopListening = app.listen();
  try {
    const exitCode = await runCommand(app).catch((error: unknown) => fail(app, error));
    await app.output.flushed();
    const { broken } = app.output;
    // The last words may be lost after the command believes them said.
    const lost = exitCode === EXIT.success && broken.aborted ? fail(app, broken.reason) : exitCode;
    return app.exitCode ?? lost;
  } finally {
    stopListening();
    await app.output.flushed();
  }
}

async function runCommand(app: App): Promise<ExitCode> {
  const { args, io, output } = app;
  if (args.help || args.version) {
    await output.answer(args.help ? helpText(args.command) : `${version()}\n`);
    return EXIT.success;
  }
  // Only what is needed is loaded: the start is part of the time to the first token.
  switch (args.command ?? (io.stdin.isTTY === true ? "chat" : "run")) {
    case "run":
      return (await import("./commands/run.ts")).run(app);
    case "chat":
      return (await import("./commands/chat.ts")).chat(app);
    case "plan":
      return (await import("./commands/plan.ts")).plan(app);
    case "models":
      return (await import("./commands/models.ts")).models(app);
    case "doctor":
      return (await import("./commands/doctor.ts")).doctor(app);
    case "local":
      return (await import("./commands/local.ts")).local(app);
  }
}

function fail(app: App, error: unknown): ExitCode {
  const { broken } = app.output;
  if (broken.reason instanceof BrokenPipe) return EXIT.brokenPipe;
  if (app.exitCode !== null && app.stopping.aborted) return app.exitCode;
  const { line, exitCode } = describeFailure(broken.aborted ? broken.reason : error, { debug: app.args.debug });
  app.output.error(`amplifier-ts: ${line}`);
  return exitCode;
}
