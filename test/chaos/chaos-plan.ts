/**
 * Owns what a run of chaos consists of: what the model is to say when it is asked for line `[say n]`, what goes wrong with
 * each of its answers, and what the person does meanwhile. All of it follows from one seed.
 */
import { Random } from "./random.ts";

/** The kinds of what goes wrong with an answer. */
export type FaultKind =
  | "none"
  | "refused_connection"
  | "server_error"
  | "overloaded"
  | "rate_limited"
  | "no_json"
  | "late"
  | "drips"
  | "truncated"
  | "ended_early"
  | "output_limit"
  | "error_frame"
  | "malformed_frame";

/** What goes wrong with one answer. `share`, from 0 to 1: how far into the answer, or how much of it. */
export interface Fault {
  readonly kind: FaultKind;
  readonly share: number;
}

/** How a model goes on that is asked for the rest of an answer and takes no prefill. */
export type Habit = "exact" | "overlaps" | "restarts";

/** What the model says to `[say n]`: a whole text, and before it a call of the tool, which has a preface of its own. */
export interface Line {
  readonly number: number;
  /** What the model thinks before each of its answers; null when it does not. */
  readonly thought: string | null;
  readonly text: string;
  readonly call: { readonly preface: string; readonly note: string } | null;
  readonly habit: Habit;
  /** Of its answers in order; those beyond are not disturbed. */
  readonly faults: readonly Fault[];
}

/** What the person does once `afterDeltas` pieces of the answer were shown. */
export type Interference =
  | { readonly kind: "stop"; readonly mode: "graceful" | "immediate" | "break"; readonly afterDeltas: number }
  | {
      readonly kind: "steer";
      readonly mode: "next" | "now" | "after";
      readonly afterDeltas: number;
      readonly line: number;
    };

/** One turn: the line it asks for, and what happens meanwhile. */
export interface PlannedTurn {
  readonly line: Line;
  readonly interference: Interference | null;
}

/** A whole run. `lines` by number. */
export interface ChaosPlan {
  readonly turns: readonly PlannedTurn[];
  readonly lines: ReadonlyMap<number, Line>;
}

/** How a plan is made. `faults`: the kinds that the server of this run can do. */
export interface PlanOptions {
  readonly seed: number;
  readonly turns: number;
  readonly faults: readonly [FaultKind, ...FaultKind[]];
  /** The model may think first. */
  readonly thinks: boolean;
  /** Share of turns in which the person stops or steers. */
  readonly interference: number;
}

/** Draws up a run. */
export function planChaos({ seed, turns, faults, thinks, interference }: PlanOptions): ChaosPlan {
  const random = new Random(seed);
  const lines = new Map<number, Line>();
  const newLine = (): Line => {
    const line = lineOf(lines.size + 1, { faults, thinks }, random);
    lines.set(line.number, line);
    return line;
  };
  const planned = Array.from({ length: turns }, (): PlannedTurn => {
    const line = newLine();
    if (!random.chance(interference)) return { line, interference: null };
    const afterDeltas = random.integer(1, 12);
    if (random.chance(0.5)) {
      return { line, interference: { kind: "stop", mode: random.of(["graceful", "immediate", "break"]), afterDeltas } };
    }
    const mode = random.of(["next", "now", "after"] as const);
    return { line, interference: { kind: "steer", mode, afterDeltas, line: newLine().number } };
  });
  return { turns: planned, lines };
}

/** The words with which line `n` is asked for. */
export function asking(line: number): string {
  return `Please [say ${line}].`;
}

function lineOf(number: number, model: Pick<PlanOptions, "faults" | "thinks">, random: Random): Line {
  const call = random.chance(0.4)
    ? { preface: textOf(`${number}a`, random.integer(2, 8), random), note: textOf(`${number}n`, 12, random) }
    : null;
  const faults = Array.from({ length: random.integer(0, 3) }, (): Fault => ({
    kind: random.of(model.faults),
    share: random.next(),
  }));
  const text = textOf(`${number}b`, random.integer(3, 60), random);
  const thought = random.chance(0.5) && model.thinks ? textOf(`${number}t`, random.integer(2, 12), random) : null;
  return { number, thought, text, call, habit: random.of(["exact", "overlaps", "restarts"]), faults };
}

const WORDS = [
  "stream",
  "naïve",
  "日本語",
  "🙂",
  "👩‍👩‍👧",
  '"quoted"',
  "back\\slash",
  "`code`",
  "\n\n```ts\nconst",
  "—",
  "Grüße",
] as const;

/** Every word has a number of its own, so that a piece that is missing, doubled or out of place shows. */
function textOf(name: string, words: number, random: Random): string {
  const pieces = Array.from({ length: words }, (_, n) => `${random.of(WORDS)}${n}`);
  return `Line ${name}: ${pieces.join(" ")}.`;
}
