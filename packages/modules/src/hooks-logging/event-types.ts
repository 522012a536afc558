/**
 * Owns the list of core's events for the running program, where their types are gone. The compiler holds it complete.
 */
import type { EventType } from "amplifier-core";

const KNOWN = {
  "session:start": true,
  "session:resume": true,
  "session:end": true,
  "module:load_failed": true,
  "module:on_session_ready_failed": true,
  "prompt:submit": true,
  "prompt:complete": true,
  "execution:start": true,
  "execution:end": true,
  "orchestrator:complete": true,
  "provider:request": true,
  "provider:response": true,
  "provider:error": true,
  "content_block:start": true,
  "content_block:delta": true,
  "content_block:end": true,
  "llm:stream_block_start": true,
  "llm:stream_block_delta": true,
  "llm:stream_block_end": true,
  "llm:stream_aborted": true,
  "tool:pre": true,
  "tool:post": true,
  "tool:error": true,
  "tool:progress": true,
  "tool:late_result": true,
  "context:message": true,
  "context:compaction": true,
  "policy:violation": true,
  "approval:required": true,
  "approval:granted": true,
  "approval:denied": true,
  "cancel:requested": true,
  "cancel:completed": true,
  "user:notification": true,
} as const satisfies Record<EventType, true>;

/** Every event of core; modules tell of theirs on the channel `observability.events`. */
export const EVENT_TYPES = Object.keys(KNOWN) as readonly EventType[];
