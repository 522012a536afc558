/**
 * Owns one loaded model: its template, its one context and who uses it. Answers are generated as they are read, one after
 * the other; what a conversation has in common with the one before is not evaluated again. Knows nothing of Amplifier.
 */
import { stat } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { loadEngine, startEngine, type ChatHistoryItem, type ChatWrapper } from "./engine.ts";
import type { Llama, LlamaModel, LlamaSequence, Token } from "./engine.ts";
import { checkModelFits, contextSizeThatFits } from "./fit-memory.ts";
import { modelUnusable, reasonOf } from "./install-step.ts";
import { TextAssembler } from "./text-assembler.ts";
import { TurnLock } from "./turn-lock.ts";

/** Which model, and how it may use the machine. */
export interface LocalModelOptions {
  /** Folder the engine is installed in. */
  readonly engine: string;
  /** Path of a GGUF file. */
  readonly file: string;
  readonly threads: number;
  /** Tokens of prompt and answer together. */
  readonly contextSize: number;
  /** The size is the config's: less is an error. */
  readonly contextFixed: boolean;
}

/** A conversation as the model reads it. */
export interface EncodedPrompt {
  readonly tokens: readonly Token[];
  /** Texts with which the template ends an answer, beside the tokens that do. */
  readonly stopWords: readonly string[];
}

/** How one answer is generated. */
export interface GenerateOptions {
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  /** The same seed gives the same answer. */
  readonly seed?: number | undefined;
  readonly stopWords: readonly string[];
  readonly signal: AbortSignal;
}

/** What an answer took, in tokens. */
export interface AnswerSummary {
  readonly reason: "stop" | "length";
  readonly promptTokens: number;
  /** Of these, the ones that were evaluated for an earlier answer. */
  readonly reusedTokens: number;
  readonly answerTokens: number;
}

// A stop waits for one evaluation: a quarter of a second of prompt on a slow machine, or one token.
const PROMPT_STEP = 64;

// Chosen by eye over 200 answers: below, this model repeats itself without end; above, it avoids the word that is right.
const REPEAT_PENALTY = 1.1;
const REPEAT_WINDOW = 64;

/** Of 10 ms each. */
const MAX_REASON_WAITS = 50;

/** A model in memory. It does not keep the process alive. */
export class LocalModel {
  readonly contextSize: number;
  readonly #llama: Llama;
  readonly #model: LlamaModel;
  readonly #template: ChatWrapper;
  readonly #sequence: LlamaSequence;
  readonly #lock = new TurnLock();
  #disposed: Promise<void> | null = null;

  /**
   * Loads it; about a second.
   * @throws AmplifierError `engine_failed` when the engine cannot be loaded, the file is broken or memory is short.
   */
  static async load(options: LocalModelOptions): Promise<LocalModel> {
    const engine = await loadEngine(options.engine);
    const { size: bytes } = await stat(options.file);
    checkModelFits(options.file, { bytes, available: process.availableMemory() });
    const said: string[] = [];
    const llama = await startEngine(engine, { threads: options.threads, onError: (line) => said.push(line) });
    try {
      const model = await loadWeights(llama, { file: options.file, said });
      const contextSize = contextSizeFor(model, options);
      const context = await model.createContext({ contextSize, sequences: 1, threads: options.threads });
      return new LocalModel(llama, {
        model,
        template: engine.resolveChatWrapper(model),
        sequence: context.getSequence(),
        contextSize: context.contextSize,
      });
    } catch (error) {
      await llama.dispose();
      throw error;
    }
  }

  private constructor(
    llama: Llama,
    parts: {
      readonly model: LlamaModel;
      readonly template: ChatWrapper;
      readonly sequence: LlamaSequence;
      readonly contextSize: number;
    },
  ) {
    this.#llama = llama;
    this.#model = parts.model;
    this.#template = parts.template;
    this.#sequence = parts.sequence;
    this.contextSize = parts.contextSize;
  }

  /** The conversation in the model's own template and tokens. */
  encode(history: readonly ChatHistoryItem[]): EncodedPrompt {
    const { tokenizer, tokens: special } = this.#model;
    const state = this.#template.generateContextState({ chatHistory: history });
    const tokens = state.contextText.tokenize(tokenizer);
    // The engine puts the token for the beginning first; this model's template begins with the same one, and two of them
    // make its answers worse.
    const doubled = tokens[0] !== undefined && tokens[0] === special.bos && tokens[1] === special.bos;
    // A special token has no text here; the engine itself ends at those.
    const stopWords = state.stopGenerationTriggers.map((each) => this.#model.detokenize(each.tokenize(tokenizer)));
    return { tokens: doubled ? tokens.slice(1) : tokens, stopWords };
  }

  /** The text of tokens, special ones included: what the model really reads. */
  textOf(tokens: readonly Token[]): string {
    return this.#model.detokenize(tokens, true);
  }

  /**
   * Generates an answer: yields text the moment it is certain, never empty, and returns what it took. Waits its turn
   * behind other answers. Nothing is generated ahead of the reader, and `return()` ends it within one token; an abort ends
   * it by rejecting with the signal's reason.
   */
  async *generate(
    prompt: readonly Token[],
    options: GenerateOptions,
  ): AsyncGenerator<string, AnswerSummary, undefined> {
    const release = await this.#lock.acquire(options.signal);
    try {
      if (this.#disposed !== null) throw new Error("The local model was closed.");
      const reusedTokens = await this.#evaluatePrompt(prompt, options.signal);
      const { reason, answerTokens } = yield* this.#answer(prompt.slice(-1), options);
      return { reason, answerTokens, reusedTokens, promptTokens: prompt.length };
    } finally {
      release();
    }
  }

  /** Frees the memory once the answer under way has ended. Idempotent. */
  dispose(): Promise<void> {
    this.#disposed ??= this.#lock.acquire().then(async (release) => {
      await this.#llama.dispose();
      release();
    });
    return this.#disposed;
  }

  /** Evaluates all but the last token; returns how many needed no evaluation. */
  async #evaluatePrompt(prompt: readonly Token[], signal: AbortSignal): Promise<number> {
    const head = prompt.slice(0, -1);
    await this.#sequence.adaptStateToTokens(head, false);
    const reused = this.#sequence.nextTokenIndex;
    for (let from = reused; from < head.length; from += PROMPT_STEP) {
      signal.throwIfAborted();
      await this.#sequence.evaluateWithoutGeneratingNewTokens(head.slice(from, from + PROMPT_STEP));
    }
    return reused;
  }

  async *#answer(
    last: readonly Token[],
    options: GenerateOptions,
  ): AsyncGenerator<string, Pick<AnswerSummary, "reason" | "answerTokens">, undefined> {
    const answer: Token[] = [];
    const assembler = new TextAssembler(this.#model, options.stopWords);
    const tokens = this.#sequence.evaluate(last, {
      temperature: options.temperature,
      topP: options.topP,
      ...(options.seed === undefined ? {} : { seed: options.seed }),
      repeatPenalty: { punishTokens: () => answer.slice(-REPEAT_WINDOW), penalty: REPEAT_PENALTY },
    });
    let reason: AnswerSummary["reason"] = "stop";
    for await (const token of tokens) {
      options.signal.throwIfAborted();
      answer.push(token);
      const text = assembler.push(token);
      if (text !== "") yield text;
      if (assembler.stopped) break;
      if (answer.length < options.maxTokens) continue;
      reason = "length";
      break;
    }
    const rest = assembler.finish();
    if (rest !== "") yield rest;
    return { reason, answerTokens: answer.length };
  }
}

async function loadWeights(
  llama: Llama,
  { file, said }: { readonly file: string; readonly said: readonly string[] },
): Promise<LlamaModel> {
  try {
    return await llama.loadModel({ modelPath: file });
  } catch (error) {
    // The engine says why some moments after it has failed, this line last. Closed before, it would print it.
    for (
      let waits = 0;
      waits < MAX_REASON_WAITS && !said.some((line) => line.endsWith("failed to load model"));
      waits += 1
    ) {
      await wait(10);
    }
    const reason = (said[0] ?? reasonOf(error)).replace(/^\w+: (error loading model: )?/, "");
    throw modelUnusable(`${file} cannot be loaded: ${reason}. Fetch it again, or name another file.`, error);
  }
}

function contextSizeFor(model: LlamaModel, { contextSize, contextFixed }: LocalModelOptions): number {
  return contextSizeThatFits({
    wanted: contextSize,
    fixed: contextFixed,
    trained: model.trainContextSize,
    available: process.availableMemory(),
    bytesFor: (size) =>
      model.fileInsights.estimateContextResourceRequirements({ contextSize: size, modelGpuLayers: 0, sequences: 1 })
        .cpuRam,
  });
}
