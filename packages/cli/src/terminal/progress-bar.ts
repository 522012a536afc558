/**
 * Owns showing how far a long step is: one line repainted on a terminal, a plain line every tenth of the way elsewhere.
 */
import type { Output } from "./output.ts";
import { oneLine } from "./printable.ts";

const WIDTH = 24;
const TENTH = 10;

/** How far a step is. `total` is null where nobody knows it. Bytes. */
export interface Progress {
  readonly step: string;
  readonly done: number;
  readonly total: number | null;
}

/** Paints one step after another. */
export class ProgressBar {
  readonly #output: Output;
  #step: string | null = null;
  #shown = "";

  constructor(output: Output) {
    this.#output = output;
  }

  /** Shows progress; the same picture is not painted twice. */
  show({ step, done, total }: Progress): void {
    if (step !== this.#step) this.finish();
    this.#step = step;
    const text = this.#output.isTerminal ? barText({ step, done, total }) : tenthText({ step, done, total });
    if (text === this.#shown) return;
    this.#shown = text;
    if (!this.#output.isTerminal) this.#output.note(text);
    else this.#output.overwrite(oneLine(text, this.#output.columns - 1));
  }

  /** Takes the bar off the screen. */
  finish(): void {
    if (this.#step !== null && this.#output.isTerminal) this.#output.overwrite(null);
    this.#step = null;
    this.#shown = "";
  }
}

function barText({ step, done, total }: Progress): string {
  if (total === null || total <= 0) return `${step} ...`;
  const filled = Math.min(WIDTH, Math.floor((done / total) * WIDTH));
  const bar = `${"█".repeat(filled)}${"░".repeat(WIDTH - filled)}`;
  return `${step} ${bar} ${megabytes(done)} of ${megabytes(total)}`;
}

function tenthText({ step, done, total }: Progress): string {
  if (total === null || total <= 0) return step;
  const percent = Math.floor((done / total) * TENTH) * TENTH;
  return `${step}: ${String(Math.min(100, percent))} % of ${megabytes(total)}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
