/**
 * Owns the provider for a model in this process: from a request's messages to events, each piece of text its own batch the
 * moment it is generated. Text only: no tools, no images. The model is installed and loaded with the first call, or before
 * it by `prepareLocalModel`.
 */
import { ABORTED, isAmplifierError, isLLMError, LLMError, untilAborted } from "amplifier-core";
import type { ChatRequest, ModelInfo, Provider, ProviderEvent, ProviderInfo, Usage } from "amplifier-core";
import type { Environment } from "./cache-folder.ts";
import { chatHistory, hasImage } from "./chat-history.ts";
import type { LocalModelStatus } from "./install-local-model.ts";
import { resolveLocalConfig, type LocalConfig, type LocalSettings } from "./local-config.ts";
import type { AnswerSummary, LocalModel } from "./local-model.ts";
import { readyModel } from "./prepare-local-model.ts";

/** Where the provider looks for its cache, and who hears of an installation that a call had to begin with. */
export interface LocalProviderOptions {
  readonly env?: Environment;
  readonly onStatus?: (status: LocalModelStatus) => void;
  /** How a loaded model is had; default: installed if missing, loaded, and shared within this process. */
  readonly ready?: ReadyModel;
}

/** What the provider asks of a model. */
export type AnswerModel = Pick<LocalModel, "contextSize" | "encode" | "generate">;

/** Gets a model ready; its holder releases it. Rejects when it cannot be had, or `signal` is aborted. */
export type ReadyModel = (
  settings: LocalSettings,
  signal: AbortSignal,
) => Promise<{ readonly model: AnswerModel; release(): Promise<void> }>;

/** The provider; `dispose` frees the model's memory once no other session uses it. */
export interface LocalProvider extends Provider {
  dispose(): Promise<void>;
}

/** Makes a provider. Nothing is installed or loaded before it is asked. */
export function createLocalProvider(config: LocalConfig = {}, options: LocalProviderOptions = {}): LocalProvider {
  const { env = process.env, onStatus = () => undefined } = options;
  const ready: ReadyModel = (settings, signal) => readyModel(settings, { env, signal, onStatus });
  return new InProcessProvider(resolveLocalConfig(config, env), options.ready ?? ready);
}

type Batches = AsyncGenerator<readonly ProviderEvent[], void, undefined>;

class InProcessProvider implements LocalProvider {
  readonly name: string;
  readonly priority?: number;
  readonly #settings: LocalSettings;
  readonly #ready: ReadyModel;
  #held: Awaited<ReturnType<ReadyModel>> | null = null;

  constructor(settings: LocalSettings, ready: ReadyModel) {
    this.name = settings.name;
    if (settings.priority !== undefined) this.priority = settings.priority;
    this.#settings = settings;
    this.#ready = ready;
  }

  getInfo(): ProviderInfo {
    const { modelId } = this.#settings;
    return { id: this.name, displayName: "Local model", defaultModel: modelId, tools: false, slowStart: true };
  }

  listModels(): Promise<readonly ModelInfo[]> {
    const { modelId, displayName, contextSize, maxOutputTokens } = this.#settings;
    const model = { id: modelId, displayName, contextWindow: contextSize, maxOutputTokens, supportsPrefill: true };
    return Promise.resolve([model]);
  }

  async *stream(request: ChatRequest, options: { readonly signal: AbortSignal }): Batches {
    try {
      const model = await this.#model(request, options.signal);
      const warnings = warningsFor(request);
      if (warnings.length > 0) yield warnings;
      yield* this.#answer(model, request, options.signal);
    } catch (error) {
      throw this.#asModelError(error, options.signal);
    }
  }

  async dispose(): Promise<void> {
    const held = this.#held;
    this.#held = null;
    await held?.release();
  }

  async #model(request: ChatRequest, signal: AbortSignal): Promise<AnswerModel> {
    const { modelId } = this.#settings;
    if (request.model !== undefined && request.model !== modelId) {
      const message = `The local provider has no model "${request.model}", only "${modelId}". For another one set model in its config to the path of a GGUF file.`;
      throw new LLMError("NotFoundError", message, { provider: this.name, model: request.model });
    }
    if (this.#held === null) {
      const held = await this.#ready(this.#settings, signal);
      // Another call may have been as quick.
      if (this.#held !== null) await held.release();
      else this.#held = held;
    }
    return this.#held.model;
  }

  async *#answer(model: AnswerModel, request: ChatRequest, signal: AbortSignal): Batches {
    const { systemPrompt, modelId, seed, ...defaults } = this.#settings;
    const prompt = model.encode(chatHistory(request.messages, systemPrompt));
    const room = model.contextSize - prompt.tokens.length;
    if (room <= 0) throw this.#tooLong(prompt.tokens.length, model.contextSize);
    const pieces = model.generate(prompt.tokens, {
      maxTokens: Math.min(request.max_output_tokens ?? defaults.maxOutputTokens, room),
      temperature: request.temperature ?? defaults.temperature,
      topP: request.top_p ?? defaults.topP,
      seed,
      stopWords: [...prompt.stopWords, ...(request.stop ?? [])],
      signal,
    });
    let text = "";
    try {
      for (;;) {
        // A stop does not wait for the token under way; the model is given back when that one is done.
        const step = await untilAborted(pieces.next(), signal);
        if (step === ABORTED) throw signal.reason;
        if (step.done === true) return yield closingEvents(text, modelId, step.value);
        yield [...(text === "" ? [OPENING] : []), { type: "block_delta", index: 0, delta: step.value }];
        text += step.value;
      }
    } finally {
      void pieces.return(NOTHING).catch(() => undefined);
    }
  }

  #tooLong(tokens: number, contextSize: number): LLMError {
    const message = `The conversation has ${tokens} tokens, the local model takes ${contextSize} with its answer. Begin a new session, raise context_size, or use a larger model.`;
    return new LLMError("ContextLengthError", message, { provider: this.name, model: this.#settings.modelId });
  }

  #asModelError(error: unknown, signal: AbortSignal): LLMError {
    const fields = { provider: this.name, model: this.#settings.modelId, cause: error };
    if (isLLMError(error)) return error;
    if (signal.aborted) return new LLMError("AbortError", `The call to ${this.name} was stopped.`, fields);
    const message = error instanceof Error ? error.message : String(error);
    if (isAmplifierError(error)) {
      return new LLMError("ProviderUnavailableError", message, { ...fields, retryable: false });
    }
    return new LLMError("LLMError", `The local model failed: ${message}`, fields);
  }
}

const OPENING: ProviderEvent = { type: "block_start", index: 0, block: { type: "text" } };
const NOTHING: AnswerSummary = { reason: "stop", promptTokens: 0, reusedTokens: 0, answerTokens: 0 };

function warningsFor({ messages, response_format: format }: ChatRequest): readonly ProviderEvent[] {
  const ignored = [
    ...(hasImage(messages) ? ["images: the model reads text only"] : []),
    ...(format === undefined || format.type === "text" ? [] : [`response_format ${format.type}`]),
  ];
  return ignored.map((what) => ({ type: "warning", message: `The local model ignores ${what}.` }));
}

function closingEvents(text: string, model: string, summary: AnswerSummary): readonly ProviderEvent[] {
  const { promptTokens, reusedTokens, answerTokens } = summary;
  const usage: Usage = {
    input_tokens: promptTokens,
    output_tokens: answerTokens,
    total_tokens: promptTokens + answerTokens,
    cache_read_tokens: reusedTokens,
  };
  return [
    ...(text === "" ? [] : [{ type: "block_end" as const, index: 0, block: { type: "text" as const, text } }]),
    { type: "usage", usage },
    { type: "end", finish_reason: summary.reason, model },
  ];
}
