/**
 * Owns how an error looks inside an event: its type, its message and, for model errors, what helps to react.
 * The error object itself never enters an event.
 */
import { redactSecrets } from "../redact-secrets.ts";
import { isLLMError } from "./llm-error.ts";

/** An error as plain JSON. `type` is the class name (upstream's), `msg` its message. */
export interface ErrorInfo {
  readonly type: string;
  readonly msg: string;
  readonly code?: string;
  readonly retryable?: boolean;
  readonly status_code?: number;
  /** Seconds. */
  readonly retry_after?: number;
}

/** Turns whatever was thrown into plain JSON. */
export function errorInfo(error: unknown): ErrorInfo {
  if (!(error instanceof Error)) return { type: "Error", msg: described(error) };
  const code = (error as { code?: unknown }).code;
  return {
    type: error.name,
    msg: error.message,
    ...(typeof code === "string" ? { code } : {}),
    ...(isLLMError(error)
      ? {
          retryable: error.retryable,
          ...(error.status_code === undefined ? {} : { status_code: error.status_code }),
          ...(error.retry_after === undefined ? {} : { retry_after: error.retry_after }),
        }
      : {}),
  };
}

/** What whatever was thrown says, without secrets: for people, and for events that tell of a module's own errors. */
export function shownReason(error: unknown): string {
  return redactSecrets(errorInfo(error).msg) as string;
}

// A tool may throw anything, also what cannot be made a string (an object without a prototype).
function described(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return Object.prototype.toString.call(thrown);
  }
}
