/**
 * Owns what a server's error says, whatever shape it has: OpenAI's and Anthropic's `{error: {...}}`, Google's with its
 * `details`, Ollama's string, Mistral's and vLLM's flat object, FastAPI's `detail`, or a page of HTML.
 */
import { isJsonObject, type JsonObject } from "../json/json-object.ts";

/** What was found. `message` is for people; `code` and `type` are lower-case words; `status` an HTTP status in the body. */
export interface ErrorReport {
  readonly message: string;
  readonly code: string;
  readonly type: string;
  readonly status?: number;
  /** Seconds to wait, where the body says it. */
  readonly retryAfter?: number;
}

const MAX_EXTRACT = 300;

/** Reads an error's body. A body that is no JSON gives a short extract of its text. */
export function readErrorBody(body: string): ErrorReport {
  try {
    return readErrorValue(JSON.parse(body));
  } catch {
    return { message: extractOf(body), code: "", type: "" };
  }
}

/** Reads an error that is already parsed: a whole body, or an `error` payload inside a stream. */
export function readErrorValue(value: unknown): ErrorReport {
  const outer = Array.isArray(value) ? (value as unknown[])[0] : value;
  if (!isJsonObject(outer)) return { message: extractOf(textOf(outer)), code: "", type: "" };
  const inner = isJsonObject(outer["error"]) ? outer["error"] : outer;
  const code = inner["code"] ?? inner["status"];
  const status = Number(code);
  const details = recordsIn(inner["details"]);
  return {
    message: extractOf(messageIn(inner)),
    code: (reasonsIn(details) || textOf(inner["code"])).toLowerCase(),
    type: textOf(inner["type"] ?? inner["status"]).toLowerCase(),
    ...(Number.isInteger(status) && status >= 400 && status < 600 ? { status } : {}),
    ...retryDelayIn(details),
  };
}

/** Google's words for the cause: `API_KEY_INVALID`, or which limits were passed (`...PerDayPerProject...`). */
function reasonsIn(details: readonly JsonObject[]): string {
  const words = details.flatMap((detail) => [
    detail["reason"],
    ...recordsIn(detail["violations"]).map((violation) => violation["quotaId"]),
  ]);
  return words.filter((word) => typeof word === "string").join(" ");
}

/** Google's `RetryInfo`: `{"retryDelay": "34.07s"}`. */
function retryDelayIn(details: readonly JsonObject[]): { readonly retryAfter?: number } {
  for (const { retryDelay } of details) {
    const match = typeof retryDelay === "string" ? /^(\d+(?:\.\d+)?)s$/.exec(retryDelay) : null;
    if (match !== null) return { retryAfter: Number(match[1]) };
  }
  return {};
}

/** The start of a text on one line, tags taken out; at most 300 characters. */
export function extractOf(text: string): string {
  const plain = text
    .slice(0, 20_000)
    .replace(/<(script|style)\b[^]*?<\/\1>/gi, " ")
    .replace(/<[^>]{0,1000}>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return plain.length > MAX_EXTRACT ? `${plain.slice(0, MAX_EXTRACT)}...` : plain;
}

function messageIn(error: JsonObject): string {
  // OpenRouter puts the words of the provider behind it into metadata.raw.
  const raw = isJsonObject(error["metadata"]) ? textOf(error["metadata"]["raw"]) : "";
  for (const key of ["message", "error", "detail", "msg", "error_description"]) {
    const text = textOf(error[key]);
    if (text !== "") return raw === "" ? text : `${text}: ${raw}`;
  }
  return JSON.stringify(error);
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  return JSON.stringify(value) ?? "";
}

function recordsIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
