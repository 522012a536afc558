/**
 * Owns the vocabulary: every event name with its payload, in Amplifier's words (snake_case). `docs/events.md` is the
 * same list for readers. `EventMap` is open to declaration merging, so a module's own events are typed as well.
 */
import type { ErrorInfo } from "../errors/error-info.ts";
import type { FinishReason } from "../messages/chat.ts";
import type { ContentBlock, Prompt } from "../messages/content-block.ts";
import type { Message } from "../messages/message.ts";
import type { ReservedEvents } from "./reserved-events.ts";
import type { Usage } from "../messages/usage.ts";
import type { ToolResult } from "../tools/tool-result.ts";

/** How a turn ended. `incomplete`: a limit of the configuration ended it. */
export type TurnStatus = "success" | "incomplete" | "denied" | "cancelled" | "timeout" | "error";

/** What a delta is a fragment of. A `tool_call` delta is JSON text. */
export type StreamedBlockType = "text" | "thinking" | "tool_call";

/** What became of a tool call before it could run. */
export type ToolDecision = "run" | "denied" | "unknown" | "invalid" | "cancelled";

/** When a steer enters: before the next model call, now (what runs is stopped), or when the turn would end. */
export type SteerMode = "next" | "now" | "after";

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

/** Which attempt at a model call. */
interface CallData {
  readonly request_id: string;
  readonly provider: string;
  readonly model: string | null;
  readonly iteration: number;
}

interface StreamBlockData {
  readonly request_id: string;
  readonly block_index: number;
  readonly block_type: "text" | "thinking" | "tool_use";
}

/** Every event with its payload. Names of upstream that only other modules raise are in `ReservedEvents`. */
export interface EventMap extends ReservedEvents {
  "session:start": { readonly session_id: string; readonly parent_id: string | null };
  "session:resume": { readonly session_id: string; readonly parent_id: string | null };
  /** A session with a parent has been made. */
  "session:fork": {
    readonly session_id: string;
    readonly parent: string;
    readonly metadata?: Readonly<Record<string, unknown>>;
    /** The whole plan, secrets redacted, where `session.raw` asks for it. */
    readonly raw?: Readonly<Record<string, unknown>>;
  };
  /** The plan, secrets redacted; only where `session.raw` asks for it. */
  "session:config": { readonly session_id: string; readonly raw: Readonly<Record<string, unknown>> };
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
    /** What the servers counted, over all model calls of the turn. */
    readonly usage: Usage;
    /** What nobody counted: calls that were cut off, and servers that do not count. */
    readonly estimated_usage?: Usage;
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
    /** An answer was cut, and continued as well as that can be done. */
    readonly continued?: true;
  };
  "provider:request": {
    readonly provider: string;
    readonly model: string | null;
    readonly iteration: number;
    /** The wrap-up call after `max_turns`. */
    readonly max_reached?: true;
    /** The iteration is asked again: by another provider, with less context, or to go on from where its answer was cut. */
    readonly again?: true;
  };
  "provider:response": {
    readonly provider: string;
    readonly model: string | null;
    readonly iteration: number;
    /** `estimated` when the server has not counted. */
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
    /** The attempt it ended. */
    readonly request_id: string;
    readonly error: ErrorInfo;
    /** The turn goes on in spite of it. */
    readonly recovered: boolean;
    /** What the provider had counted by then. */
    readonly usage?: Usage;
    /** What it had not. */
    readonly estimated_usage?: Usage;
  };
  /** An attempt failed before anything of its answer came; the same provider is asked again after `delay_ms`. */
  "provider:retry": {
    readonly provider: string;
    readonly model: string | null;
    readonly iteration: number;
    readonly request_id: string;
    /** The attempt that failed, from 1. */
    readonly attempt: number;
    readonly max_attempts: number;
    readonly delay_ms: number;
    readonly error: ErrorInfo;
    /** What the provider had counted of it. */
    readonly usage?: Usage;
    /** What it had not. */
    readonly estimated_usage?: Usage;
  };
  /** The next provider is asked instead. */
  "provider:fallback": {
    readonly from: string;
    readonly to: string;
    readonly iteration: number;
    readonly error: ErrorInfo;
  };
  "content_block:start": {
    readonly iteration: number;
    /** Counts within the iteration, from 0. */
    readonly block_index: number;
    readonly block_type: ContentBlock["type"];
    readonly tool_call_id?: string;
    readonly name?: string;
    /** Its text goes on where the last text block was cut: show them as one. */
    readonly continues?: true;
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
  /** One attempt at a model call goes out. For hooks only. */
  "llm:request": CallData & { readonly message_count: number; readonly tool_count: number };
  /** The same attempt has ended, well or not. For hooks only. */
  "llm:response": CallData & {
    readonly status: "ok" | "error" | "stopped";
    readonly duration_ms: number;
    /** From the request to the first delta; null when none came. */
    readonly first_delta_ms: number | null;
    readonly usage: Usage | null;
  };
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
  "context:pre_compact": { readonly message_count: number; readonly token_count: number; readonly budget: number };
  /** Old results were shortened, or messages left out of a request. Messages, and their estimated tokens. */
  "context:compaction": {
    readonly before: number;
    readonly after: number;
    readonly before_tokens?: number;
    readonly after_tokens?: number;
    readonly budget?: number;
  };
  "context:post_compact": { readonly message_count: number; readonly token_count: number };
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
  /** The loop waits between two model calls, as `min_delay_between_calls_ms` asks. */
  "orchestrator:rate_limit_delay": {
    readonly delay_ms: number;
    readonly configured_ms: number;
    readonly elapsed_ms: number;
    readonly iteration: number;
  };
  /** A steer has entered the conversation. */
  "orchestrator:steering_injected": {
    readonly orchestrator: string;
    readonly id: string;
    readonly content: string;
    readonly mode: SteerMode;
    readonly iteration: number;
    readonly queued_remaining: number;
    readonly metadata: null;
  };
  /** A steer is handed back: the turn ended before it could enter, or it was withdrawn. */
  "orchestrator:steering_returned": {
    readonly orchestrator: string;
    readonly id: string;
    readonly content: string;
    readonly mode: SteerMode;
    readonly reason: "withdrawn" | "turn_ended";
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
