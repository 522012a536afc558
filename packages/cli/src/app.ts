/**
 * Owns what every part of the running program shares: the arguments, the terminal, and the request to stop. A stop has one
 * exit code, the first one asked for, and one signal that everything that waits looks at.
 */
import { ABORTED, untilAborted } from "amplifier-core";
import type { ParsedArguments } from "./arguments/parse-arguments.ts";
import type { ExitCode } from "./exit-codes.ts";
import { EXIT } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { Announcements } from "./terminal/announcements.ts";
import { Interrupts } from "./terminal/interrupts.ts";
import { Keyboard } from "./terminal/keyboard.ts";
import { Output } from "./terminal/output.ts";

/** Time for the end in good order. */
const STOP_LIMIT_MS = 3000;
/** Signals within this time are one wish: a process group gets it from the kernel and once more from npm. */
const SAME_STOP_MS = 100;

/** The running program. */
export class App {
  readonly io: Io;
  readonly args: ParsedArguments;
  readonly output: Output;
  readonly keyboard: Keyboard;
  readonly interrupts: Interrupts;
  readonly announcements: Announcements;
  readonly #stopping = new AbortController();
  #stoppedAt = Number.NEGATIVE_INFINITY;
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

  /** Asks the program to end in good order; what takes longer than 3 s then is not waited for. */
  stop(exitCode: ExitCode): void {
    if (this.#exitCode !== null) return;
    this.#exitCode = exitCode;
    this.#stoppedAt = this.io.clock.now();
    this.io.clock.schedule(() => this.leaveNow(exitCode), STOP_LIMIT_MS);
    this.#stopping.abort(Object.assign(new Error("Stopped."), { name: "AbortError" }));
  }

  /** `work`'s outcome, unless the program is to stop before: then rejects with the stop. For work that has no signal. */
  async unlessStopped<T>(work: Promise<T>): Promise<T> {
    const outcome = await untilAborted(work, this.stopping);
    if (outcome === ABORTED) throw this.stopping.reason;
    return outcome;
  }

  /** Ends the process without waiting for anything; the terminal is given back. */
  leaveNow(exitCode: ExitCode): void {
    this.keyboard.restore();
    this.io.exit(exitCode);
  }

  /**
   * Answers to signals, until the returned function is called. Ctrl-C while nothing else handles it, SIGTERM and SIGHUP end
   * the program: the first in good order, the second at once.
   */
  listen(): () => void {
    const releases = [
      this.interrupts.handle((count) => (count === 1 ? this.stop(EXIT.interrupted) : this.leaveNow(EXIT.interrupted))),
      this.io.onSignal("SIGINT", () => this.interrupts.signal()),
      this.io.onSignal("SIGTERM", () => this.#onStopSignal(EXIT.terminated)),
      this.io.onSignal("SIGHUP", () => this.#onStopSignal(EXIT.hangup)),
    ];
    return () => {
      for (const release of releases) release();
      this.keyboard.restore();
    };
  }
  #onStopSignal(exitCode: ExitCode): void {
    if (this.#exitCode === null) return this.stop(exitCode);
    if (this.io.clock.now() - this.#stoppedAt >= SAME_STOP_MS) this.leaveNow(this.#exitCode);
  }
}
