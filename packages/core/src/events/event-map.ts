/**
 * Owns the vocabulary: every event name with its payload, in Amplifier's words (snake_case). `docs/events.md` is the
 * same list for readers. `EventMap` is open to declaration merging, so a module's own events are typed as well.
 */
import type { ErrorInfo } from "../errors/error-info.ts";
import type { FinishReason } from "../messages/chat.ts";
import type { ContentBlock, Prompt } from "../messages/content-block.ts";
import type { Message } from "../messages/message.ts";
import type { Usage } from "../messages/usage.ts";
import type { ToolResult } from "../tools/tool-result.ts";

/** How a turn ended. `incomplete`: a limit of the configuration ended it. */
export type TurnStatus = "success" | "incomplete" | "denied" | "cancelled" | "timeout" | "error";

/** What a delta is a fragment of. A `tool_call` delta is JSON text. */
export type StreamedBlockType = "text" | "thinking" | "tool_call";

/** What became of a tool call before it could run. */
export type ToolDecision = "run" | "denied" | "unknown" | "invalid" | "cancelled";

/** Payload of a tool event that names its call. */
export interface ToolEventData {
  readonly tool_name: string;
  readonly tool_call_id: string;
  /** All calls of one model answer share this id. */
  readonly parallel_group_id: string;
}

/** Payload of an approval event. `timeout` is seconds. */
export interface ApprovalEventData {
  readonly prompt: string;
  readonly options: readonly string[];
  readonly timeout: number;
  readonly default: "allow" | "deny";
  readonly hook_name: string;
  readonly event: string;
}

interface StreamBlockData {
  readonly request_id: string;
  readonly block_index: number;
  readonly block_type: "text" | "thinking" | "tool_use";
}

/** Every event with its payload. */
export interface EventMap {
  "session:start": { readonly session_id: string; readonly parent_id: string | null };
  "session:resume": { readonly session_id: string; readonly parent_id: string | null };
  "session:end": { readonly session_id: string; readonly status: string };
  "module:load_failed": {
    readonly module_type: string;
    readonly module_id: string;
    readonly error: string;
    readonly reason_code: string;
    /** The entry's own name, where the plan gives one. */
    readonly instance_id?: string;
  };
  "module:on_session_ready_failed": { readonly module_id: string; readonly error: string };
  "prompt:submit": { readonly prompt: Prompt };
  "prompt:complete": { readonly response: string; readonly status: TurnStatus };
  "execution:start": { readonly prompt: Prompt };
  "execution:end": {
    readonly response: string;
    readonly status: TurnStatus;
    readonly usage: Usage;
    /** The last answer's own reason; null when no answer was finished. */
    readonly finish_reason: FinishReason | null;
    /** Which limit ended the turn, with status `incomplete` or `timeout`. */
    readonly limit?: string;
    readonly error?: ErrorInfo;
  };
  "orchestrator:complete": {
    readonly orchestrator: string;
    /** Iterations of the turn, from 1; 0 when no model was asked. */
    readonly turn_count: number;
    readonly status: TurnStatus;
  };
  "provider:request": {
    readonly provider: string;
    readonly model: string | null;
    readonly iteration: number;
    /** The wrap-up call after `max_turns`. */
    readonly max_reached?: true;
  };
  "provider:response": {
    readonly provider: string;
    readonly model: string | null;
    readonly iteration: number;
    readonly usage: Usage;
    readonly finish_reason: FinishReason;
    readonly tool_calls: boolean;
    /** False when the provider could only answer whole. */
    readonly streamed: boolean;
  };
  "provider:error": {
    readonly provider: string;
    readonly model: string | null;
    readonly iteration: number;
    readonly error: ErrorInfo;
    /** The turn goes on in spite of it. */
    readonly recovered: boolean;
    /** What the provider had counted by then. */
    readonly usage?: Usage;
  };
  "content_block:start": {
    readonly iteration: number;
    /** Counts within the iteration, from 0. */
    readonly block_index: number;
    readonly block_type: ContentBlock["type"];
    readonly tool_call_id?: string;
    readonly name?: string;
  };
  "content_block:delta": {
    readonly block_index: number;
    readonly block_type: StreamedBlockType;
    readonly delta: string;
    readonly tool_call_id?: string;
    readonly name?: string;
  };
  "content_block:end": {
    readonly iteration: number;
    readonly block_index: number;
    readonly block: ContentBlock;
    readonly interrupted?: true;
  };
  "llm:stream_block_start": StreamBlockData & { readonly name?: string };
  "llm:stream_block_delta": StreamBlockData & { readonly sequence: number; readonly text: string };
  "llm:stream_block_end": StreamBlockData;
  "llm:stream_aborted": { readonly request_id: string; readonly error: ErrorInfo };
  "tool:pre": ToolEventData & {
    readonly tool_input: Readonly<Record<string, unknown>>;
    readonly decision: ToolDecision;
    readonly reason?: string;
  };
  "tool:post": ToolEventData & {
    readonly tool_input: Readonly<Record<string, unknown>>;
    readonly result: ToolResult;
  };
  /** `error.type` is the decision, or `timeout`, `detached`, `denied` after the run. */
  "tool:error": ToolEventData & { readonly error: { readonly type: string; readonly msg: string } };
  "tool:progress": ToolEventData & { readonly progress: unknown };
  "tool:late_result": ToolEventData & { readonly result: ToolResult };
  "context:message": { readonly message: Message };
  "context:compaction": { readonly before: number; readonly after: number };
  /** A hook did what the plan does not allow. */
  "policy:violation": {
    readonly policy: "injection_size_limit";
    readonly hook_name: string;
    readonly event: string;
    readonly limit: number;
    readonly actual: number;
  };
  "approval:required": ApprovalEventData;
  "approval:granted": ApprovalEventData & { readonly choice: string };
  "approval:denied": ApprovalEventData & { readonly choice: string | null; readonly reason: string };
  "cancel:requested": {
    readonly orchestrator: string;
    readonly state: "graceful" | "immediate";
    readonly turn_count: number;
  };
  "cancel:completed": {
    readonly orchestrator: string;
    readonly was_immediate: boolean;
    readonly turn_count: number;
  };
  "user:notification": {
    readonly message: string;
    readonly level: "info" | "warning" | "error";
    readonly source: string;
  };
}

/** The name of an event. */
export type EventType = keyof EventMap;

/** The events whose handlers may deny, modify, inject or ask. Elsewhere actions are ignored and reported. */
export type InterceptableEvent = "prompt:submit" | "provider:request" | "tool:pre" | "tool:post";
