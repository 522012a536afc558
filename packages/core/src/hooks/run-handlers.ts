/**
 * Owns asking handlers one after the other until all have answered or one denies. As long as they answer at once it is one
 * synchronous call; it waits from the first promise on. It never throws and never rejects.
 */
import { errorInfo } from "../errors/error-info.ts";
import type { EventType } from "../events/event-map.ts";
import type { Decision, HookHandler, HookResult } from "../ports/hook-registry.ts";
import { ABORTED, untilAborted } from "../until-aborted.ts";
import type { DecisionBuilder } from "./decision-builder.ts";

/** A registered handler. */
export interface HandlerEntry {
  readonly handler: HookHandler<EventType>;
  readonly priority: number;
  readonly name: string;
  readonly onError: "skip" | "deny";
}

/** How a handler is asked. */
export interface Asked {
  readonly type: EventType;
  /** Frozen. */
  readonly shown: object;
  /** Once aborted nobody waits for an answer. */
  readonly signal: AbortSignal;
  readonly report: (message: string, hook: string) => void;
}

/** What came of asking one handler. */
export type Outcome =
  | { readonly kind: "answered"; readonly result: HookResult | undefined }
  | { readonly kind: "failed" | "skipped"; readonly message: string };

/** Asks `entries` in order; `told` hears of each one that did not answer. */
export function runHandlers<K extends EventType>(
  entries: readonly HandlerEntry[],
  builder: DecisionBuilder<K>,
  options: Omit<Asked, "shown"> & { readonly told: (entry: HandlerEntry, outcome: Outcome) => void },
): Decision<K> | Promise<Decision<K>> {
  const take = (entry: HandlerEntry, outcome: Outcome): void => {
    if (outcome.kind === "answered") return builder.add(outcome.result, entry.name);
    options.told(entry, outcome);
    if (entry.onError === "deny")
      builder.deny(outcome.message, { hook: entry.name, withdrawn: outcome.kind === "skipped" });
  };
  const from = (first: number): Decision<K> | Promise<Decision<K>> => {
    for (let n = first; n < entries.length && !builder.denied; n++) {
      const entry = entries[n] as HandlerEntry;
      const { type, signal, report } = options;
      const outcome = askHandler(entry, { type, shown: builder.shown, signal, report });
      if (outcome instanceof Promise) {
        return outcome.then((late) => {
          take(entry, late);
          return from(n + 1);
        });
      }
      take(entry, outcome);
    }
    return builder.build();
  };
  return from(0);
}

/** Asks one handler. */
export function askHandler({ handler, name }: HandlerEntry, asked: Asked): Outcome | Promise<Outcome> {
  const { type, shown, signal, report } = asked;
  const failed = (error: unknown): Outcome => ({
    kind: "failed",
    message: `Hook "${name}" failed on "${type}": ${errorInfo(error).msg}`,
  });
  const skipped: Outcome = {
    kind: "skipped",
    message: `Hook "${name}" had not answered "${type}" in time; it was skipped.`,
  };
  try {
    const answer = handler(type, shown as never, { signal });
    if (!isThenable(answer)) return { kind: "answered", result: answer ?? undefined };
    const late = (error: unknown): void => report(`Hook "${name}" failed late: ${errorInfo(error).msg}`, name);
    return untilAborted(answer, signal, late).then(
      (result) => (result === ABORTED ? skipped : { kind: "answered", result: result ?? undefined }),
      failed,
    );
  } catch (error) {
    return failed(error);
  }
}

function isThenable(value: unknown): value is Promise<HookResult | undefined | void> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
