/**
 * Owns the names that upstream defines and nothing here raises: modules may, and hooks may listen. Their payloads are
 * upstream's where it has settled them, and open where it has not.
 */

/** A payload whose fields are its raiser's. */
export type OpenPayload = Readonly<Record<string, unknown>>;

/** Upstream's events that other modules raise. */
export interface ReservedEvents {
  "plan:start": OpenPayload;
  "plan:end": OpenPayload;
  /** A provider waits by itself before it asks again. */
  "provider:throttle": OpenPayload & { readonly provider: string };
  /** A provider added results that its API would have missed. */
  "provider:tool_sequence_repaired": OpenPayload & { readonly provider: string };
  /** A router has chosen the provider or the model of a call. */
  "provider:resolve": OpenPayload;
  /** Here thinking streams as `content_block:delta` with `block_type` "thinking". */
  "thinking:delta": OpenPayload;
  "thinking:final": OpenPayload;
  /** Text of a file entered the conversation. */
  "context:include": OpenPayload;
  "artifact:write": OpenPayload;
  "artifact:read": OpenPayload;
}
