/**
 * Owns the port to a tool. The description is static; `execute` is async and takes and gives plain JSON, since a tool
 * may live in another process.
 */
import type { JsonSchema } from "../schema/json-schema.ts";

/** What a running tool is given beside its input. */
export interface ToolContext {
  /** Aborted when the call has to stop; a tool that ignores it is detached. */
  readonly signal: AbortSignal;
  /** The model's id of this call, for idempotency keys. */
  readonly callId: string;
  /** Shows JSON to whoever watches (`tool:progress`); never reaches the model. */
  readonly progress: (value: unknown) => void;
}

/** Something the model may call. `execute` may return a `ToolResult`, a string or any JSON; a throw is a failed result. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the input, an object. The input is validated against it before any hook or run. */
  readonly inputSchema: JsonSchema;
  /**
   * How a provider that has this kind of tool built in wants it described, instead of name, description and schema. The
   * model calls it by `name`, so that should be the tool's own, which is also the default.
   */
  readonly nativeSpec?: { readonly type: string; readonly [field: string]: unknown };
  /** Running it twice does no harm: after a crash it may be run again. */
  readonly idempotent?: boolean;
  /** It waits for all earlier calls of an answer and holds back all later ones. */
  readonly exclusive?: boolean;
  /** It may be stopped at any moment without harm: a steer that wants in now does not wait for it. */
  readonly cancellable?: boolean;
  /** It changes files, runs commands or reaches out: worth a `tool:pre` hook. */
  readonly writes?: boolean;
  execute(input: unknown, context: ToolContext): Promise<unknown>;
}
