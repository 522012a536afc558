/**
 * Owns the words for an answer that is no stream: the errors every API has, and any other status as it is.
 */

/** The errors whose form and wording each wire knows. */
export type RefusalKind = "rate_limit" | "overloaded" | "server_error" | "authentication" | "context_length";

/** A whole HTTP answer. `body` is sent as JSON, unless it is text. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A scripted error. */
export interface Refusal {
  readonly kind: "refusal";
  readonly of: RefusalKind;
  readonly headers: Readonly<Record<string, string>>;
}

/** A scripted answer that is no stream. */
export interface WholeAnswer extends HttpAnswer {
  readonly kind: "response";
}

/** The wire's own error of this kind, with its status, body and wording. `retryAfter`: seconds, sent as the header. */
export function refuses(of: RefusalKind, options: { readonly retryAfter?: number } = {}): Refusal {
  const headers = options.retryAfter === undefined ? {} : { "retry-after": String(options.retryAfter) };
  return { kind: "refusal", of, headers };
}

/** This answer, whatever the wire: a proxy's page, a redirect, a status nobody expects. */
export function responds(httpAnswer: HttpAnswer): WholeAnswer {
  return { kind: "response", ...httpAnswer };
}
