/**
 * Owns standard input while it is a terminal in raw mode: one reader at a time, the newest; the terminal is raw exactly
 * while there is one and is given back as it was. Bytes are decoded whole: a character split over two reads stays one.
 */
import { StringDecoder } from "node:string_decoder";
import type { Input } from "../io.ts";

/** Gets what was typed, as it came: one key or a pasted text. */
export type KeyReader = (keys: string) => void;

/** The keys of a terminal. */
export class Keyboard {
  readonly #stdin: Input;
  readonly #readers: { readonly read: KeyReader }[] = [];
  readonly #decoder = new StringDecoder("utf8");
  readonly #onData = (chunk: Buffer | string): void => {
    const keys = typeof chunk === "string" ? chunk : this.#decoder.write(chunk);
    if (keys !== "") this.#readers.at(-1)?.read(keys);
  };

  constructor(stdin: Input) {
    this.#stdin = stdin;
  }

  /** Gives every key to `read` until the returned function is called; then to the reader before. */
  read(read: KeyReader): () => void {
    const entry = { read };
    this.#readers.push(entry);
    if (this.#readers.length === 1) this.#start();
    return () => {
      const index = this.#readers.indexOf(entry);
      if (index < 0) return;
      this.#readers.splice(index, 1);
      if (this.#readers.length === 0) this.#stop();
    };
  }

  /** Gives the terminal back, whoever is still reading: for the end of the process. */
  restore(): void {
    if (this.#readers.splice(0).length > 0) this.#stop();
  }

  #start(): void {
    this.#stdin.setRawMode?.(true);
    this.#stdin.on("data", this.#onData);
    this.#stdin.resume();
  }

  #stop(): void {
    this.#stdin.off("data", this.#onData);
    this.#stdin.pause();
    this.#stdin.setRawMode?.(false);
  }
}
