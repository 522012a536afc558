/**
 * Owns which call a fragment belongs to. OpenAI numbers its calls; other servers send ids only, or nothing at all, or the
 * same number for every call. Calls are kept in the order in which they began.
 */
import { ownCallId } from "../../http/own-call-id.ts";
import type { ToolCallFragment } from "./chat-wire.ts";
import { PendingToolCall } from "./tool-call.ts";

/** The calls of one answer. */
export class PendingToolCalls implements Iterable<PendingToolCall> {
  readonly #calls: PendingToolCall[] = [];
  readonly #byIndex = new Map<number, PendingToolCall>();
  readonly #seed: string;

  /** `seed` makes the ids of calls that come without one: the same for the same answer, another for the next. */
  constructor(seed: string) {
    this.#seed = seed;
  }

  /** How many calls have begun. */
  get size(): number {
    return this.#calls.length;
  }

  [Symbol.iterator](): Iterator<PendingToolCall> {
    return this.#calls[Symbol.iterator]();
  }

  /** The call this fragment continues or begins. */
  of(fragment: ToolCallFragment, answerId: string): PendingToolCall {
    const id = fragment.id ?? "";
    const found = this.#find(fragment.index ?? null, id);
    const name = fragment.function?.name ?? "";
    const hasArguments = (fragment.function?.arguments ?? "") !== "";
    if (found !== undefined && !found.isFollowedBy({ id, name, hasArguments })) {
      found.addId(id);
      return found;
    }
    const call = new PendingToolCall(
      id,
      ownCallId("call_", { seed: this.#seed, answerId, number: this.#calls.length }),
    );
    this.#calls.push(call);
    if (typeof fragment.index === "number") this.#byIndex.set(fragment.index, call);
    return call;
  }

  #find(index: number | null, id: string): PendingToolCall | undefined {
    if (index !== null) return this.#byIndex.get(index);
    if (id === "") return this.#calls.at(-1);
    return this.#calls.find((call) => call.id === id);
  }
}
