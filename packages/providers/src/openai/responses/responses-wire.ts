/**
 * Owns the shape of what Responses servers send, as far as we read it. Every field may be missing or null: the servers
 * differ, and what is not named here is ignored, or kept with its item. Source: OpenAI's API reference, November 2026, and
 * recorded streams.
 */
import type { JsonObject } from "../../json/json-object.ts";

/** One payload of the stream; which fields are there depends on `type`. */
export interface ResponsesEvent {
  readonly type?: string;
  /** The item's place in the output, by which its events find it: ids are not the same in all of them everywhere. */
  readonly output_index?: number;
  readonly content_index?: number;
  readonly summary_index?: number;
  readonly delta?: unknown;
  readonly item?: OutputItem;
  readonly part?: ContentPart;
  readonly annotation?: unknown;
  readonly response?: ResponseBody;
  readonly error?: unknown;
}

/** An item of the output: a message, a call, reasoning, or a tool of the API's own. It is read by its type. */
export interface OutputItem extends JsonObject {
  readonly type?: string;
}

/** A part of a message's content or of a reasoning item. */
export interface ContentPart {
  readonly type?: string;
  readonly text?: unknown;
  readonly refusal?: unknown;
  readonly annotations?: unknown;
}

/** The answer around its output, at its beginning and at its end. */
export interface ResponseBody {
  readonly id?: string;
  readonly model?: string;
  readonly output?: readonly OutputItem[] | null;
  readonly usage?: JsonObject | null;
  readonly error?: unknown;
  readonly incomplete_details?: { readonly reason?: string | null } | null;
}
