/**
 * Owns the words for what only a wire can do: break, stall, send garbage. They stand between the parts that the scripted
 * provider knows (`text`, `toolCall`, `finish`, gates ...), so that one script serves both.
 */
import type { AnswerPart } from "../provider/answer-part.ts";

/** An error in the middle of a stream: the words of its `type` (`code` on OpenAI's wire) and its message. */
export interface StreamedError {
  readonly type: string;
  readonly message: string;
}

/** Resolves when the next write may happen; rejects or resolves soon when `signal` says that the client has gone. */
export type Pace = (signal: AbortSignal) => Promise<void>;

/** One step of an answer on a wire. */
export type WirePart =
  | AnswerPart
  | { readonly kind: "cuts" }
  | { readonly kind: "pings" }
  | { readonly kind: "empty_delta" }
  | { readonly kind: "raw"; readonly text: string }
  | { readonly kind: "error_frame"; readonly error: StreamedError | null }
  | { readonly kind: "dripping"; readonly pace: Pace; readonly parts: readonly WirePart[] };

/** The socket is closed here, in the middle of the body. `breaksOff` ends the body properly instead. */
export function cuts(): WirePart {
  return { kind: "cuts" };
}

/** The wire's sign of life without content: an `event: ping`, or a comment. */
export function pings(): WirePart {
  return { kind: "pings" };
}

/** A delta of text that says nothing. */
export function emptyDelta(): WirePart {
  return { kind: "empty_delta" };
}

/** These very characters: a malformed frame, half an event, a comment. */
export function raw(characters: string): WirePart {
  return { kind: "raw", text: characters };
}

/** The server's error in the middle of its stream, which ends there. Without `error`: that the server is overloaded. */
export function errorFrame(error: StreamedError | null = null): WirePart {
  return { kind: "error_frame", error };
}

/** The parts, one write at a time, each when `pace` lets it: a gate, a fake clock, whatever the test moves by hand. */
export function dripping(pace: Pace, ...parts: readonly WirePart[]): WirePart {
  return { kind: "dripping", pace, parts };
}
