/**
 * Owns Amplifier's taxonomy of model errors: one class, its `name` the upstream class name, and whether a retry helps.
 * Adapters throw these and nothing else, so that retry, failover and messages need no knowledge of any API.
 */

/** Upstream's class names with their defaults. Source: Amplifier's `llm_errors`. */
const RETRYABLE = {
  LLMError: false,
  RateLimitError: true,
  QuotaExceededError: false,
  ProviderUnavailableError: true,
  NetworkError: true,
  LLMTimeoutError: true,
  StreamError: true,
  AuthenticationError: false,
  AccessDeniedError: false,
  ContextLengthError: false,
  ContentFilterError: false,
  InvalidRequestError: false,
  NotFoundError: false,
  AbortError: false,
  InvalidToolCallError: false,
  ConfigurationError: false,
} as const;

/** Kinds that are a case of another: who handles the wider one handles them as well. */
const KIND_OF: Partial<Record<LLMErrorName, LLMErrorName>> = {
  QuotaExceededError: "RateLimitError",
  NetworkError: "ProviderUnavailableError",
  AccessDeniedError: "AuthenticationError",
};

/** The kinds of model error; `error.name` is one of these. */
export type LLMErrorName = keyof typeof RETRYABLE;

/** What is known of a failed model call. Times are seconds, as upstream. */
export interface LLMErrorFields {
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  readonly status_code?: number | undefined;
  readonly retryable?: boolean | undefined;
  /** Seconds the server asks to wait before the next try. */
  readonly retry_after?: number | undefined;
  /** Makes a retry's own delay so many times longer; default 1. */
  readonly delay_multiplier?: number | undefined;
  /** Of an `InvalidToolCallError`: the tool the model wanted. */
  readonly tool_name?: string | undefined;
  /** Of an `InvalidToolCallError`: the arguments as they came. */
  readonly raw_arguments?: string | undefined;
  readonly cause?: unknown;
}

/** A failed model call. `name` says which kind; `retryable` whether the same request may work later. */
export class LLMError extends Error {
  override readonly name: LLMErrorName;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly status_code: number | undefined;
  readonly retryable: boolean;
  readonly retry_after: number | undefined;
  readonly delay_multiplier: number;
  readonly tool_name: string | undefined;
  readonly raw_arguments: string | undefined;

  constructor(name: LLMErrorName, message: string, fields: LLMErrorFields = {}) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = name;
    this.provider = fields.provider;
    this.model = fields.model;
    this.status_code = fields.status_code;
    this.retryable = fields.retryable ?? RETRYABLE[name];
    this.retry_after = fields.retry_after;
    this.delay_multiplier = fields.delay_multiplier ?? 1;
    this.tool_name = fields.tool_name;
    this.raw_arguments = fields.raw_arguments;
  }
}

/** Whether `error` is a model error, of the given kind or a case of it if one is named. Works across copies of the package. */
export function isLLMError(error: unknown, name?: LLMErrorName): error is LLMError {
  if (!(error instanceof Error) || !Object.hasOwn(RETRYABLE, error.name) || !("retryable" in error)) return false;
  return name === undefined || error.name === name || KIND_OF[error.name as LLMErrorName] === name;
}
