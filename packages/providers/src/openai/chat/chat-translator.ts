/**
 * Owns the meaning of a Chat Completions stream: payloads in, provider events out. The wire has no block ends, so they
 * are found: text and thinking end when another kind of block starts, a tool call when its JSON object closes, all else at
 * the finish. Invariant: the same payloads give the same events, however the network cut them.
 */
import { LLMError, type ProviderEvent } from "amplifier-core";
import { extractOf } from "../../http/error-body.ts";
import { streamedError } from "../../http/http-error.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import type { Translator } from "../../http/translate-stream.ts";
import { isCut, isFailure, toFinishReason } from "./chat-finish.ts";
import { toUsage } from "./chat-usage.ts";
import type { ChatChoice, ChatChunk, ChatDelta, ContentPart, ToolCallFragment } from "./chat-wire.ts";
import { isWhiteSpace } from "./json-object-scanner.ts";
import { PendingToolCalls } from "./pending-tool-calls.ts";
import { TextTemplate } from "../../http/text-template.ts";
import { CHAT_TEXT } from "./chat-text.ts";
import type { PendingToolCall } from "./tool-call.ts";

interface OpenBlock {
  readonly type: "text" | "thinking";
  readonly index: number;
  text: string;
}

/**
 * Translates one answer. `request` names the provider in errors; `seed` makes the ids of calls that have none; `warning` is
 * told before anything else.
 */
export class ChatTranslator implements Translator {
  readonly #request: HttpRequest;
  readonly #calls: PendingToolCalls;
  readonly #template = new TextTemplate(CHAT_TEXT);
  #open: OpenBlock | null = null;
  #blocks = 0;
  #finishWord: string | null = null;
  #refused = false;
  #id = "";
  #model = "";
  #fingerprint = "";
  #warning: string | null;

  constructor(request: HttpRequest, options: { readonly seed: string; readonly warning: string | null }) {
    this.#request = request;
    this.#calls = new PendingToolCalls(options.seed);
    this.#warning = options.warning;
  }

  get finished(): boolean {
    return this.#finishWord !== null;
  }

  read(payload: string, events: ProviderEvent[]): boolean {
    const open = this.#open;
    const delta = open === null ? null : this.#template.match(payload, open.type);
    if (open === null || delta === null || delta === "") return this.#readAny(payload, events);
    open.text += delta;
    events.push({ type: "block_delta", index: open.index, delta });
    return false;
  }

  #readAny(payload: string, events: ProviderEvent[]): boolean {
    if (this.#warning !== null) {
      events.push({ type: "warning", message: this.#warning });
      this.#warning = null;
    }
    if (payload === "[DONE]") {
      this.finish(events);
      return true;
    }
    const chunk = this.#parse(payload);
    this.#readChunk(chunk, events);
    this.#template.learn(payload, chunk);
    return false;
  }

  finish(events: ProviderEvent[]): void {
    const word = this.#finishWord;
    if (word === null)
      throw this.#error("StreamError", "ended its stream without a finish reason: the answer is not whole.");
    this.#endBlocks(events);
    events.push({
      type: "end",
      finish_reason: toFinishReason(word, { toolCalls: this.#calls.size > 0, refused: this.#refused }),
      ...(this.#model === "" ? {} : { model: this.#model }),
      ...this.#metadata(),
    });
  }

  #metadata(): { readonly metadata?: { readonly openai: object } } {
    const openai = {
      ...(this.#id === "" ? {} : { id: this.#id }),
      ...(this.#fingerprint === "" ? {} : { system_fingerprint: this.#fingerprint }),
    };
    return Object.keys(openai).length === 0 ? {} : { metadata: { openai } };
  }

  #parse(payload: string): ChatChunk {
    try {
      const value: unknown = JSON.parse(payload);
      if (typeof value === "object" && value !== null) return value;
    } catch {
      // The same error as for JSON that is no object.
    }
    throw this.#error(
      "StreamError",
      `sent a line that is no JSON object: ${extractOf(payload.slice(0, 500)).slice(0, 120)}`,
    );
  }

  #readChunk(chunk: ChatChunk, events: ProviderEvent[]): void {
    if (isError(chunk)) throw streamedError(chunk, this.#request);
    if (this.#id === "") this.#readHead(chunk);
    const choice = chunk.choices?.[0];
    if (choice !== undefined) this.#readChoice(choice, events);
    const usage = chunk.usage ?? chunk.x_groq?.usage ?? null;
    if (usage !== null) events.push({ type: "usage", usage: toUsage(usage) });
  }

  #readChoice({ delta, finish_reason: word }: ChatChoice, events: ProviderEvent[]): void {
    if (delta !== undefined && delta !== null) this.#readDelta(delta, events);
    if (word !== undefined && word !== null && word !== "") this.#readFinish(word, events);
  }

  #readHead(chunk: ChatChunk): void {
    this.#id = chunk.id ?? "";
    this.#model = chunk.model ?? this.#model;
    this.#fingerprint = chunk.system_fingerprint ?? this.#fingerprint;
  }

  #readDelta(delta: ChatDelta, events: ProviderEvent[]): void {
    const { content, refusal, tool_calls: fragments } = delta;
    const reasoning = delta.reasoning_content ?? delta.reasoning;
    if (typeof reasoning === "string") this.#addText("thinking", reasoning, events);
    if (typeof content === "string") this.#addText("text", content, events);
    else if (Array.isArray(content)) this.#addParts(content as readonly ContentPart[], events);
    if (typeof refusal === "string" && refusal !== "") {
      this.#refused = true;
      this.#addText("text", refusal, events);
    }
    if (Array.isArray(fragments)) for (const fragment of fragments) this.#addFragment(fragment, events);
  }

  #addParts(parts: readonly ContentPart[], events: ProviderEvent[]): void {
    for (const part of parts) {
      if (typeof part.text === "string") this.#addText("text", part.text, events);
      if (typeof part.thinking === "string") this.#addText("thinking", part.thinking, events);
      else for (const inner of part.thinking ?? []) this.#addText("thinking", inner.text ?? "", events);
    }
  }

  #addText(type: "text" | "thinking", delta: string, events: ProviderEvent[]): void {
    if (delta === "") return;
    let open = this.#open;
    if (open === null || open.type !== type) {
      this.#beforeBlock(events);
      open = { type, index: this.#blocks++, text: "" };
      this.#open = open;
      events.push({ type: "block_start", index: open.index, block: { type } });
    }
    open.text += delta;
    events.push({ type: "block_delta", index: open.index, delta });
  }

  #addFragment(fragment: ToolCallFragment, events: ProviderEvent[]): void {
    const call = this.#calls.of(fragment, this.#id);
    call.addName(fragment.function?.name ?? "");
    const given = fragment.function?.arguments ?? "";
    const piece = typeof given === "string" ? given : JSON.stringify(given);
    if (piece === "") return;
    if (call.ended) return this.#ignore(call, piece, events);
    this.#startCall(call, events);
    const ended = call.addArguments(piece);
    const index = call.index ?? 0;
    events.push({
      type: "block_delta",
      index,
      delta: ended === null ? piece : piece.slice(0, piece.length - ended.rest.length),
    });
    if (ended === null) return;
    call.ended = true;
    events.push({ type: "block_end", index, block: ended.block });
    this.#ignore(call, ended.rest, events);
  }

  /** Nothing may follow a call's object: the call may be running already. */
  #ignore(call: PendingToolCall, text: string, events: ProviderEvent[]): void {
    if (call.warned || isBlank(text)) return;
    call.warned = true;
    const message = `${this.#request.provider} sent text behind the arguments of the call ${call.name}; it was ignored: ${extractOf(text.slice(0, 200))}`;
    events.push({ type: "warning", message });
  }

  /** The name is known only once the arguments begin: some servers send it in pieces. */
  #startCall(call: PendingToolCall, events: ProviderEvent[]): void {
    if (call.index !== null) return;
    this.#endOpen(events);
    for (const other of this.#calls) {
      if (other.index === null) {
        other.index = this.#blocks++;
        events.push({
          type: "block_start",
          index: other.index,
          block: { type: "tool_call", id: other.id, name: other.name },
        });
      }
      if (other === call) return;
    }
  }

  /** Blocks are numbered in the order in which they began, so a call that only waits for its arguments starts first. */
  #beforeBlock(events: ProviderEvent[]): void {
    this.#endOpen(events);
    for (const call of this.#calls) this.#startCall(call, events);
  }

  #readFinish(word: string, events: ProviderEvent[]): void {
    if (isFailure(word)) throw this.#error("ProviderUnavailableError", `gave the answer up (finish reason ${word}).`);
    this.#finishWord ??= word;
    this.#endBlocks(events);
  }

  #endBlocks(events: ProviderEvent[]): void {
    this.#beforeBlock(events);
    const cut = isCut(this.#finishWord ?? "");
    for (const call of this.#calls) {
      if (call.ended) continue;
      call.ended = true;
      events.push({ type: "block_end", index: call.index ?? 0, block: call.finish(cut) });
    }
  }

  #endOpen(events: ProviderEvent[]): void {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    const { provider } = this.#request;
    const block =
      open.type === "text"
        ? ({ type: "text", text: open.text } as const)
        : ({
            type: "thinking",
            thinking: open.text,
            provider,
            ...(this.#model === "" ? {} : { model: this.#model }),
          } as const);
    events.push({ type: "block_end", index: open.index, block });
  }

  #error(name: "StreamError" | "ProviderUnavailableError", message: string): LLMError {
    const { provider, model } = this.#request;
    return new LLMError(name, `${provider} ${message}`, { provider, model });
  }
}

/** An error in place of an answer: OpenAI's `error`, or vLLM's object that is one. */
function isError(chunk: ChatChunk): boolean {
  return (chunk.error !== undefined && chunk.error !== null) || chunk.object === "error";
}

function isBlank(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (!isWhiteSpace(text.charCodeAt(at))) return false;
  return true;
}
