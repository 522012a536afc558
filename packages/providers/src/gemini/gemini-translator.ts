/**
 * Owns the meaning of a `streamGenerateContent` stream: payloads in, provider events out. It reads how the answer ends and
 * what it cost; what it says becomes blocks elsewhere. Invariant: the same payloads give the same events, however the
 * network cut them.
 */
import { LLMError, type FinishReason, type ProviderEvent, type Usage } from "amplifier-core";
import { extractOf } from "../http/error-body.ts";
import { streamedError } from "../http/http-error.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { TextTemplate, type TextForm, type TextPiece } from "../http/text-template.ts";
import type { Translator } from "../http/translate-stream.ts";
import { isJsonObject, type JsonObject } from "../json/json-object.ts";
import { AnswerBlocks, type Part } from "./answer-blocks.ts";
import { GEMINI } from "./gemini-request.ts";

/** The one answer of a call; we never ask for several. */
interface Candidate {
  readonly content?: { readonly parts?: readonly Part[] } | null;
  readonly finishReason?: string | null;
  readonly finishMessage?: string;
  readonly continuationToken?: string | null;
  readonly groundingMetadata?: JsonObject | null;
}

/** One payload of the stream. Every field may be missing. */
interface Chunk {
  readonly candidates?: readonly Candidate[] | null;
  readonly promptFeedback?: { readonly blockReason?: string | null; readonly blockReasonMessage?: string } | null;
  readonly usageMetadata?: JsonObject | null;
  readonly modelVersion?: string;
  readonly responseId?: string;
  readonly error?: unknown;
}

const REASONS: Readonly<Record<string, FinishReason>> = {
  STOP: "stop",
  MAX_TOKENS: "length",
  CONTINUATION: "pause",
  SAFETY: "content_filter",
  RECITATION: "content_filter",
  BLOCKLIST: "content_filter",
  PROHIBITED_CONTENT: "content_filter",
  SPII: "content_filter",
  MODEL_ARMOR: "content_filter",
  IMAGE_SAFETY: "content_filter",
  IMAGE_PROHIBITED_CONTENT: "content_filter",
  IMAGE_RECITATION: "content_filter",
};

/** The model wrote something that is no call: nothing was said, and asking again helps. */
const FAILURES = new Set(["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE"]);

/** Payloads of text repeat themselves but for the text and the counts of tokens, which are read at the end. */
const GEMINI_TEXT: TextForm<Chunk> = {
  pieceIn,
  unread: { member: /("\w*okenCount"\s*:\s*)\d+/g, value: "(?:0|[1-9]\\d*)" },
};

/**
 * Translates one answer. `request` names the provider in errors, and the model that signed blocks are bound to; `seed`
 * makes the ids of calls that have none; `warnings` are told before anything else.
 */
export class GeminiTranslator implements Translator {
  readonly #request: HttpRequest;
  readonly #template = new TextTemplate(GEMINI_TEXT);
  readonly #blocks: AnswerBlocks;
  #warnings: readonly string[];
  #finishWord: string | null = null;
  #usage: JsonObject | null = null;
  #toldUsage = "";
  /** The newest payload of text that was not parsed: its counts may be the last there are. */
  #unparsed: string | null = null;
  #id = "";
  #model = "";
  #continuationToken: string | null = null;
  #grounding: JsonObject | null = null;

  constructor(request: HttpRequest, options: { readonly seed: string; readonly warnings: readonly string[] }) {
    this.#request = request;
    this.#blocks = new AnswerBlocks(request.model ?? "", options.seed);
    this.#warnings = options.warnings;
  }

  get finished(): boolean {
    return this.#finishWord !== null;
  }

  // The answer ends with its body: what comes behind a finish reason (signatures, counts) belongs to it.
  read(payload: string, events: ProviderEvent[]): boolean {
    const type = this.#blocks.openType;
    const delta = type === null ? null : this.#template.match(payload, type);
    if (delta === null || delta === "") {
      this.#readAny(payload, events);
      return false;
    }
    this.#unparsed = payload;
    this.#blocks.append(delta, events);
    return false;
  }

  finish(events: ProviderEvent[]): void {
    const word = this.#finishWord;
    if (word === null)
      throw this.#error("StreamError", "ended its stream without a finish reason: the answer is not whole.");
    this.#blocks.end(word === "STOP", events);
    if (this.#unparsed !== null) this.#takeUsage(this.#parse(this.#unparsed));
    this.#tellUsage(events);
    events.push({
      type: "end",
      finish_reason: this.#reason(word),
      ...(this.#model === "" ? {} : { model: this.#model }),
      metadata: { [GEMINI]: this.#metadata(word) },
    });
  }

  #reason(word: string): FinishReason {
    if (word === "STOP" && this.#blocks.calls > 0) return "tool_calls";
    // Without its token nothing can go on.
    if (word === "CONTINUATION" && this.#continuationToken === null) return "length";
    return REASONS[word] ?? "unknown";
  }

  #metadata(word: string): JsonObject {
    const goesOn = word === "CONTINUATION" && this.#continuationToken !== null;
    return {
      ...(this.#id === "" ? {} : { id: this.#id }),
      ...(word === "STOP" ? {} : { finish_reason: word }),
      ...(this.#grounding === null ? {} : { grounding: this.#grounding }),
      ...(goesOn ? { continuation_token: this.#continuationToken } : {}),
    };
  }

  #readAny(payload: string, events: ProviderEvent[]): void {
    for (const message of this.#warnings) events.push({ type: "warning", message });
    this.#warnings = [];
    const chunk = this.#parse(payload);
    if (chunk.error !== undefined && chunk.error !== null) throw streamedError(chunk, this.#request);
    this.#readHead(chunk, events);
    this.#readFeedback(chunk.promptFeedback ?? {});
    const candidate = chunk.candidates?.[0];
    if (candidate !== undefined) this.#readCandidate(candidate, events);
    this.#template.learn(payload, chunk);
  }

  #parse(payload: string): Chunk {
    try {
      const value: unknown = JSON.parse(payload);
      if (isJsonObject(value)) return value;
    } catch {
      // The same error as for JSON that is no object.
    }
    const shown = extractOf(payload.slice(0, 500)).slice(0, 120);
    throw this.#error("StreamError", `sent a line that is no JSON object: ${shown}`);
  }

  #readHead(chunk: Chunk, events: ProviderEvent[]): void {
    const { modelVersion, responseId } = chunk;
    this.#takeUsage(chunk);
    this.#model = modelVersion ?? this.#model;
    this.#id = responseId ?? this.#id;
    if (this.#toldUsage === "") this.#tellUsage(events);
  }

  #takeUsage({ usageMetadata }: Chunk): void {
    if (!isJsonObject(usageMetadata)) return;
    this.#usage = usageMetadata;
    this.#unparsed = null;
  }

  #readFeedback({ blockReason, blockReasonMessage }: NonNullable<Chunk["promptFeedback"]>): void {
    if (!blockReason) return;
    const why = blockReasonMessage === undefined ? blockReason : `${blockReason}: ${blockReasonMessage}`;
    throw this.#error(
      "ContentFilterError",
      `refused the prompt (${why}). Change the prompt, or what the conversation quotes.`,
    );
  }

  #readCandidate(candidate: Candidate, events: ProviderEvent[]): void {
    for (const part of candidate.content?.parts ?? []) this.#blocks.read(part, this.#id, events);
    const { continuationToken, groundingMetadata, finishReason, finishMessage } = candidate;
    this.#continuationToken = continuationToken ?? this.#continuationToken;
    this.#grounding = groundingMetadata ?? this.#grounding;
    if (finishReason) this.#readFinish(finishReason, finishMessage, events);
  }

  #readFinish(word: string, message: string | undefined, events: ProviderEvent[]): void {
    const why = message === undefined ? word : `${word}: ${message}`;
    if (FAILURES.has(word)) throw this.#error("StreamError", `gave its answer up (${why}).`);
    if (word === this.#finishWord) return;
    this.#finishWord = word;
    if (REASONS[word] !== "content_filter") return;
    events.push({ type: "warning", message: `${this.#request.provider} cut its answer off (${why}).` });
  }

  /** Told at first, so that a broken answer has a count, and at the end; between them every payload has its own. */
  #tellUsage(events: ProviderEvent[]): void {
    const usage = this.#usage === null ? null : toUsage(this.#usage);
    const text = JSON.stringify(usage);
    if (usage === null || text === this.#toldUsage) return;
    this.#toldUsage = text;
    events.push({ type: "usage", usage });
  }

  #error(name: "StreamError" | "ContentFilterError", message: string): LLMError {
    const { provider, model } = this.#request;
    return new LLMError(name, `${provider} ${message}`, { provider, model });
  }
}

/** The one piece of text of a payload that has nothing else. */
function pieceIn({ candidates, error, promptFeedback }: Chunk): TextPiece | null {
  const [candidate, second] = candidates ?? [];
  const [part, other] = candidate?.content?.parts ?? [];
  const more = [second, other, candidate?.finishReason, error, promptFeedback?.blockReason];
  return part === undefined || more.some(Boolean) ? null : textOnly(part);
}

function textOnly({ text, thought, thoughtSignature, functionCall }: Part): TextPiece | null {
  if (typeof text !== "string" || text === "" || thoughtSignature || functionCall) return null;
  return { type: thought === true ? "thinking" : "text", key: "text", text };
}

/** Counts in our terms, or null when there are none yet. `output_tokens` has the thoughts in it. */
function toUsage(report: JsonObject): Usage | null {
  const prompt = count(report["promptTokenCount"]);
  if (prompt === undefined) return null;
  const thoughts = count(report["thoughtsTokenCount"]);
  const cached = count(report["cachedContentTokenCount"]);
  const input = prompt + (count(report["toolUsePromptTokenCount"]) ?? 0);
  const output = (count(report["candidatesTokenCount"]) ?? 0) + (thoughts ?? 0);
  return {
    input_tokens: input,
    output_tokens: output,
    total_tokens: count(report["totalTokenCount"]) ?? input + output,
    ...(thoughts === undefined ? {} : { reasoning_tokens: thoughts }),
    ...(cached === undefined ? {} : { cache_read_tokens: cached }),
  };
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 ? value : undefined;
}
