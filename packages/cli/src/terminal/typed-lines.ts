/**
 * Owns lines typed at a terminal: an editable prompt with history while a line is asked for. What is typed at other times
 * is kept and appears at the next prompt, so typing never lands in the middle of an answer. Ctrl-C goes to `interrupts`,
 * at the prompt and while an answer streams.
 */
import { createInterface, type Interface } from "node:readline";
import { Readable } from "node:stream";
import type { OutputStream } from "../io.ts";
import type { Interrupts } from "./interrupts.ts";
import type { Keyboard } from "./keyboard.ts";
import type { LineInput } from "./line-input.ts";

const CTRL_C = "\u0003";
/** What is typed ahead beyond this is dropped. Characters. */
const MAX_TYPED_AHEAD = 64 * 1024;

/** What a typed line needs of the terminal. */
export interface TypingTerminal {
  readonly keyboard: Keyboard;
  readonly interrupts: Interrupts;
  readonly screen: OutputStream;
  readonly prompt: string;
}

/** The keyboard as lines. It reads the keyboard from its creation until `close`. */
export class TypedLines implements LineInput {
  readonly #terminal: TypingTerminal;
  readonly #keys = new Readable({ read: () => undefined });
  readonly #readline: Interface;
  readonly #stopReading: () => void;
  #typedAhead = "";
  #waiting: ((line: string | null) => void) | null = null;
  #ended = false;

  constructor(terminal: TypingTerminal) {
    this.#terminal = terminal;
    this.#readline = createInterface({
      input: this.#keys,
      output: terminal.screen,
      terminal: true,
      prompt: terminal.prompt,
      historySize: 1000,
    });
    this.#readline.on("line", (line) => this.#give(line));
    this.#readline.on("SIGINT", () => terminal.interrupts.press());
    // Ctrl-Z would stop the process with the terminal still raw.
    this.#readline.on("SIGTSTP", () => undefined);
    this.#readline.on("close", () => {
      this.#ended = true;
      this.#give(null);
    });
    this.#stopReading = terminal.keyboard.read((keys) => this.#typed(keys));
  }

  nextLine(): Promise<string | null> {
    if (this.#ended) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#readline.prompt(true);
      const typed = this.#typedAhead;
      this.#typedAhead = "";
      if (typed !== "") this.#typed(typed);
    });
  }

  clearLine(): boolean {
    const typed = this.#readline.line !== "";
    this.#readline.write(null, { ctrl: true, name: "e" });
    this.#readline.write(null, { ctrl: true, name: "u" });
    return typed;
  }

  showPrompt(): void {
    this.#readline.prompt(true);
  }

  close(): void {
    this.#stopReading();
    this.#readline.close();
  }

  // Readline gets one line at a time: it would echo the rest of a pasted text into the answer to its first line.
  #typed(keys: string): void {
    let rest = keys.replaceAll("\r\n", "\r");
    while (rest !== "" && this.#waiting !== null) {
      const end = rest.search(/[\r\n]/);
      const head = end < 0 ? rest : rest.slice(0, end + 1);
      rest = rest.slice(head.length);
      this.#keys.emit("data", Buffer.from(head));
    }
    if (rest !== "") this.#keep(rest);
  }

  #keep(keys: string): void {
    for (const _press of keys.matchAll(new RegExp(CTRL_C, "g"))) this.#terminal.interrupts.press();
    this.#typedAhead = (this.#typedAhead + keys.replaceAll(CTRL_C, "")).slice(0, MAX_TYPED_AHEAD);
  }

  #give(line: string | null): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.(line);
  }
}
