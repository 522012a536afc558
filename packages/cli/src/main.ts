#!/usr/bin/env node
/**
 * The command `amplifier-ts`. Ends the process itself, once everything is printed, so that nothing a module left behind
 * (a socket kept alive, a timer) holds it open.
 */
import process from "node:process";
import { describeFailure } from "./describe-failure.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { processIo, type Io } from "./io.ts";
import { runProgram } from "./program.ts";

// Nothing is left that could happen, and the program is not at its end: somebody waits for what nobody will do.
process.once("beforeExit", () => {
  process.stderr.write("amplifier-ts: A module waits for something that never comes; the program cannot go on.\n");
  process.exit(EXIT.failed);
});
process.exit(await runMain(process.argv.slice(2)));

async function runMain(argv: readonly string[]): Promise<ExitCode> {
  let io: Io;
  try {
    io = processIo();
  } catch (error) {
    const { line, exitCode } = describeFailure(error, { debug: argv.includes("--debug") });
    process.stderr.write(`amplifier-ts: ${line}\n`);
    return exitCode;
  }
  return runProgram(argv, io);
}
