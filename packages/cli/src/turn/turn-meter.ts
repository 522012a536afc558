/**
 * Owns what is said about a turn after it: tokens, time to the first of them, and what cut it short. Watches the
 * turn's events and keeps a few numbers.
 */
import { addUsage, type Clock, type Event, NO_USAGE, type Usage } from "amplifier-core";

const LIMIT_ADVICE: Readonly<Record<string, string>> = {
  max_turns: 'the agent took as many steps as max_turns allows; raise it in the plan, or say "go on"',
  max_output_tokens: 'the model may write no more in one answer; say "go on" to have the rest',
  timeout: 'the turn took as long as timeout allows; raise it in the plan, or say "go on"',
};

/** Ends that are no limit of the plan: the answer is cut, and not by us. */
const CUT_BY_OTHERS: Readonly<Record<string, string>> = {
  content_filter: "The provider withheld the rest of the answer (content_filter).",
  refusal: "The model refused to answer, or to go on (refusal).",
  pause: 'The provider paused the answer before its end (pause); say "go on" to have the rest.',
};

/** Measures one turn, from its creation on. */
export class TurnMeter {
  readonly #clock: Clock;
  readonly #startedAt: number;
  #firstTokenAt: number | null = null;
  #model: string | null = null;
  #hasText = false;
  #end: Extract<Event, { type: "execution:end" }>["data"] | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  /** Takes one event in. */
  watch(event: Event): void {
    if (event.type === "content_block:delta") {
      this.#firstTokenAt ??= this.#clock.now();
      if (event.data.block_type === "text" && event.data.delta.trim() !== "") this.#hasText = true;
    } else if (event.type === "provider:response") this.#model = event.data.model;
    else if (event.type === "execution:end") this.#end = event.data;
  }

  /** `12 tokens in, 30 out, first token after 0.41 s, 1.20 s in all`; the model in front where it is known. */
  summary(): string {
    const usage = this.#end && addUsage(this.#end.usage, this.#end.estimated_usage ?? NO_USAGE);
    const parts = [
      ...(this.#model === null ? [] : [this.#model]),
      ...(usage === null || isUncounted(usage) ? [] : [usageText(usage)]),
      this.#firstTokenAt === null ? "no token" : `first token after ${seconds(this.#firstTokenAt - this.#startedAt)}`,
      `${seconds(this.#clock.now() - this.#startedAt)} in all`,
    ];
    return parts.join(", ");
  }

  /** One sentence when the turn went well and nothing was said in it; else null. */
  emptyNotice(): string | null {
    const isEmpty = this.#end?.status === "success" && !this.#hasText && this.#end.response.trim() === "";
    return isEmpty ? "The model answered nothing." : null;
  }

  /** One sentence when a limit ended the turn, or somebody else cut the answer; else null. */
  limitNotice(): string | null {
    if (this.#end === null) return null;
    const { status, limit, finish_reason } = this.#end;
    if (status !== "incomplete" && status !== "timeout") return null;
    const name = limit ?? (finish_reason === "length" ? "the model's output limit" : status);
    const cut = CUT_BY_OTHERS[name] ?? (limit === undefined ? CUT_BY_OTHERS[finish_reason ?? ""] : undefined);
    if (cut !== undefined) return cut;
    const advice = LIMIT_ADVICE[name];
    return advice === undefined ? `A limit ended the turn: ${name}.` : `A limit ended the turn: ${name} (${advice}).`;
  }
}

// Not every server counts, and a turn that was stopped early has no count either.
function isUncounted({ input_tokens, output_tokens }: Usage): boolean {
  return input_tokens === 0 && output_tokens === 0;
}

function usageText({ input_tokens, output_tokens, cache_read_tokens, reasoning_tokens, estimated }: Usage): string {
  const about = estimated === true ? "about " : "";
  const cached = (cache_read_tokens ?? 0) > 0 ? ` (${String(cache_read_tokens)} from cache)` : "";
  const reasoning = (reasoning_tokens ?? 0) > 0 ? ` (${String(reasoning_tokens)} thinking)` : "";
  return `${about}${String(input_tokens)} tokens in${cached}, ${String(output_tokens)} out${reasoning}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
