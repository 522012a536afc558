/**
 * Owns what a model says to a request, given the lines of a plan: the rest of an answer that was cut, the answer behind a
 * tool's result, or the beginning. It reads conversations in the form of Chat Completions.
 */
import type { ChaosPlan, Habit, Line } from "./chaos-plan.ts";

/** A message, as far as the model looks at it. */
export interface SeenMessage {
  readonly role: string;
  readonly content: unknown;
  readonly tool_calls?: unknown;
}

/** What is said, and the tool that is called behind it. */
export interface ToldAnswer {
  readonly line: Line;
  readonly thought: string | null;
  readonly text: string;
  readonly call: { readonly id: string; readonly note: string } | null;
}

/** Answers come in pieces of this many UTF-16 units: they cut through characters beyond the basic plane. */
export const CHUNK = 7;

/** So much of what it said a model repeats that overlaps. Characters. */
const OVERLAP = 40;

/** The line that was asked for last. @throws Error when no line was asked for: the request is not of this plan. */
export function lineAskedFor(plan: ChaosPlan, messages: readonly SeenMessage[]): Line {
  const asked = messages.filter(({ role }) => role === "user").flatMap(markersIn);
  const line = plan.lines.get(asked.at(-1) ?? 0);
  if (line === undefined) throw new Error(`No line was asked for in ${JSON.stringify(messages.at(-1))}.`);
  return line;
}

/** What the model says now. One that is shown its own beginning as its own turn can only go on from there. */
export function toldAnswer(plan: ChaosPlan, messages: readonly SeenMessage[]): ToldAnswer {
  const line = lineAskedFor(plan, messages);
  const since = messages.slice(messages.findLastIndex((message) => markersIn(message).includes(line.number)) + 1);
  const isAfterTool = since.some(({ role }) => role === "tool");
  const callsNow = line.call !== null && !isAfterTool;
  const whole = callsNow ? (line.call?.preface ?? "") : line.text;
  const id = `call_${line.number}`;
  const said = saidOf(whole, since);
  return {
    line,
    // Who goes on with an answer has thought already.
    thought: said === "" ? line.thought : null,
    text: restOf(whole, said, since.at(-1)?.role === "assistant" ? "exact" : line.habit),
    call: callsNow ? { id, note: line.call?.note ?? "" } : null,
  };
}

/**
 * The text as far as the output limit lets it come. A tool call behind it does not come at all. No limit is so low that
 * not even the words a model repeats fit in: who is asked to go on could then not tell them from new ones.
 */
export function cutByLimit(text: string, share: number): string {
  return text.slice(0, Math.max(2 * OVERLAP, Math.ceil(text.length * share)));
}

/** How much of `whole` the model finds said already. */
function saidOf(whole: string, since: readonly SeenMessage[]): string {
  const last = since.findLast(({ role, tool_calls: calls }) => role === "assistant" && calls === undefined);
  const said = last === undefined ? "" : textIn(last.content);
  return whole.startsWith(said) ? said : "";
}

function restOf(whole: string, said: string, habit: Habit): string {
  if (said === "" || habit === "restarts") return whole;
  return whole.slice(habit === "exact" ? said.length : Math.max(0, said.length - OVERLAP));
}

function markersIn(message: SeenMessage): number[] {
  return [...textIn(message.content).matchAll(/\[say (\d+)\]/g)].map(([, number]) => Number(number));
}

function textIn(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: { readonly text?: unknown }) => (typeof part.text === "string" ? part.text : "")).join("");
}
