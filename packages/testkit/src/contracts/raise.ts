/**
 * Owns the event that the hook suite raises, and how it waits for the decision. A tool call is used because handlers may do
 * anything to it.
 */
import type { Decision, EmitOptions, EventMap, HookRegistry, HookResult } from "amplifier-core";
import { demandEqual, resolved, type Wait } from "./demand.ts";

/** The payload of the event. */
export type Payload = EventMap["tool:pre"];

/** What is raised unless a test says otherwise. */
export const PAYLOAD: Payload = Object.freeze({
  tool_name: "look",
  tool_call_id: "call_1",
  parallel_group_id: "group_1",
  tool_input: Object.freeze({ path: "a.txt", list: Object.freeze([1, 2]) }),
  decision: "run",
});

/** How an event is raised in a test. */
export interface Raised extends EmitOptions<"tool:pre"> {
  readonly timeoutMs: number;
  readonly data?: Payload;
}

/** Raises `tool:pre`. @throws Error when the emit rejects, or does not settle in time. */
export function raise(
  hooks: HookRegistry,
  { timeoutMs, data = PAYLOAD, ...options }: Raised,
): Promise<Decision<"tool:pre">> {
  const emitted = (async () => hooks.emit("tool:pre", data, options))();
  return resolved(emitted, emitting(timeoutMs));
}

/** The wait for an emit. */
export function emitting(timeoutMs: number): Wait {
  const advice = "Report a handler that fails and go on; never let it break or hold up the emit.";
  return { what: "emit to resolve", timeoutMs, advice };
}

/** Registers a handler of `tool:pre` that gives `answer`, whatever it is. */
export function answers(hooks: HookRegistry, answer: unknown, name = "hook"): void {
  hooks.register("tool:pre", () => answer as HookResult, { name });
}

/** What a decision is compared by: every field a loop acts on. */
export type DecisionParts = Partial<Omit<Decision<"tool:pre">, "data">> & { readonly data?: unknown };

/** @throws Error unless the decision has these fields; `data`, injections and messages are the unchanged ones by default. */
export function demandDecision(decision: Decision<"tool:pre">, wanted: DecisionParts, advice: string): void {
  const { action, data, modified, injections, messages, ...rest } = decision;
  const all = { action: "continue", data: PAYLOAD, modified: false, injections: [], messages: [], ...wanted };
  const named = Object.fromEntries(
    Object.keys(wanted)
      .filter((key) => key in rest)
      .map((key) => [key, rest[key as keyof typeof rest]]),
  );
  demandEqual({ action, data, modified, injections, messages, ...named }, all, { what: "the decision", advice });
}
