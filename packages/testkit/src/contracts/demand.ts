/**
 * Owns how a contract check fails: an Error that says what was expected, what was seen and what to do. Also the only waits
 * of the suites, each with a bound.
 */
import { inspect, isDeepStrictEqual } from "node:util";

/** Both are sentences' parts: "Expected <expected>, but saw <seen>. <advice>" */
export interface Demand {
  readonly expected: string;
  readonly seen: unknown;
  /** What to do about it: a whole sentence. */
  readonly advice: string;
}

/** @throws Error unless `holds`. */
export function demand(holds: boolean, { expected, seen, advice }: Demand): asserts holds {
  if (!holds) throw new Error(`Expected ${expected}, but saw ${shown(seen)}. ${advice}`);
}

/** @throws Error when there is a `problem`: words that go on after "but". */
export function demandNothing(problem: string | undefined, { what, advice }: { what: string; advice: string }): void {
  if (problem !== undefined) throw new Error(`Expected ${what}, but ${problem}. ${advice}`);
}

/** @throws Error unless both are deeply the same plain data; it shows the first place where they differ. */
export function demandEqual(seen: unknown, wanted: unknown, { what, advice }: { what: string; advice: string }): void {
  if (isDeepStrictEqual(seen, wanted)) return;
  const difference = firstDifference(seen, wanted);
  const place = difference.path === "" ? "" : ` at ${difference.path}`;
  const expected = `${what}${place} to be ${shown(difference.wanted)}`;
  demand(false, { expected, seen: difference.seen, advice });
}

interface Difference {
  readonly path: string;
  readonly seen: unknown;
  readonly wanted: unknown;
}

function firstDifference(seen: unknown, wanted: unknown, path = ""): Difference {
  if (!isContainer(seen) || !isContainer(wanted) || Array.isArray(seen) !== Array.isArray(wanted)) {
    return { path, seen, wanted };
  }
  const keys = new Set([...Object.keys(wanted), ...Object.keys(seen)]);
  for (const key of keys) {
    if (isDeepStrictEqual(seen[key], wanted[key])) continue;
    const step = Array.isArray(seen) ? `[${key}]` : `${path === "" ? "" : "."}${key}`;
    return firstDifference(seen[key], wanted[key], `${path}${step}`);
  }
  return { path, seen, wanted };
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** How a promise ended. */
export type Settled<T> =
  | { readonly status: "fulfilled"; readonly value: T }
  | { readonly status: "rejected"; readonly reason: unknown };

/** What is waited for, and for how long. `what` goes into "Expected <what> within 2000 ms". */
export interface Wait {
  readonly what: string;
  readonly timeoutMs: number;
  readonly advice: string;
}

/** How `work` settles, whichever way. @throws Error when it does not in time. */
export async function settled<T>(work: T | PromiseLike<T>, { what, timeoutMs, advice }: Wait): Promise<Settled<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<null>((resolve) => {
    // A machine under load may be late itself: what has been done by then is seen first.
    timer = setTimeout(() => setImmediate(() => resolve(null)), timeoutMs);
  });
  const outcome = await Promise.race([Promise.allSettled([work]), timeout]);
  clearTimeout(timer);
  demand(outcome !== null, { expected: `${what} within ${timeoutMs} ms`, seen: new Unsaid("nothing"), advice });
  return outcome[0];
}

/** What `work` resolves with. @throws Error when it rejects, or does not settle in time. */
export async function resolved<T>(work: T | PromiseLike<T>, wait: Wait): Promise<T> {
  const outcome = await settled(work, wait);
  if (outcome.status === "fulfilled") return outcome.value;
  throw new Error(`Expected ${wait.what}, but saw ${shown(outcome.reason)} thrown. ${wait.advice}`, {
    cause: outcome.reason,
  });
}

/** What `work` rejects with. @throws Error when it resolves, or does not settle in time. */
export async function rejection(work: PromiseLike<unknown>, wait: Wait): Promise<unknown> {
  const outcome = await settled(work, wait);
  demand(outcome.status === "rejected", { expected: wait.what, seen: unsaidValue(outcome), advice: wait.advice });
  return outcome.reason;
}

/** Words that stand for themselves in a message, without quotes. */
export class Unsaid {
  readonly #words: string;

  constructor(words: string) {
    this.#words = words;
  }

  [inspect.custom](): string {
    return this.#words;
  }
}

function unsaidValue(outcome: Settled<unknown>): unknown {
  return outcome.status === "fulfilled" ? outcome.value : new Unsaid("nothing");
}

const LONGEST = 600;

function shown(value: unknown): string {
  const text =
    value instanceof Error
      ? `${value.name}: ${value.message}`
      : inspect(value, { depth: 8, compact: true, breakLength: Infinity, maxStringLength: 200 });
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}
