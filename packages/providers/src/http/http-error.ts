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
  407: "ConfigurationError",
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
  [/invalid|precondition|bad_request|request_too_large|unsupported|image|data_residency/, "InvalidRequestError"],
];

const CONTEXT_LENGTH_TEXT =
  /(maximum|max\.?) (context|prompt) length|context (length|window|size)[^.]{0,60}(exceed|limit|too)|(exceeds?|larger than|beyond)[^.]{0,40}context|input token count[^.]{0,40}exceeds|(prompt|input) is too long|too many (input )?tokens|reduce the length of (the|your) (messages|prompt|input)/i;

/**
 * The kinds that no status tells, or only some: what their code says, else their message. The first that fits counts, `only`
 * for these statuses.
 */
const HIDDEN: readonly {
  readonly code: RegExp;
  readonly text: RegExp;
  readonly name: LLMErrorName;
  readonly only?: readonly number[];
}[] = [
  // Google answers 400 to a wrong key and 403 to none.
  {
    code: /api_key_(invalid|expired)/,
    text: /api key (not valid|expired)|unregistered callers/i,
    name: "AuthenticationError",
  },
  // Anthropic answers 400 to an empty account and to a limit that its owner has set, OpenAI to the latter.
  {
    code: /billing_hard_limit/,
    text: /credit balance is too low|reached your specified [^.]{0,40}usage limits/i,
    name: "QuotaExceededError",
  },
  {
    code: /context_length|exceed_context_size|context_window/,
    text: CONTEXT_LENGTH_TEXT,
    name: "ContextLengthError",
  },
  {
    code: /content_filter|(content|bio|cyber)_policy|responsibleai|moderation|safety|invalid_prompt/,
    text: /content (management |filtering )?policy|flagged (by (our )?moderation|as potentially violating)/i,
    name: "ContentFilterError",
  },
  // Most answer 404 to a model they do not have.
  {
    code: /model_not_found/,
    text: /\bmodel\b[^.]{0,80}\b(not (exist|found)|does ?n[o']t exist)|(unknown|invalid) model\b/i,
    name: "NotFoundError",
    only: [400, 422],
  },
  // Google's 400 for the country of the caller.
  { code: /unsupported_country/, text: /location is not supported/i, name: "AccessDeniedError" },
];

const QUOTA_CODE = /insufficient_quota|billing|perday/;
const QUOTA_TEXT = /exceeded your current quota|insufficient (balance|credits?|funds)|credits are depleted|billing/i;

/** An answer that is not what was asked for. `body` is text, or the beginning of one. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Whether it is a web page: no API sends one. */
export function isPage({ headers, body }: HttpAnswer): boolean {
  return /html/i.test(headers["content-type"] ?? "") || /^\s*<(!doctype|html)/i.test(body);
}

/** What to do about a web page. */
export const PAGE_ADVICE =
  " That is a web page, not the API: check base_url, and what proxy or firewall stands between.";

/** The `LLMError` for an answer whose status is 300 or more. */
export function httpError(answer: HttpAnswer, request: HttpRequest): LLMError {
  const { status, headers } = answer;
  if (status >= 300 && status < 400) return redirectError(status, headers, request);
  const report = readErrorBody(answer.body);
  const name = errorName(report, status);
  const said = sentence(report.message, request) || "no text";
  const advice = isPage(answer) && status !== 407 ? PAGE_ADVICE : adviceFor(name, request, status);
  return new LLMError(name, `${shownUrl(request.url)} answered ${status}: ${said}.${advice}`, {
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
  const hidden = HIDDEN.filter(({ only }) => only === undefined || only.includes(status ?? 0));
  return hidden.find(({ code, text }) => code.test(words) || text.test(report.message))?.name;
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

/** What to do, for every kind that a server's words can have. */
function adviceFor(name: LLMErrorName, request: HttpRequest, status?: number): string {
  const key = request.keyName ?? "the API key";
  switch (name) {
    case "AuthenticationError":
      return ` Set ${key} to a valid key (or api_key in the provider's config).`;
    case "AccessDeniedError":
      return ` The key may not use this model or this place; check ${key} and the model's name.`;
    case "NotFoundError":
      return ` Check the model's name${request.model === undefined ? "" : ` (${request.model})`} and base_url.`;
    case "InvalidRequestError":
      return status === 413
        ? " The request is larger than the server takes: shorten the conversation, or send smaller images."
        : " The server does not take this request: check what it names, the model's name and the provider's config.";
    default:
      return ADVICE[name] ?? "";
  }
}

const ADVICE: Partial<Record<LLMErrorName, string>> = {
  QuotaExceededError: " The account has no credit or quota left: look at its billing page.",
  RateLimitError: " Wait and try again, send less at once, or ask for a higher limit.",
  ContextLengthError: " The conversation is longer than the model takes: start a new one or shorten it.",
  ContentFilterError: " Change the prompt, or what the conversation quotes.",
  ProviderUnavailableError: " The trouble is the server's: try again later, or use another model.",
  LLMTimeoutError: " The server gave up: try again, or ask for less at once.",
  StreamError: " Try again.",
  ConfigurationError: " A proxy wants a user and a password: set HTTP_PROXY to http://user:password@host:port.",
};
