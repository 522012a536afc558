/**
 * Owns who handles which event, and running them: one after the other, by priority, each with a frozen copy of the
 * payload. It publishes nothing. A handler that fails never breaks the emit: it is reported, and denies if it said so.
 */
import type { EventMap, EventType } from "../events/event-map.ts";
import { frozenCopy } from "../events/frozen-copy.ts";
import type { Decision, HookFields, HookHandler, HookOptions, HookResult } from "../ports/hook-registry.ts";
import { ABORTED, untilAborted } from "../until-aborted.ts";
import { DecisionBuilder } from "./decision-builder.ts";

/** A registered handler. */
interface Entry {
  readonly handler: HookHandler<EventType>;
  readonly priority: number;
  readonly name: string;
  readonly onError: "skip" | "deny";
}

/** What one run of the handlers needs beside the payload. */
export interface HandlerRun {
  readonly fields: HookFields;
  readonly signal: AbortSignal;
  /** Told of every handler that failed, hung, or answered what has no effect here. */
  readonly report: (message: string, hook: string) => void;
}

type Outcome = { readonly result: HookResult | undefined } | { readonly failed: string };

/** Handlers by event, ordered by priority and then by registration. */
export class HandlerTable {
  readonly #byEvent = new Map<EventType, readonly Entry[]>();
  #unnamed = 0;

  register<K extends EventType>(event: K, handler: HookHandler<K>, options: HookOptions = {}): () => void {
    const entry: Entry = {
      handler: handler as unknown as HookHandler<EventType>,
      priority: options.priority ?? 0,
      name: options.name ?? `hook-${++this.#unnamed}`,
      onError: options.onError ?? "skip",
    };
    // Copied on write: a run that is under way keeps the list it began with.
    this.#set(
      event,
      [...this.#entries(event), entry].toSorted((a, b) => a.priority - b.priority),
    );
    return () =>
      this.#set(
        event,
        this.#entries(event).filter((other) => other !== entry),
      );
  }

  has(event: EventType): boolean {
    return this.#byEvent.has(event);
  }

  /** Runs the handlers of `type` to their decision. Never rejects. */
  async run<K extends EventType>(type: K, data: EventMap[K], run: HandlerRun): Promise<Decision<K>> {
    const builder = new DecisionBuilder(type, data, run);
    let payload: object | undefined;
    let shown: object = {};
    for (const entry of this.#entries(type)) {
      // One frozen copy serves all handlers until one of them modifies the payload.
      if (payload !== builder.payload) {
        payload = builder.payload;
        shown = frozenCopy({ ...run.fields, ...payload, timestamp: run.fields.timestamp });
      }
      const outcome = await call(entry, { type, shown, run });
      if ("failed" in outcome) {
        run.report(outcome.failed, entry.name);
        if (entry.onError === "deny") builder.deny(outcome.failed, entry.name);
      } else builder.add(outcome.result, entry.name);
      if (builder.denied) break;
    }
    return builder.build();
  }

  #entries(event: EventType): readonly Entry[] {
    return this.#byEvent.get(event) ?? [];
  }

  #set(event: EventType, entries: readonly Entry[]): void {
    if (entries.length === 0) this.#byEvent.delete(event);
    else this.#byEvent.set(event, entries);
  }
}

async function call(
  entry: Entry,
  given: { readonly type: EventType; readonly shown: object; readonly run: HandlerRun },
): Promise<Outcome> {
  const { type, run } = given;
  const skipped = { failed: `Hook "${entry.name}" had not answered "${type}" when the turn stopped; it was skipped.` };
  if (run.signal.aborted) return skipped;
  try {
    const answer = entry.handler(type, given.shown as never, { signal: run.signal });
    if (!isThenable(answer)) return { result: answer ?? undefined };
    const late = (error: unknown): void => run.report(`Hook "${entry.name}" failed late: ${String(error)}`, entry.name);
    const result = await untilAborted(answer, run.signal, late);
    return result === ABORTED ? skipped : { result: result ?? undefined };
  } catch (error) {
    return {
      failed: `Hook "${entry.name}" failed on "${type}": ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

function isThenable(value: unknown): value is Promise<HookResult | undefined | void> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
