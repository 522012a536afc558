/**
 * Owns who handles which event, and running them: one after the other, by priority, each with a frozen copy of the
 * payload. It publishes nothing. A handler that fails never breaks the emit: it is reported, and denies if it said so.
 */
import { errorInfo } from "../errors/error-info.ts";
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

/** A signal that is aborted after some time, unless it is cleared. */
export interface BoundSignal {
  readonly signal: AbortSignal;
  readonly clear: () => void;
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
      const { signal, report } = run;
      const outcome = await call(entry, { type, shown, signal, report });
      if ("failed" in outcome) {
        run.report(outcome.failed, entry.name);
        if (entry.onError === "deny") builder.deny(outcome.failed, entry.name);
      } else builder.add(outcome.result, entry.name);
      if (builder.denied) break;
    }
    return builder.build();
  }

  /** Names of the handlers of one event, or of all, in the order they run. */
  list(event?: EventType): Readonly<Record<string, readonly string[]>> {
    const events = event === undefined ? [...this.#byEvent.keys()] : [event];
    return Object.fromEntries(events.map((each) => [each, this.#entries(each).map(({ name }) => name)]));
  }

  /** The data the handlers of `type` answer with, in order. `limit` makes the signal that bounds one handler. */
  async collect<K extends EventType>(
    type: K,
    data: EventMap[K],
    { report, limit }: Pick<HandlerRun, "report"> & { readonly limit: () => BoundSignal },
  ): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const collected: Readonly<Record<string, unknown>>[] = [];
    const shown = frozenCopy(data);
    for (const entry of this.#entries(type)) {
      const { signal, clear } = limit();
      const outcome = await call(entry, { type, shown, signal, report });
      clear();
      if ("failed" in outcome) report(outcome.failed, entry.name);
      else if (outcome.result?.data !== undefined) collected.push(outcome.result.data);
    }
    return collected;
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
  { handler, name }: Entry,
  given: { readonly type: EventType; readonly shown: object } & Pick<HandlerRun, "signal" | "report">,
): Promise<Outcome> {
  const { type, shown, signal, report } = given;
  const skipped = { failed: `Hook "${name}" had not answered "${type}" in time; it was skipped.` };
  if (signal.aborted) return skipped;
  try {
    const answer = handler(type, shown as never, { signal });
    if (!isThenable(answer)) return { result: answer ?? undefined };
    const late = (error: unknown): void => report(`Hook "${name}" failed late: ${errorInfo(error).msg}`, name);
    const result = await untilAborted(answer, signal, late);
    return result === ABORTED ? skipped : { result: result ?? undefined };
  } catch (error) {
    return { failed: `Hook "${name}" failed on "${type}": ${errorInfo(error).msg}` };
  }
}

function isThenable(value: unknown): value is Promise<HookResult | undefined | void> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
