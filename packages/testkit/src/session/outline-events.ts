/**
 * Owns how events look in an assertion: without what differs from run to run (seq, ts, random ids), so that whole sequences
 * can be compared.
 */
import type { ContentBlock, Event, EventMap, EventType, Message, ToolResult } from "amplifier-core";

/** An event without its envelope; random ids are replaced by `group-1`, `request-1` ... in order of appearance. */
export interface NormalizedEvent {
  readonly type: EventType;
  readonly data: Readonly<Record<string, unknown>>;
}

const RANDOM_IDS: Readonly<Record<string, string>> = { parallel_group_id: "group", request_id: "request" };

/** The events with everything random named. */
export function normalizeEvents(events: readonly Event[]): readonly NormalizedEvent[] {
  const names = new Map<string, string>();
  const counts: Record<string, number> = {};
  const nameOf = (kind: string, id: string): string => {
    const known = names.get(id);
    if (known !== undefined) return known;
    counts[kind] = (counts[kind] ?? 0) + 1;
    const name = `${kind}-${counts[kind]}`;
    names.set(id, name);
    return name;
  };
  return events.map(({ type, data }) => {
    const named = Object.entries(data as Record<string, unknown>).map(([key, value]) => {
      const kind = RANDOM_IDS[key];
      return [key, kind === undefined || typeof value !== "string" ? value : nameOf(kind, value)];
    });
    return { type, data: Object.fromEntries(named) as Record<string, unknown> };
  });
}

/** One line an event, with what a reader of a test wants to know of it. */
export function outlineEvents(events: readonly Event[]): readonly string[] {
  return events.map(({ type, data }) => {
    const details = (DETAILS[type] as ((data: unknown) => readonly Detail[]) | undefined)?.(data) ?? [];
    return [type, ...details.filter((detail) => detail !== undefined && detail !== null && detail !== false)].join(" ");
  });
}

type Detail = string | number | false | null | undefined;

const quote = (value: unknown): string => JSON.stringify(value) ?? "";

const DETAILS: { readonly [K in EventType]?: (data: EventMap[K]) => readonly Detail[] } = {
  "execution:start": (data) => [quote(data.prompt)],
  "prompt:submit": (data) => [quote(data.prompt)],
  "prompt:complete": (data) => [data.status, quote(data.response)],
  "execution:end": (data) => [data.status, quote(data.response), data.finish_reason, data.limit, data.error?.type],
  "orchestrator:complete": (data) => [data.status, `turns=${data.turn_count}`, data.continued && "continued"],
  "orchestrator:rate_limit_delay": (data) => [`${data.delay_ms}ms`],
  "orchestrator:steering_injected": (data) => [data.mode, quote(data.content)],
  "orchestrator:steering_returned": (data) => [data.mode, quote(data.content), data.reason],
  "cancel:requested": (data) => [data.state],
  "cancel:completed": (data) => [data.was_immediate ? "immediate" : "graceful"],
  "user:notification": (data) => [data.level, data.message],
  "context:message": (data) => [outlineMessage(data.message)],
  "provider:request": (data) => [`#${data.iteration}`, data.max_reached && "wrap-up", data.again && "again"],
  "provider:retry": (data) => [`#${data.iteration}`, data.attempt, `${data.delay_ms}ms`, data.error.type],
  "provider:fallback": (data) => [data.from, data.to, data.error.type],
  "provider:response": (data) => [`#${data.iteration}`, data.finish_reason],
  "provider:error": (data) => [`#${data.iteration}`, data.error.type, data.recovered && "recovered"],
  "llm:stream_aborted": (data) => [data.error.type],
  "content_block:start": (data) => [
    data.block_index,
    data.block_type,
    data.tool_call_id,
    data.continues && "continues",
  ],
  "content_block:delta": (data) => [data.block_index, quote(data.delta)],
  "content_block:end": (data) => [data.block_index, outlineBlock(data.block)],
  "tool:pre": (data) => [data.tool_call_id, data.decision, quote(data.tool_input)],
  "tool:post": (data) => [data.tool_call_id, outlineResult(data.result)],
  "tool:error": (data) => [data.tool_call_id, data.error.type],
  "tool:progress": (data) => [data.tool_call_id, quote(data.progress)],
  "tool:late_result": (data) => [data.tool_call_id, outlineResult(data.result)],
  "approval:required": (data) => [data.hook_name, quote(data.prompt)],
  "approval:granted": (data) => [data.hook_name, data.choice],
  "approval:denied": (data) => [data.hook_name, data.choice ?? "no answer"],
};

function outlineResult({ success, output, error }: ToolResult): string {
  return success ? quote(output ?? null) : `failed: ${error?.message ?? quote(output)}`;
}

/** One line a message: its role, and what it says. */
export function outlineMessage(message: Message): string {
  const { role, content, tool_call_id } = message;
  const said = typeof content === "string" ? JSON.stringify(content) : content.map(outlineBlock).join(", ");
  return `${role}${tool_call_id === undefined ? "" : `(${tool_call_id})`}: ${said}`;
}

function outlineBlock(block: ContentBlock): string {
  const cut = block.interrupted ? " (interrupted)" : "";
  switch (block.type) {
    case "text":
      return `${JSON.stringify(block.text)}${cut}`;
    case "thinking":
      return `thinking ${JSON.stringify(block.thinking)}${cut}`;
    case "tool_call":
      return `call ${block.id} ${block.name}${JSON.stringify(block.input)}${cut}`;
    default:
      return `${block.type}${cut}`;
  }
}
