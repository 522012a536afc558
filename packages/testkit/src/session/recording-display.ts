/**
 * Owns a display that remembers. The port says that showing must not throw, so the unexpected is told by `assertExpected`.
 */
import type { DisplaySystem, MessageLevel } from "amplifier-core";

/** One message that was shown. */
export interface ShownMessage {
  readonly message: string;
  readonly level: MessageLevel;
  readonly source: string;
}

/** Records what is shown. */
export class RecordingDisplay implements DisplaySystem {
  readonly shown: ShownMessage[] = [];
  readonly #expected: RegExp[];

  /** `expected`: what each warning or error has to match, in order. */
  constructor(expected: readonly RegExp[] = []) {
    this.#expected = [...expected];
  }

  showMessage(message: string, level: MessageLevel, source: string): void {
    this.shown.push({ message, level, source });
  }

  /** One more warning or error is expected, after those before it. */
  expect(message: RegExp): void {
    this.#expected.push(message);
  }

  /** @throws Error unless the warnings and errors shown are the expected ones, in order. */
  assertExpected(): void {
    const serious = this.shown.filter(({ level }) => level !== "info").map(({ message }) => message);
    const fits =
      serious.length === this.#expected.length && this.#expected.every((wanted, n) => wanted.test(serious[n] ?? ""));
    if (fits) return;
    throw new Error(`Shown: ${JSON.stringify(serious)}; expected: [${this.#expected.join(", ")}].`);
  }
}
