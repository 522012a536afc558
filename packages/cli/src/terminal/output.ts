/**
 * Owns everything the program prints. stdout gets the answer (or events) and nothing else; all other text goes to stderr.
 * Where both are the same terminal, a note never starts in the middle of a line; while a question is open (`hold`)
 * nothing is printed but the question. Slow readers are waited for, so nothing piles up in memory.
 */
import { setImmediate as nextRound } from "node:timers/promises";
import type { Io, OutputStream } from "../io.ts";
import { printable } from "./printable.ts";
import { styleFor, type Style } from "./style.ts";

/** The reader of stdout has gone away (`| head -1`): the turn ends quietly. */
export class BrokenPipe extends Error {
  override readonly name = "BrokenPipe";
  constructor() {
    super("The reader of standard output has gone away.");
  }
}

/** Standard output takes nothing more, for another reason (a full disk): what was printed is not all there. */
export class OutputFailed extends Error {
  override readonly name = "OutputFailed";
  constructor(cause: Error) {
    super(`Standard output cannot be written: ${cause.message}. What is there is not the whole answer.`, { cause });
  }
}

type OpenLine = "none" | "answer" | "thinking";

/** The two streams as one screen. */
export class Output {
  /** Colours for what goes to stderr. */
  readonly style: Style;
  readonly #stdout: OutputStream;
  readonly #stderr: OutputStream;
  readonly #broken = new AbortController();
  /** Which unfinished line is on the screen; text that goes into a pipe is on no screen. */
  #partial: OpenLine = "none";
  #answerEndsLine = true;
  #held: { readonly released: Promise<void>; readonly notes: string[] } | null = null;

  readonly #quiet: boolean;

  /** `quiet` drops notes; errors and questions are always printed. */
  constructor(io: Pick<Io, "stdout" | "stderr" | "env">, options: { readonly quiet?: boolean } = {}) {
    this.#quiet = options.quiet === true;
    this.#stdout = io.stdout;
    this.#stderr = io.stderr;
    this.style = styleFor(io.stderr, io.env);
    this.#stdout.on("error", (error: NodeJS.ErrnoException) => {
      this.#broken.abort(error.code === "EPIPE" ? new BrokenPipe() : new OutputFailed(error));
    });
    // Nobody can be told that stderr is gone; the answer may still be wanted.
    this.#stderr.on("error", () => undefined);
  }

  /** Aborted once stdout takes nothing more; the reason is a `BrokenPipe` or an `OutputFailed`. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  /** Whether stderr is a terminal. */
  get isTerminal(): boolean {
    return this.#stderr.isTTY === true;
  }

  /** Columns of the terminal; 80 where nobody knows (some pseudo terminals say 0). */
  get columns(): number {
    return this.#stderr.columns || 80;
  }

  /** Prints a piece of the answer on stdout. @throws BrokenPipe when nobody reads it, OutputFailed */
  async answer(text: string): Promise<void> {
    await this.#mayPrint();
    if (text === "") return;
    const shown = this.#stdout.isTTY === true ? printable(text) : text;
    this.#endPartialBut("answer");
    this.#answerEndsLine = shown.endsWith("\n");
    if (this.#stdout.isTTY === true) this.#partial = this.#answerEndsLine ? "none" : "answer";
    await this.#write(shown);
  }

  /** Ends the answer's line, unless it is ended. */
  async endAnswer(): Promise<void> {
    if (!this.#answerEndsLine) await this.answer("\n");
  }

  /** Prints one line on stdout as it is: an event. @throws BrokenPipe when nobody reads it, OutputFailed */
  async line(text: string): Promise<void> {
    await this.#mayPrint();
    this.#endPartialBut("none");
    await this.#write(`${text}\n`);
  }

  /** Prints a piece of the model's thinking, dim, on stderr. */
  async thinking(text: string): Promise<void> {
    await this.#mayPrint();
    if (text === "" || this.#quiet) return;
    this.#endPartialBut("thinking");
    const shown = printable(text);
    this.#stderr.write(this.style.dim(shown));
    this.#partial = shown.endsWith("\n") ? "none" : "thinking";
  }

  /** As `error`, for what may be left out when the person wants quiet. */
  note(text: string): void {
    if (!this.#quiet) this.error(text);
  }

  /**
   * Prints a line on stderr, or keeps it until the open question is answered. `text` is ready for a terminal (foreign
   * parts made printable, styled) and has no line break at its end.
   */
  error(text: string): void {
    if (this.#held !== null) {
      this.#held.notes.push(text);
      return;
    }
    this.#endPartialBut("none");
    this.#stderr.write(`${text}\n`);
  }

  /** Opens a question: only `ask` prints until the returned function is called. Questions do not overlap. */
  hold(): () => void {
    this.#endPartialBut("none");
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const held = { released, notes: [] as string[] };
    this.#held = held;
    return () => {
      if (this.#held === held) this.#held = null;
      for (const text of held.notes.splice(0)) this.error(text);
      release();
    };
  }

  /** Prints a part of a question or of a prompt on stderr, even while a question is open. */
  ask(text: string): void {
    this.#stderr.write(text);
  }

  /** Overwrites the current line of the terminal on stderr (a progress bar); null clears it. */
  overwrite(text: string | null): void {
    if (this.#held !== null || this.#quiet) return;
    this.#endPartialBut("none");
    this.#stderr.write(text === null ? "\r\u001b[K" : `\r${text}\u001b[K`);
  }

  /** Resolves when everything printed has left the process, or cannot; `broken` then says so. */
  async flushed(): Promise<void> {
    await Promise.all([flush(this.#stdout), flush(this.#stderr)]);
    // A stream tells of its error after the write that met it.
    await nextRound();
  }

  async #mayPrint(): Promise<void> {
    while (this.#held !== null) await this.#held.released;
    this.broken.throwIfAborted();
  }

  async #write(text: string): Promise<void> {
    if (!this.#stdout.write(text)) await drained(this.#stdout, this.broken);
    this.broken.throwIfAborted();
  }

  #endPartialBut(next: OpenLine): void {
    if (this.#partial === "none" || this.#partial === next) return;
    const open = this.#partial;
    this.#partial = "none";
    if (!this.isTerminal) return;
    // Only the screen needs this line break; a stdout that is no terminal stays the answer alone.
    this.#stderr.write("\n");
    if (open === "answer") this.#answerEndsLine = true;
  }
}

function drained(stream: OutputStream, broken: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done);
      broken.removeEventListener("abort", done);
      resolve();
    };
    stream.on("drain", done);
    broken.addEventListener("abort", done, { once: true });
    if (broken.aborted) done();
  });
}

function flush(stream: OutputStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve();
    else stream.write("", () => resolve());
  });
}
