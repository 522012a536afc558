/**
 * Owns the stored message. Assistant messages hold blocks only (their tool calls are `tool_call` blocks); a tool's
 * result is a message of its own, `{ role: "tool", name, tool_call_id, content }`. The system prompt is no message:
 * it is added to each request.
 */
import type { ContentBlock } from "./content-block.ts";

/** Who speaks. `developer` and `function` exist for conversations that come from elsewhere. */
export type Role = "system" | "developer" | "user" | "assistant" | "function" | "tool";

/** One message of a conversation, plain JSON. */
export interface Message {
  readonly role: Role;
  readonly content: string | readonly ContentBlock[];
  readonly name?: string;
  /** On tool messages: the `id` of the call this answers. */
  readonly tool_call_id?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}
