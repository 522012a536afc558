/**
 * Owns the project's one error class and the closed list of its codes with the data each carries.
 * A message says what happened, the offending value, and what to do; `docs/errors.md` lists every code.
 */

/** Every code with the shape of its `data`. */
export interface ErrorData {
  readonly plan_invalid: { readonly problems: readonly PlanProblem[] };
  readonly config_invalid: { readonly module: string; readonly problems: readonly PlanProblem[] };
  readonly module_not_found: { readonly module: string; readonly packages: readonly string[] };
  readonly module_invalid: { readonly module: string; readonly reason: string };
  readonly module_load_failed: { readonly module: string; readonly reason: string };
  readonly mount_failed: { readonly point: string; readonly name?: string };
  readonly turn_running: { readonly session_id: string };
  readonly steer_refused: { readonly reason: "no_turn" | "unsupported" | "empty" | "mode" | "full" };
  readonly session_closed: { readonly session_id: string };
  readonly prompt_empty: { readonly session_id: string };
  readonly no_provider: { readonly wanted?: string; readonly mounted: readonly string[] };
  readonly turn_timeout: {
    readonly limit: string;
    readonly seconds: number;
    readonly hooks?: readonly { readonly hook: string; readonly event: string }[];
  };
  readonly log_trimmed: { readonly first_seq: number };
  readonly log_append_failed: { readonly first_seq: number };
  readonly usage: { readonly value?: string };
  readonly engine_failed: { readonly step: string };
  readonly download_failed: { readonly url: string };
  readonly checksum_mismatch: { readonly file: string; readonly expected: string; readonly actual: string };
}

/** What is wrong with one place of a mount plan: the key's path (`tools[1].config.path`), and the sentence. */
export interface PlanProblem {
  readonly path: string;
  readonly message: string;
}

/** The codes of `AmplifierError`. */
export type ErrorCode = keyof ErrorData;

/** What went wrong, with a closed `code`, typed `data` and the native `cause`. */
export class AmplifierError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "AmplifierError";
  readonly code: C;
  readonly data: ErrorData[C];

  constructor(code: C, message: string, options: { data: ErrorData[C]; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.data = options.data;
  }
}

/** Whether `error` is an `AmplifierError`, of the given code if one is named. Works across copies of the package. */
export function isAmplifierError<C extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: C,
): error is { [K in C]: AmplifierError<K> }[C] {
  if (!(error instanceof Error) || error.name !== "AmplifierError") return false;
  return code === undefined || (error as AmplifierError).code === code;
}
