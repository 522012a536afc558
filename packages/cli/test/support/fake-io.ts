/**
 * Owns a world for tests of the program: streams that remember what was written, a terminal that is not one, a clock
 * moved by hand, signals sent by hand.
 */
import { PassThrough, Writable } from "node:stream";
import type { Clock } from "amplifier-core";
import type { Io, SignalName } from "../../src/io.ts";

/** A stream that keeps its text. `screen` gets the same text, so that two streams can share one terminal. */
export class Recorder extends Writable {
  text = "";
  isTTY = false;
  columns = 80;
  readonly #screen: string[];

  constructor(screen: string[]) {
    super({ decodeStrings: false });
    this.#screen = screen;
  }

  override _write(chunk: string, _encoding: string, done: (error?: Error | null) => void): void {
    this.text += chunk;
    this.#screen.push(chunk);
    done();
  }
}

/** Standard input as a test types it. */
export class FakeInput extends PassThrough {
  isTTY = false;
  /** Every switch of the terminal's mode, in order. */
  readonly modes: boolean[] = [];

  setRawMode(raw: boolean): void {
    this.modes.push(raw);
  }
}

/** A clock that stands still until it is moved. */
export class HandClock implements Clock {
  #now = 1_700_000_000_000;
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();

  now(): number {
    return this.#now;
  }

  schedule(run: () => void, ms: number): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(timer);
      timer.run();
    }
  }
}

/** The fake world, with what a test wants to look at. */
export interface FakeIo extends Io {
  readonly stdin: FakeInput;
  readonly stdout: Recorder;
  readonly stderr: Recorder;
  readonly clock: HandClock;
  /** stdout and stderr in the order they were written. */
  readonly screen: string[];
  /** Codes given to `exit`. */
  readonly exits: number[];
  send(signal: SignalName): void;
}

/** Makes a world; `tty` makes all three streams a terminal. */
export function fakeIo(
  options: { readonly tty?: boolean; readonly env?: Io["env"]; readonly cwd?: string } = {},
): FakeIo {
  const screen: string[] = [];
  const stdin = new FakeInput();
  const stdout = new Recorder(screen);
  const stderr = new Recorder(screen);
  for (const stream of [stdin, stdout, stderr]) stream.isTTY = options.tty === true;
  const handlers = new Map<SignalName, Set<() => void>>();
  const exits: number[] = [];
  return {
    stdin,
    stdout,
    stderr,
    screen,
    exits,
    env: { NO_COLOR: "1", ...options.env },
    cwd: options.cwd ?? "/home/space",
    platform: "linux",
    clock: new HandClock(),
    onSignal: (signal, handler) => {
      const own = handlers.get(signal) ?? new Set();
      handlers.set(signal, own.add(handler));
      return () => own.delete(handler);
    },
    send: (signal) => {
      for (const handler of handlers.get(signal) ?? []) handler();
    },
    exit: (code) => exits.push(code),
  };
}
