/**
 * Owns what counts as a hook result: which fields, of which type, and which new payloads an event can take. Anything else
 * is nonsense, and nonsense denies.
 */
import type { EventType } from "../events/event-map.ts";
import { isRecord } from "../is-record.ts";
import { isEmptyPrompt, type Prompt } from "../messages/content-block.ts";
import type { HookResult } from "../ports/hook-registry.ts";

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isName: Check = (value) => isText(value) && value !== "";
const isFlag: Check = (value) => typeof value === "boolean";
const isSeconds: Check = (value) => Number.isFinite(value) && (value as number) >= 0;
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string);

const isRole = oneOf("system", "user", "assistant");
const isInjection: Check = (value) =>
  isRecord(value) &&
  isText(value["content"]) &&
  fieldsFit(value, { role: isRole, ephemeral: isFlag, append_to_last_tool_result: isFlag });

const FIELDS: Readonly<Record<keyof HookResult, Check>> = {
  action: oneOf("continue", "deny", "modify", "inject_context", "ask_user"),
  data: isRecord,
  reason: isText,
  context_injection: isText,
  context_injection_role: isRole,
  ephemeral: isFlag,
  append_to_last_tool_result: isFlag,
  context_injections: (value) => Array.isArray(value) && value.every(isInjection),
  approval_prompt: isText,
  approval_options: (value) => Array.isArray(value) && value.length > 0 && value.every(isText),
  approval_timeout: isSeconds,
  approval_default: oneOf("allow", "deny"),
  suppress_output: isFlag,
  user_message: isText,
  user_message_level: oneOf("info", "warning", "error"),
  user_message_source: isText,
};

const PAYLOADS: { readonly [K in EventType]?: Check } = {
  "prompt:submit": (data) => isRecord(data) && isPrompt(data["prompt"]),
  "provider:request": (data) => isRecord(data) && (data["model"] === null || isName(data["model"])),
  "tool:pre": (data) => isRecord(data) && isRecord(data["tool_input"]),
  "tool:post": (data) => isRecord(data) && data["result"] !== undefined,
};

/**
 * Whether `value` is a hook result, and one that `type` can act on where it is to act. Unknown fields are let be; null is as
 * good as absent.
 */
export function isHookResult(value: unknown, type?: EventType): value is HookResult {
  // A Map or a Date has no fields of its own, and is no empty answer.
  if (!isRecord(value) || Symbol.iterator in value || value instanceof Date || !fieldsFit(value, FIELDS)) return false;
  if (type === undefined || value["action"] !== "modify") return true;
  return isRecord(value["data"]) && (PAYLOADS[type]?.(value["data"]) ?? true);
}

/** What names the thing an event is about: no handler changes it, whatever it hands on. */
const FIXED: { readonly [K in EventType]?: readonly string[] } = {
  "tool:pre": ["tool_name", "tool_call_id", "parallel_group_id"],
  "tool:post": ["tool_name", "tool_call_id", "parallel_group_id"],
};

/** A new payload with what no handler changes; a string names the field that contradicts it. */
export function withFixed(type: EventType, data: object, original: object): object | string {
  const fixed: Record<string, unknown> = {};
  for (const field of FIXED[type] ?? []) {
    const was = (original as Record<string, unknown>)[field];
    const given = (data as Record<string, unknown>)[field];
    if (given !== undefined && given !== was) return field;
    fixed[field] = was;
  }
  return { ...data, ...fixed };
}

/** What people are told about an answer that is none. */
export function noHookResult(hook: string, type: EventType): string {
  return `Hook "${hook}" answered "${type}" with something that is no hook result.`;
}

function fieldsFit(value: Readonly<Record<string, unknown>>, checks: Readonly<Record<string, Check>>): boolean {
  return Object.entries(checks).every(([field, fits]) => {
    const given = value[field];
    return given === undefined || given === null || fits(given);
  });
}

function isPrompt(value: unknown): boolean {
  return (typeof value === "string" || Array.isArray(value)) && !isEmptyPrompt(value as Prompt);
}
