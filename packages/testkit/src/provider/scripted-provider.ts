/**
 * Owns a model that says what a test wrote down, and nothing else: a call the script does not have fails, and so does a
 * script that was not played to its end. It listens to its signal as a real provider does, unless a part is deaf.
 */
import {
  type ChatRequest,
  LLMError,
  looseCopy,
  type ModelInfo,
  type Provider,
  type ProviderEvent,
  type ProviderInfo,
} from "amplifier-core";
import { gate } from "../gate.ts";
import type { AnswerPart } from "./answer-part.ts";
import { type Answer, answer, type AnswerStep } from "./answer.ts";

/** One call the provider got, and how far its answer was read. */
export interface RecordedCall {
  readonly request: ChatRequest;
  readonly signal: AbortSignal;
  /** Network reads the caller has taken. */
  reads: number;
  /** The answer was read to its end, thrown, or left by the caller. */
  over: boolean;
}

/** What a scripted provider is besides its script. */
export interface ScriptedProviderOptions {
  readonly name?: string;
  readonly priority?: number;
  readonly info?: Partial<ProviderInfo>;
}

/** Plays one answer a call, in order. A part given alone is an answer of that one part. */
export class ScriptedProvider implements Provider {
  readonly name: string;
  readonly priority?: number;
  readonly calls: RecordedCall[] = [];
  readonly #info: ProviderInfo;
  readonly #script: Answer[];
  readonly #unscripted: string[] = [];

  constructor(script: readonly (Answer | AnswerPart)[], options: ScriptedProviderOptions = {}) {
    this.name = options.name ?? "scripted";
    if (options.priority !== undefined) this.priority = options.priority;
    this.#info = { id: this.name, displayName: "Scripted", defaultModel: "scripted-1", ...options.info };
    this.#script = script.map(toAnswer);
  }

  /** The requests so far, oldest first: copies, as they were when they came. */
  get requests(): readonly ChatRequest[] {
    return this.calls.map(({ request }) => request);
  }

  /** Appends to the script. */
  add(...script: readonly (Answer | AnswerPart)[]): void {
    this.#script.push(...script.map(toAnswer));
  }

  /** Forgets the answers nobody has asked for yet: a stopped turn leaves them behind. */
  dropRest(): void {
    this.#script.length = Math.min(this.#script.length, this.calls.length);
  }

  getInfo(): ProviderInfo {
    return this.#info;
  }

  listModels(): Promise<readonly ModelInfo[]> {
    return Promise.resolve([{ id: "scripted-1" }]);
  }

  /** @throws LLMError `InvalidRequestError` at once, when the script has no answer for this call. */
  stream(request: ChatRequest, { signal }: { readonly signal: AbortSignal }): AsyncIterable<readonly ProviderEvent[]> {
    const played = this.#script[this.calls.length];
    const call: RecordedCall = { request: looseCopy(request), signal, reads: 0, over: false };
    this.calls.push(call);
    if (played !== undefined) return play(played.steps, call);
    call.over = true;
    const message = `Call ${this.calls.length} of provider "${this.name}" is not in its script of ${this.#script.length}.`;
    this.#unscripted.push(message);
    throw new LLMError("InvalidRequestError", message, { provider: this.name });
  }

  /** @throws Error when a call was not scripted or an answer was never asked for. */
  assertDone(): void {
    const left = this.#script.length - this.calls.length;
    const problems = [...this.#unscripted];
    if (left > 0) problems.push(`Provider "${this.name}" was never asked for the last ${left} of its answers.`);
    if (problems.length > 0) throw new Error(problems.join(" "));
  }
}

function toAnswer(part: Answer | AnswerPart): Answer {
  return "kind" in part && part.kind === "answer" ? part : answer(part);
}

async function* play(steps: readonly AnswerStep[], call: RecordedCall): AsyncGenerator<readonly ProviderEvent[]> {
  try {
    for (const step of steps) {
      if (call.signal.aborted && !(step.kind === "hangs" && step.deaf)) throw aborted();
      if (step.kind === "breaks_off") return;
      if (step.kind === "read") {
        call.reads++;
        yield step.events;
      } else await wait(step, call.signal);
    }
  } finally {
    call.over = true;
  }
}

async function wait(step: Exclude<AnswerStep, { kind: "read" | "breaks_off" }>, signal: AbortSignal): Promise<void> {
  if (step.kind === "fails") throw step.error;
  const held = step.kind === "gate" ? step.gate : gate();
  const deaf = step.kind === "hangs" && step.deaf;
  await held.pass(deaf ? undefined : signal).catch(() => {
    throw aborted();
  });
}

function aborted(): LLMError {
  return new LLMError("AbortError", "The request was aborted.");
}
