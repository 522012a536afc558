/**
 * Owns what every part of the running program shares: the arguments, the terminal, and the request to stop. A stop has one
 * exit code, the first one asked for, and one signal that everything that waits looks at.
 */
import type { ParsedArguments } from "./arguments/parse-arguments.ts";
import type { ExitCode } from "./exit-codes.ts";
import { EXIT } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { Announcements } from "./terminal/announcements.ts";
import { Interrupts } from "./terminal/interrupts.ts";
import { Keyboard } from "./terminal/keyboard.ts";
import { Output } from "./terminal/output.ts";

/** The running program. */
export class App {
  readonly io: Io;
  readonly args: ParsedArguments;
  readonly output: Output;
  readonly keyboard: Keyboard;
  readonly interrupts: Interrupts;
  readonly announcements: Announcements;
  readonly #stopping = new AbortController();
  #exitCode: ExitCode | null = null;

  constructor(io: Io, args: ParsedArguments) {
    this.io = io;
    this.args = args;
    this.output = new Output(io, { quiet: args.quiet });
    this.keyboard = new Keyboard(io.stdin);
    this.interrupts = new Interrupts(io.clock);
    this.announcements = new Announcements(io.clock);
  }

  /** Aborted when the program should end. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** The exit code of the stop; null when nobody asked for one. */
  get exitCode(): ExitCode | null {
    return this.#exitCode;
  }

  /** Whether a person can be asked: keys come from a terminal, and what goes to stderr is seen. */
  get canAsk(): boolean {
    return this.io.stdin.isTTY === true && this.output.isTerminal;
  }

  /** Asks the program to end in good order. */
  stop(exitCode: ExitCode): void {
    this.#exitCode ??= exitCode;
    this.#stopping.abort(Object.assign(new Error("Stopped."), { name: "AbortError" }));
  }

  /** Ends the process without waiting for anything; the terminal is given back. */
  leaveNow(exitCode: ExitCode): void {
    this.keyboard.restore();
    this.io.exit(exitCode);
  }

  /**
   * Answers to signals, until the returned function is called. Ctrl-C while nothing else handles it ends the program:
   * the first in good order, the second at once.
   */
  listen(): () => void {
    const releases = [
      this.interrupts.handle((count) => (count === 1 ? this.stop(EXIT.interrupted) : this.leaveNow(EXIT.interrupted))),
      this.io.onSignal("SIGINT", () => this.interrupts.signal()),
      this.io.onSignal("SIGTERM", () => this.stop(EXIT.terminated)),
      this.io.onSignal("SIGHUP", () => this.stop(EXIT.hangup)),
    ];
    return () => {
      for (const release of releases) release();
      this.keyboard.restore();
    };
  }
}
