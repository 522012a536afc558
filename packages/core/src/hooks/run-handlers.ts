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

/** A handler whose answer is waited for. */
export interface WaitedHook {
  readonly hook: string;
  readonly event: EventType;
}

/** How a handler is asked. */
export interface Asked {
  readonly type: EventType;
  /** Once aborted nobody waits for an answer. */
  readonly signal: AbortSignal;
  readonly report: (message: string, hook: string) => void;
  /** Who is waited for now. */
  readonly waiting: Set<WaitedHook>;
}

/** What came of asking one handler. */
export type Outcome =
  | { readonly kind: "answered"; readonly result: HookResult | undefined }
  | { readonly kind: "failed" | "skipped"; readonly message: string };

/** Asks `entries` in order; `told` hears of each one that did not answer. */
export function runHandlers<K extends EventType>(
  entries: readonly HandlerEntry[],
  builder: DecisionBuilder<K>,
  options: RunOptions,
): Decision<K> | Promise<Decision<K>> {
  return runFrom(0, { entries, builder, options, askers: [] });
}

/** How the handlers of one event are asked, and who hears of those that did not answer. */
export interface RunOptions extends Asked {
  readonly told: (entry: HandlerEntry, outcome: Outcome) => void;
}

interface Run<K extends EventType> {
  readonly entries: readonly HandlerEntry[];
  readonly builder: DecisionBuilder<K>;
  readonly options: RunOptions;
  /** Those that want a person to be asked. */
  readonly askers: HandlerEntry[];
}

function runFrom<K extends EventType>(first: number, run: Run<K>): Decision<K> | Promise<Decision<K>> {
  const { entries, builder, options } = run;
  for (let n = first; n < entries.length && !builder.denied; n++) {
    const entry = entries[n] as HandlerEntry;
    const outcome = askHandler(entry, builder.shown, options);
    if (outcome instanceof Promise) {
      return outcome.then((late) => {
        take(entry, late, run);
        return runFrom(n + 1, run);
      });
    }
    take(entry, outcome, run);
  }
  if (!builder.isOutdated) return builder.build();
  // What a person allows is what runs: whoever asked sees the payload as it is now, and may ask about that.
  builder.askAgain();
  return runFrom(0, { entries: run.askers, builder, options, askers: [] });
}

function take<K extends EventType>(entry: HandlerEntry, answer: Outcome, { builder, options, askers }: Run<K>): void {
  const { asked } = builder;
  const outcome = answer.kind === "answered" ? added(entry, answer.result, { builder, options }) : answer;
  if (builder.asked > asked) askers.push(entry);
  if (outcome === null) return;
  options.told(entry, outcome);
  if (entry.onError !== "deny") return;
  builder.deny(outcome.message, { hook: entry.name, withdrawn: outcome.kind === "skipped" });
}

/** Null when the answer could be taken. One that cannot be read (a getter that throws, a circle) is a failure of its hook. */
function added<K extends EventType>(
  entry: HandlerEntry,
  result: HookResult | undefined,
  { builder, options }: Pick<Run<K>, "builder" | "options">,
): Exclude<Outcome, { kind: "answered" }> | null {
  try {
    builder.add(result, entry.name);
    return null;
  } catch (error) {
    builder.deny(`Hook "${entry.name}" returned an invalid response`, { hook: entry.name, withdrawn: false });
    return failed(error, entry, options);
  }
}

/** Asks one handler. `shown` is frozen. */
export function askHandler(entry: HandlerEntry, shown: object, asked: Asked): Outcome | Promise<Outcome> {
  try {
    const answer = entry.handler(asked.type, shown as never, { signal: asked.signal });
    if (answer === undefined) return NOTHING;
    return isThenable(answer) ? awaitAnswer(answer, entry, asked) : { kind: "answered", result: answer ?? undefined };
  } catch (error) {
    return failed(error, entry, asked);
  }
}

function awaitAnswer(
  answer: Promise<HookResult | undefined | void>,
  entry: HandlerEntry,
  asked: Asked,
): Promise<Outcome> {
  const { name } = entry;
  const waited: WaitedHook = { hook: name, event: asked.type };
  asked.waiting.add(waited);
  const late = (error: unknown): void => asked.report(`Hook "${name}" failed late: ${errorInfo(error).msg}`, name);
  return untilAborted(answer, asked.signal, late).then(
    (result): Outcome => {
      asked.waiting.delete(waited);
      if (result !== ABORTED) return { kind: "answered", result: result ?? undefined };
      return { kind: "skipped", message: `Hook "${name}" had not answered "${asked.type}" in time; it was skipped.` };
    },
    (error: unknown) => {
      asked.waiting.delete(waited);
      return failed(error, entry, asked);
    },
  );
}

function failed(error: unknown, { name }: HandlerEntry, { type }: Asked): Exclude<Outcome, { kind: "answered" }> {
  return { kind: "failed", message: `Hook "${name}" failed on "${type}": ${errorInfo(error).msg}` };
}

/** Most handlers only watch. */
const NOTHING: Outcome = { kind: "answered", result: undefined };

function isThenable(value: unknown): value is Promise<HookResult | undefined | void> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
