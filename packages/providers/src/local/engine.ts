/**
 * Owns the door to node-llama-cpp: the part of its API we use, as types of our own (the package is installed on demand and
 * no dependency), and loading it from the cache folder. Source of the shapes: its 3.22 type declarations.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { engineFailed, reasonOf } from "./install-step.ts";
import { ENGINE } from "./model-pins.ts";

/** A token's number in the model's vocabulary. */
export type Token = number & { readonly token: unique symbol };

/** One turn of a conversation. A `model` turn at the end is the one to generate: what it holds is its beginning. */
export type ChatHistoryItem =
  | { readonly type: "system" | "user"; readonly text: string }
  | { readonly type: "model"; readonly response: readonly string[] };

/** Text with special tokens in it. */
export interface LlamaText {
  tokenize(tokenizer: LlamaTokenizer): Token[];
}

/** Turns text into tokens; opaque to us. */
export interface LlamaTokenizer {
  readonly detokenize: unknown;
}

/** The model's chat template. */
export interface ChatWrapper {
  generateContextState(options: { readonly chatHistory: readonly ChatHistoryItem[] }): {
    readonly contextText: LlamaText;
    readonly stopGenerationTriggers: readonly LlamaText[];
  };
}

/** Loaded weights. */
export interface LlamaModel {
  readonly tokenizer: LlamaTokenizer;
  readonly tokens: { readonly bos: Token | null };
  readonly trainContextSize: number;
  readonly fileInsights: {
    /** Bytes; what a context takes beside the weights. */
    estimateContextResourceRequirements(options: {
      readonly contextSize: number;
      readonly modelGpuLayers: number;
      readonly sequences: number;
    }): { readonly cpuRam: number };
  };
  /** Text of tokens; a character of which bytes are still missing shows as U+FFFD. Special tokens only on demand. */
  detokenize(tokens: readonly Token[], specialTokens?: boolean, lastTokens?: readonly Token[]): string;
  createContext(options: {
    readonly contextSize: number;
    readonly sequences: number;
    readonly threads: number;
  }): Promise<LlamaContext>;
}

/** Room for the state of evaluated tokens. */
export interface LlamaContext {
  readonly contextSize: number;
  getSequence(): LlamaSequence;
}

/** How the next token is chosen. */
export interface Sampling {
  readonly temperature: number;
  readonly topP: number;
  readonly seed?: number;
  readonly repeatPenalty: { readonly punishTokens: () => Token[]; readonly penalty: number };
}

/** The evaluated tokens of one conversation. */
export interface LlamaSequence {
  /** How many tokens are evaluated. */
  readonly nextTokenIndex: number;
  /** Forgets everything from the first token on that differs. */
  adaptStateToTokens(tokens: readonly Token[], allowShift: boolean): Promise<void>;
  evaluateWithoutGeneratingNewTokens(tokens: readonly Token[]): Promise<void>;
  /** Ends by itself at a token that ends the answer, which is not yielded. */
  evaluate(tokens: readonly Token[], options: Sampling): AsyncGenerator<Token, void, undefined>;
}

/** A running engine. */
export interface Llama {
  loadModel(options: { readonly modelPath: string; readonly gpuLayers?: number }): Promise<LlamaModel>;
  /** Frees its models and contexts too. */
  dispose(): Promise<void>;
}

/** What the package exports. */
export interface Engine {
  getLlama(options: {
    readonly gpu: false | "metal";
    readonly build: "never";
    readonly skipDownload: true;
    readonly progressLogs: false;
    readonly logLevel: string;
    readonly logger: (level: string, message: string) => void;
    readonly maxThreads: number;
  }): Promise<Llama>;
  resolveChatWrapper(model: LlamaModel): ChatWrapper;
}

/**
 * Loads the engine installed in `directory`.
 * @throws AmplifierError `engine_failed`
 */
export async function loadEngine(directory: string): Promise<Engine> {
  const entry = join(directory, "node_modules", ENGINE.package, "dist", "index.js");
  try {
    return (await import(pathToFileURL(entry).href)) as Engine;
  } catch (error) {
    const reason = `${reasonOf(error)}; to have it installed again delete ${directory}`;
    throw engineFailed("load", reason, error);
  }
}

/**
 * Starts the engine, on the CPU (Metal on Apple silicon), never compiling anything and printing nothing: its errors go to
 * `onError`, line by line, up to a moment after the call that failed.
 * @throws AmplifierError `engine_failed` when its binaries do not run here.
 */
export async function startEngine(
  engine: Engine,
  { threads, onError }: { readonly threads: number; readonly onError: (line: string) => void },
): Promise<Llama> {
  const own = process.execArgv;
  // On Linux the engine first tries its binaries in a forked process, which takes over our options: with this one, which
  // is for `node -e` alone, no fork of a file starts.
  process.execArgv = own.filter((option) => !option.startsWith("--input-type"));
  try {
    return await engine.getLlama({
      gpu: process.platform === "darwin" && process.arch === "arm64" ? "metal" : false,
      build: "never",
      skipDownload: true,
      progressLogs: false,
      logLevel: "error",
      logger: (_level, message) => message.split("\n").forEach(onError),
      maxThreads: threads,
    });
  } catch (error) {
    throw engineFailed("load", `its binaries do not run on this system (${reasonOf(error)})`, error);
  } finally {
    process.execArgv = own;
  }
}
