/**
 * Owns the way from a server's refusal to Amplifier's taxonomy: by HTTP status, refined by the words of the error.
 * The same rules serve an answer with an error status and an `error` payload in the middle of a stream.
 */
import type { IncomingHttpHeaders } from "node:http";
import { LLMError, type LLMErrorName } from "amplifier-core";
import { readErrorBody, readErrorValue, type ErrorReport } from "./error-body.ts";
import { shownUrl, withoutSecrets, type HttpRequest } from "./http-request.ts";
import { retryAfterSeconds } from "./retry-after.ts";

const BY_STATUS: Readonly<Record<number, LLMErrorName>> = {
  400: "InvalidRequestError",
  401: "AuthenticationError",
  402: "QuotaExceededError",
  403: "AccessDeniedError",
  404: "NotFoundError",
  408: "LLMTimeoutError",
  409: "ProviderUnavailableError",
  422: "InvalidRequestError",
  429: "RateLimitError",
  504: "LLMTimeoutError",
  524: "LLMTimeoutError",
};

/** Words of `type` and `code`, first match wins. Sources: the error pages of OpenAI, Anthropic, Google, Groq, OpenRouter. */
const BY_WORD: readonly (readonly [RegExp, LLMErrorName])[] = [
  [/insufficient_quota|billing|insufficient_balance|credit/, "QuotaExceededError"],
  [/rate_limit|too_many_requests|resource_exhausted/, "RateLimitError"],
  [/authentication|unauthenticated|invalid_api_key|unauthorized/, "AuthenticationError"],
  [/permission|forbidden|access_denied/, "AccessDeniedError"],
  [/not_found/, "NotFoundError"],
  [/timeout|deadline/, "LLMTimeoutError"],
  [/overloaded|server_error|api_error|unavailable|internal/, "ProviderUnavailableError"],
  [/invalid|precondition|bad_request|request_too_large|unsupported/, "InvalidRequestError"],
];

const CONTEXT_LENGTH_TEXT =
  /(maximum|max\.?) (context|prompt) length|context (length|window|size)[^.]{0,60}(exceed|limit|too)|(exceeds?|larger than|beyond)[^.]{0,40}context|input token count[^.]{0,40}exceeds|(prompt|input) is too long|too many (input )?tokens|reduce the length of (the|your) (messages|prompt|input)/i;

/** The kinds that no status tells: what their code says, else their message. The first that fits counts. */
const HIDDEN: readonly { readonly code: RegExp; readonly text: RegExp; readonly name: LLMErrorName }[] = [
  // Google answers 400 to a wrong key and 403 to none.
  {
    code: /api_key_(invalid|expired)/,
    text: /api key (not valid|expired)|unregistered callers/i,
    name: "AuthenticationError",
  },
  {
    code: /context_length|exceed_context_size|context_window/,
    text: CONTEXT_LENGTH_TEXT,
    name: "ContextLengthError",
  },
  {
    code: /content_filter|content_policy|responsibleai|moderation|safety/,
    text: /content management policy|content policy|flagged by (our )?moderation/i,
    name: "ContentFilterError",
  },
  // Google's 400 for the country of the caller.
  { code: /unsupported_country/, text: /location is not supported/i, name: "AccessDeniedError" },
];

const QUOTA_CODE = /insufficient_quota|billing|perday/;
const QUOTA_TEXT = /exceeded your current quota|insufficient (balance|credits?|funds)|credits are depleted|billing/i;

/** The `LLMError` for an answer whose status is 300 or more, or whose body is not what was asked for. */
export function httpError(
  answer: { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string },
  request: HttpRequest,
): LLMError {
  const { status, headers } = answer;
  if (status >= 300 && status < 400) return redirectError(status, headers, request);
  const report = readErrorBody(answer.body);
  const name = errorName(report, status);
  const said = sentence(report.message, request) || "no text";
  return new LLMError(name, `${shownUrl(request.url)} answered ${status}: ${said}.${adviceFor(name, request)}`, {
    provider: request.provider,
    model: request.model,
    status_code: status,
    retry_after: retryAfterSeconds(headers, Date.now()) ?? report.retryAfter,
  });
}

/** The `LLMError` for an `error` payload in the middle of a stream; of unknown kind it is a `StreamError`. */
export function streamedError(payload: unknown, request: HttpRequest): LLMError {
  const report = readErrorValue(payload);
  const name = errorName(report, report.status);
  const said = sentence(report.message, request);
  return new LLMError(
    name,
    `${request.provider} reported an error in its stream: ${said}.${adviceFor(name, request)}`,
    {
      provider: request.provider,
      model: request.model,
      status_code: report.status,
      retry_after: report.retryAfter,
    },
  );
}

function errorName(report: ErrorReport, status: number | undefined): LLMErrorName {
  const words = `${report.code} ${report.type}`;
  const refined = refine(report, words, status);
  if (refined !== undefined) return refined;
  const byStatus = status === undefined ? undefined : nameOfStatus(status);
  return byStatus ?? BY_WORD.find(([pattern]) => pattern.test(words))?.[1] ?? "StreamError";
}

/** The kinds that hide behind 400, 403, 413 or 429, or stand alone in a stream. */
function refine(report: ErrorReport, words: string, status: number | undefined): LLMErrorName | undefined {
  if ((status === 429 || status === undefined) && isQuota(report, words)) return "QuotaExceededError";
  if (status === 401 || status === 429) return undefined;
  return HIDDEN.find(({ code, text }) => code.test(words) || text.test(report.message))?.name;
}

/** Google says "exceeded your current quota" of a minute's limit too, and then how long to wait. */
function isQuota({ message, retryAfter }: ErrorReport, words: string): boolean {
  return QUOTA_CODE.test(words) || (retryAfter === undefined && QUOTA_TEXT.test(message));
}

function nameOfStatus(status: number): LLMErrorName | undefined {
  if (status < 400) return undefined;
  return BY_STATUS[status] ?? (status >= 500 ? "ProviderUnavailableError" : "InvalidRequestError");
}

function redirectError(status: number, headers: IncomingHttpHeaders, request: HttpRequest): LLMError {
  const location = headers.location === undefined ? "nowhere" : shownUrl(headers.location);
  const message = `${shownUrl(request.url)} answered ${status}, a redirect to ${location}. Redirects are not followed: correct base_url.`;
  return new LLMError("ConfigurationError", message, {
    provider: request.provider,
    model: request.model,
    status_code: status,
  });
}

/** The server's words without its secrets and without the full stop at their end. */
function sentence(message: string, request: HttpRequest): string {
  return withoutSecrets(message, request.headers).replace(/[.\s]+$/, "");
}

function adviceFor(name: LLMErrorName, request: HttpRequest): string {
  const key = request.keyName ?? "the API key";
  switch (name) {
    case "AuthenticationError":
      return ` Set ${key} to a valid key (or api_key in the provider's config).`;
    case "AccessDeniedError":
      return ` The key may not use this model or this place; check ${key} and the model's name.`;
    case "NotFoundError":
      return ` Check the model's name${request.model === undefined ? "" : ` (${request.model})`} and base_url.`;
    case "QuotaExceededError":
      return " The account has no credit or quota left: look at its billing page.";
    case "ContextLengthError":
      return " The conversation is longer than the model takes: start a new one or shorten it.";
    default:
      return "";
  }
}
