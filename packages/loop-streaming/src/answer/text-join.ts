/**
 * Owns where the text of a continuation joins the text that was cut: what the model says twice is not shown twice. Pure
 * but for the clock; it holds at most what it needs to decide.
 */
import { type Clock, LLMError } from "amplifier-core";

/** Takes the continuation's text as it comes and gives what is to be shown of it. */
export interface TextJoin {
  /** What may be shown now; empty while it is not clear. Throws LLMError `StreamError` when it is another answer. */
  take(delta: string): string;
  /** What is left when the text is over. */
  end(): string;
}

/** An overlap is at least so many characters, or the whole text when that is shorter. */
const MIN_OVERLAP = 20;
/** So many characters, or milliseconds, the beginning is held at most. */
const MAX_HELD = 400;
const MAX_HELD_MS = 2000;

/**
 * Joins text that the model went on writing itself (a prefill). It was given the text without its trailing `space`, so it
 * begins with that, or with less or more of it.
 */
export function joinAfterPrefill(space: string): TextJoin {
  let lead: string | null = "";
  const decide = (text: string, isOver: boolean): string => {
    const held = `${lead ?? ""}${text}`;
    const rest = held.trimStart();
    if (rest === "" && !isOver) {
      lead = held;
      return "";
    }
    lead = null;
    const own = held.slice(0, held.length - rest.length);
    return own.startsWith(space) ? held.slice(space.length) : rest;
  };
  return {
    take: (delta) => (lead === null ? delta : decide(delta, false)),
    end: () => (lead === null || lead === "" ? "" : decide("", true)),
  };
}

/**
 * Joins text that the model was asked to go on with. Its beginning is compared with `before`: an overlap with its end is
 * dropped, a restart is followed silently while it is the same. Where the end of `before` repeats itself an overlap says
 * nothing, and all is shown.
 */
export function joinAfterInstruction(before: string, clock: Clock): TextJoin {
  return new OverlapJoin(before, clock);
}

class OverlapJoin implements TextJoin {
  readonly #before: string;
  readonly #clock: Clock;
  readonly #minimum: number;
  readonly #startedMs: number;
  #held = "";
  #phase: "deciding" | "restarted" | "through" = "deciding";

  constructor(before: string, clock: Clock) {
    this.#before = before;
    this.#clock = clock;
    this.#minimum = Math.min(MIN_OVERLAP, before.length);
    this.#startedMs = clock.now();
    if (before === "") this.#phase = "through";
  }

  take(delta: string): string {
    if (this.#phase === "through") return delta;
    this.#held += delta;
    if (this.#phase === "restarted") return this.#follow();
    const isLate = this.#held.length >= MAX_HELD || this.#clock.now() - this.#startedMs >= MAX_HELD_MS;
    return this.#decide(isLate);
  }

  end(): string {
    if (this.#phase === "through") return "";
    // A restart that is over before it came to where it was cut has brought nothing new.
    return this.#phase === "restarted" ? "" : this.#decide(true);
  }

  #decide(isLast: boolean): string {
    const held = this.#held;
    const same = sharedStart(held, this.#before);
    const mayRestart = same === held.length && same < this.#minimum;
    if (!isLast && (mayRestart || this.#mayOverlap())) return "";
    if (same >= this.#minimum && !repeats(this.#before)) return this.#restart();
    return this.#show(held.slice(this.#overlap()));
  }

  #restart(): string {
    this.#phase = "restarted";
    return this.#follow();
  }

  #follow(): string {
    const { length } = this.#before;
    const same = this.#held.slice(0, length);
    if (!this.#before.startsWith(same)) {
      // A text that ends as it began: what looked like a restart was an overlap.
      const overlap = this.#overlap();
      if (overlap > 0) return this.#show(this.#held.slice(overlap));
      const message = "The model was asked to go on with its answer and began another one instead.";
      throw new LLMError("StreamError", message);
    }
    return this.#held.length < length ? "" : this.#show(this.#held.slice(length));
  }

  #show(text: string): string {
    this.#phase = "through";
    this.#held = "";
    return text;
  }

  /** With what is to come, a longer end of the text before may be the beginning of this one. All of it would be a restart. */
  #mayOverlap(): boolean {
    for (let length = Math.min(this.#longest(), this.#before.length - 1); length > this.#held.length; length--) {
      if (this.#before.startsWith(this.#held, this.#before.length - length)) return true;
    }
    return false;
  }

  /** Characters of the beginning that the text before ends with; 0 when there are too few, or it could be chance. */
  #overlap(): number {
    const longest = Math.min(this.#longest(), this.#held.length);
    for (let length = longest; length >= this.#minimum; length--) {
      const shared = this.#held.slice(0, length);
      if (this.#before.endsWith(shared)) return repeats(shared) ? 0 : length;
    }
    return 0;
  }

  #longest(): number {
    return Math.min(this.#before.length, MAX_HELD);
  }
}

/** So many characters two texts begin with alike. */
function sharedStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

/** Whether a text is one piece at least twice over ("ha ha ha h"): an overlap of any length would look the same. */
function repeats(text: string): boolean {
  for (let period = 1; period <= text.length / 2; period++) {
    if (text.startsWith(text.slice(period))) return true;
  }
  return false;
}
