/**
 * Owns who handles which event, in which order. Handlers get a frozen copy of the payload; one that fails never breaks the
 * emit: it is reported, and denies if it said so. It publishes nothing.
 */
import { AmplifierError } from "../errors/amplifier-error.ts";
import type { EventMap, EventType } from "../events/event-map.ts";
import { frozenCopy } from "../events/frozen-copy.ts";
import type { Decision, HookFields, HookHandler, HookOptions } from "../ports/hook-registry.ts";
import type { StopLimit } from "../stop-limit.ts";
import { isHookResult, noHookResult } from "./check-hook-result.ts";
import { DecisionBuilder } from "./decision-builder.ts";
import { askHandler, type HandlerEntry, type Outcome, runHandlers, type WaitedHook } from "./run-handlers.ts";

/** What one run of the handlers needs beside the payload. */
export interface HandlerRun {
  readonly fields: HookFields;
  readonly signal: AbortSignal;
  /** Told of every handler that failed, hung, or answered what has no effect here. */
  readonly report: (message: string, hook: string) => void;
}

/** Handlers by event, ordered by priority and then by registration. */
export class HandlerTable {
  readonly #byEvent = new Map<EventType, readonly HandlerEntry[]>();
  /** Who was named as skipped already: one stop may skip a handler a thousand times. */
  readonly #named = new WeakMap<AbortSignal, Set<string>>();
  readonly #waiting = new Set<WaitedHook>();
  #unnamed = 0;

  register<K extends EventType>(event: K, handler: HookHandler<K>, options: HookOptions = {}): () => void {
    checkRegistration(event, handler, options);
    const entry: HandlerEntry = {
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

  /** Remembers who is registered now; the returned function makes it so again. */
  checkpoint(): () => void {
    const before = new Map(this.#byEvent);
    return () => {
      for (const event of this.#byEvent.keys()) this.#set(event, before.get(event) ?? []);
      for (const [event, entries] of before) this.#set(event, entries);
    };
  }

  has(event: EventType): boolean {
    return this.#byEvent.has(event);
  }

  /** Whose answers are waited for now, the longest first. */
  waiting(): readonly WaitedHook[] {
    return [...this.#waiting];
  }

  /** Runs the handlers of `type` to their decision, at once where they answer at once. Never throws, never rejects. */
  run<K extends EventType>(type: K, data: EventMap[K], run: HandlerRun): Decision<K> | Promise<Decision<K>> {
    const { signal, report } = run;
    const told = (entry: HandlerEntry, outcome: Outcome): void => this.#tell(entry, outcome, { type, ...run });
    return runHandlers(this.#entries(type), new DecisionBuilder(type, data, run), {
      type,
      signal,
      report,
      told,
      waiting: this.#waiting,
    });
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
    { report, limit }: Pick<HandlerRun, "report"> & { readonly limit: () => StopLimit },
  ): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const collected: Readonly<Record<string, unknown>>[] = [];
    const shown = frozenCopy(data);
    for (const entry of this.#entries(type)) {
      const { signal, clear } = limit();
      const outcome = await askHandler(entry, shown, { type, signal, report, waiting: this.#waiting });
      clear();
      if (outcome.kind !== "answered") report(outcome.message, entry.name);
      else if (!isHookResult(outcome.result ?? {})) report(noHookResult(entry.name, type), entry.name);
      else if (outcome.result?.data) collected.push(outcome.result.data);
    }
    return collected;
  }

  #tell({ name }: HandlerEntry, outcome: Outcome, run: HandlerRun & { readonly type: EventType }): void {
    if (outcome.kind === "answered") return;
    if (outcome.kind === "skipped" && !this.#isNews(`${run.type} ${name}`, run.signal)) return;
    run.report(outcome.message, name);
  }

  #isNews(hook: string, signal: AbortSignal): boolean {
    const named = this.#named.get(signal) ?? new Set();
    this.#named.set(signal, named);
    if (named.has(hook)) return false;
    named.add(hook);
    return true;
  }

  #entries(event: EventType): readonly HandlerEntry[] {
    return this.#byEvent.get(event) ?? [];
  }

  #set(event: EventType, entries: readonly HandlerEntry[]): void {
    if (entries.length === 0) this.#byEvent.delete(event);
    else this.#byEvent.set(event, entries);
  }
}

const OPTIONS: ReadonlySet<string> = new Set(["priority", "name", "onError"] satisfies (keyof HookOptions)[]);

// In plain JavaScript nothing else would say so, and a policy with a typo would allow everything.
function checkRegistration(event: unknown, handler: unknown, options: HookOptions): void {
  const where = `hook ${JSON.stringify(options.name ?? "without a name")} for ${JSON.stringify(event)}`;
  if (typeof event !== "string" || !/^[a-z_]+:[a-z_]+$/.test(event))
    throw refused(`The event of ${where} is no name of one; it looks like "tool:pre".`);
  if (typeof handler !== "function") throw refused(`The handler of ${where} is ${typeof handler}, must be a function.`);
  const unknown = Object.keys(options).find((key) => !OPTIONS.has(key));
  if (unknown !== undefined)
    throw refused(`"${unknown}" is no option of ${where}; known are ${[...OPTIONS].join(", ")}.`);
  const { onError = "skip", priority = 0 } = options;
  if (onError !== "skip" && onError !== "deny")
    throw refused(`onError of ${where} is ${JSON.stringify(onError)}, must be "skip" or "deny".`);
  if (!Number.isFinite(priority))
    throw refused(`priority of ${where} is ${JSON.stringify(priority)}, must be a number.`);
}

function refused(message: string): AmplifierError<"mount_failed"> {
  return new AmplifierError("mount_failed", message, { data: { point: "hooks" } });
}
