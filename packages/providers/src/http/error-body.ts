/**
 * Owns what a server's error says, whatever shape it has: OpenAI's and Anthropic's `{error: {...}}`, Ollama's string,
 * Mistral's and vLLM's flat object, FastAPI's `detail`, or a page of HTML.
 */

/** What was found. `message` is for people; `code` and `type` are lower-case words; `status` an HTTP status in the body. */
export interface ErrorReport {
  readonly message: string;
  readonly code: string;
  readonly type: string;
  readonly status?: number;
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
  if (!isRecord(outer)) return { message: extractOf(textOf(outer)), code: "", type: "" };
  const inner = isRecord(outer["error"]) ? outer["error"] : outer;
  const code = inner["code"] ?? inner["status"];
  const status = Number(code);
  return {
    message: extractOf(messageIn(inner)),
    code: textOf(inner["code"]).toLowerCase(),
    type: textOf(inner["type"]).toLowerCase(),
    ...(Number.isInteger(status) && status >= 400 && status < 600 ? { status } : {}),
  };
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

function messageIn(error: Readonly<Record<string, unknown>>): string {
  // OpenRouter puts the words of the provider behind it into metadata.raw.
  const raw = isRecord(error["metadata"]) ? textOf(error["metadata"]["raw"]) : "";
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
