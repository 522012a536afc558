/**
 * Owns what is sent to `streamGenerateContent`: the conversation as contents, the tools, and which parameters this model
 * takes. What had to be left out is said in `warnings`. Source: the API reference and model guides of ai.google.dev,
 * November 2026.
 */
import type { ChatRequest, ContentBlock, Message, ReasoningEffort, ToolChoice, ToolSpec } from "amplifier-core";
import { blocksOf, inlineImage, reminderText, splitConversation } from "../conversation.ts";
import { isJsonObject, type JsonObject } from "../json/json-object.ts";
import { withSafeCalls } from "../safe-calls.ts";
import type { GeminiSettings } from "./gemini-config.ts";

/** The origin that signed blocks carry, and the key of what a message's metadata keeps for the next call. */
export const GEMINI = "gemini";

/** How ids begin that the API did not give: they are never sent to it. */
export const OWN_CALL_ID = "gemini_";

/** A block with what the API wants to have back: models sign texts and calls too, not only thoughts. */
export type SignedBlock = ContentBlock & {
  readonly signature?: string;
  readonly provider?: string;
  readonly model?: string;
};

/** A call ready to be sent. */
export interface GeminiRequest {
  readonly model: string;
  readonly body: JsonObject;
  readonly warnings: readonly string[];
}

/** Translates a request; its own fields win over `settings`. */
export function toGeminiRequest(request: ChatRequest, settings: GeminiSettings): GeminiRequest {
  const model = request.model ?? settings.model;
  const traits = modelTraits(model);
  const { system, messages } = splitConversation(request.messages);
  const { turns, continuationToken } = continuationIn(messages);
  const warnings: string[] = [];
  const body = {
    systemInstruction: system === "" ? undefined : { parts: [{ text: system }] },
    contents: new Conversation(model, traits).contentsOf(turns),
    ...toolFields(request, settings.isCloud && traits.isModern),
    generationConfig: {
      maxOutputTokens: request.max_output_tokens ?? settings.maxOutputTokens,
      stopSequences: request.stop?.length === 0 ? undefined : request.stop,
      ...samplingFields({ request, settings, traits, model, warnings }),
      ...formatFields(request),
      thinkingConfig: thinkingConfig(traits, request.reasoning_effort ?? settings.reasoningEffort),
    },
    continuationToken,
  };
  return { model, body, warnings };
}

/** What a request has to know of its model. */
interface ModelTraits {
  /** How it is told to think: not at all, by a budget of tokens (2.5), or by a level (from 3 on). */
  readonly thinking: "none" | "budget" | "level";
  /** Gemini 3 and newer: calls without a signature are refused, and results may hold images. */
  readonly isModern: boolean;
  /** It takes `temperature` and `topP`: newer ones ignore or refuse them. */
  readonly sampling: boolean;
  /** The least it can think: a level, or a budget. */
  readonly least: string | number;
}

/** A name without a version (`gemini-flash-latest`) is taken for the newest; one that is no Gemini's gets no extras. */
function modelTraits(model: string): ModelTraits {
  const name = model.toLowerCase();
  const match = /(?:^|\/)gemini-(?:(\d+)(?:\.(\d+))?)?/.exec(name);
  const version = match === null ? 0 : match[1] === undefined ? 99 : Number(match[1]) + Number(match[2] ?? 0) / 10;
  const isModern = version >= 3;
  const thinks = version >= 2.5 && !/-(image|tts|live|audio|embedding)/.test(name);
  const thinksLittle = version < 3.7 && name.includes("flash");
  return {
    thinking: thinks ? (isModern ? "level" : "budget") : "none",
    isModern,
    sampling: version < 3.5,
    least: isModern ? (thinksLittle ? "MINIMAL" : "LOW") : name.includes("pro") ? 128 : 0,
  };
}

/** Levels from Gemini 3 on, and what Google takes for them in tokens before. */
const EFFORTS: Readonly<Record<Exclude<ReasoningEffort, "none" | "minimal">, readonly [string, number]>> = {
  low: ["LOW", 1_024],
  medium: ["MEDIUM", 8_192],
  high: ["HIGH", 24_576],
  xhigh: ["HIGH", 24_576],
};

/** Thoughts are asked for: without them the stream would stand still while the model thinks. */
function thinkingConfig(traits: ModelTraits, effort: ReasoningEffort | undefined): JsonObject | undefined {
  const { thinking, least } = traits;
  if (thinking === "none") return undefined;
  const field = thinking === "level" ? "thinkingLevel" : "thinkingBudget";
  if (effort === undefined) return { includeThoughts: true };
  if (effort === "none") return { [field]: least };
  if (effort === "minimal") return { includeThoughts: true, [field]: thinking === "level" ? least : 1_024 };
  return { includeThoughts: true, [field]: EFFORTS[effort][thinking === "level" ? 0 : 1] };
}

function samplingFields(given: {
  readonly request: ChatRequest;
  readonly settings: GeminiSettings;
  readonly traits: ModelTraits;
  readonly model: string;
  readonly warnings: string[];
}): JsonObject {
  const { request, settings, traits, model, warnings } = given;
  const temperature = request.temperature ?? settings.temperature;
  if (traits.sampling) return { temperature, topP: request.top_p };
  const wanted = [temperature === undefined ? [] : "temperature", request.top_p === undefined ? [] : "top_p"].flat();
  if (wanted.length > 0) warnings.push(`${wanted.join(" and ")} left out: ${model} takes none.`);
  return {};
}

function formatFields({ response_format: format }: ChatRequest): JsonObject {
  if (format === undefined || format.type === "text") return {};
  const schema = format.type === "json_schema" ? format.schema : undefined;
  return { responseMimeType: "application/json", responseJsonSchema: schema };
}

function toolFields({ tools = [], tool_choice: choice }: ChatRequest, streamsArguments: boolean): JsonObject {
  if (tools.length === 0) return {};
  const functions = tools.flatMap(toDeclaration);
  const native = tools.flatMap(toNativeTool);
  const config = {
    ...(choice === undefined ? {} : toCallingConfig(choice)),
    ...(streamsArguments && functions.length > 0 ? { streamFunctionCallArguments: true } : {}),
  };
  return {
    tools: [...(functions.length === 0 ? [] : [{ functionDeclarations: functions }]), ...native],
    toolConfig: Object.keys(config).length === 0 ? undefined : { functionCallingConfig: config },
  };
}

function toDeclaration(tool: ToolSpec): JsonObject[] {
  if (tool.type !== undefined) return [];
  const { name, description, parameters } = tool;
  return [{ name, description, parametersJsonSchema: parameters }];
}

/** `{ type: "googleSearch", name: ... }` is `{ googleSearch: {} }` here. */
function toNativeTool({ type, ...tool }: ToolSpec): JsonObject[] {
  if (type === undefined) return [];
  const fields = Object.entries(tool).filter(([key]) => key !== "name");
  return [{ [type]: Object.fromEntries(fields) }];
}

function toCallingConfig(choice: ToolChoice): JsonObject {
  if (typeof choice === "object") return { mode: "ANY", allowedFunctionNames: [choice.name] };
  return { mode: choice === "required" ? "ANY" : choice.toUpperCase() };
}

/**
 * An answer that was too long for one call ends with a token; sent with the same conversation, the model goes on. What it
 * has said so far then stands on the server, and not in the contents.
 */
function continuationIn(messages: readonly Message[]): {
  readonly turns: readonly Message[];
  readonly continuationToken?: string;
} {
  const ours = messages.at(-1)?.metadata?.[GEMINI];
  const token = isJsonObject(ours) ? ours["continuation_token"] : undefined;
  if (typeof token !== "string") return { turns: messages };
  return {
    turns: messages.slice(0, messages.findLastIndex(({ role }) => role !== "assistant") + 1),
    continuationToken: token,
  };
}

/** Names as a declared function's may be; ids may be anything. */
const CALL_RULES = {
  id: { refused: /\p{Cc}/gu, maxLength: 256 },
  name: { refused: /^[^a-zA-Z_]|[^a-zA-Z0-9_.:-]/g, maxLength: 128 },
};

/** What Google documents for calls that another model made: they have no signature it would take. */
const FOREIGN_SIGNATURE = "skip_thought_signature_validator";

interface Content {
  readonly role: "user" | "model";
  readonly parts: JsonObject[];
  /** Results of calls, by the place of their call: they come first and in order, as calls without ids want it. */
  readonly results: { readonly place: number; readonly parts: readonly JsonObject[] }[];
}

/** Translates one conversation: roles in turn, calls and their results matched. */
class Conversation {
  readonly #model: string;
  readonly #traits: ModelTraits;
  readonly #calls = new Map<string, { readonly name: string; readonly place: number }>();
  readonly #contents: Content[] = [];

  constructor(model: string, traits: ModelTraits) {
    this.#model = model;
    this.#traits = traits;
  }

  contentsOf(messages: readonly Message[]): JsonObject[] {
    for (const message of withSafeCalls(messages, CALL_RULES)) this.#add(message);
    return this.#contents.map(({ role, parts, results }) => {
      const inOrder = results.toSorted((left, right) => left.place - right.place);
      const all = [...inOrder.flatMap((result) => result.parts), ...parts];
      return { role, parts: this.#traits.isModern ? withSignature(all) : all };
    });
  }

  #add(message: Message): void {
    const blocks = blocksOf(message);
    switch (message.role) {
      case "assistant":
        return this.#parts(
          "model",
          blocks.flatMap((block) => this.#modelParts(block)),
        );
      case "system":
      case "developer":
        return this.#parts("user", textPart(reminderText(message)));
      case "tool":
      case "function":
        return this.#result(message.tool_call_id ?? "", blocks, message.name);
      case "user":
        for (const block of blocks) this.#addUserBlock(block);
    }
  }

  #addUserBlock(block: ContentBlock): void {
    if (block.type === "text") this.#parts("user", textPart(block.text));
    else if (block.type === "image") this.#parts("user", [imagePart(block)]);
    else if (block.type === "tool_result") {
      const { output } = block;
      const text = typeof output === "string" ? output : (JSON.stringify(output) ?? "");
      this.#result(block.tool_call_id, [{ type: "text", text }]);
    }
  }

  #parts(role: Content["role"], parts: readonly JsonObject[]): void {
    if (parts.length > 0) this.#content(role).parts.push(...parts);
  }

  /** The last content when it has this role, else a new one. */
  #content(role: Content["role"]): Content {
    const last = this.#contents.at(-1);
    if (last?.role === role) return last;
    const next: Content = { role, parts: [], results: [] };
    this.#contents.push(next);
    return next;
  }

  #modelParts(block: SignedBlock): JsonObject[] {
    const signed = this.#isOwn(block) && block.signature !== undefined ? { thoughtSignature: block.signature } : {};
    switch (block.type) {
      case "text":
        return textPart(block.text).map((part) => ({ ...part, ...signed }));
      case "thinking":
        return "thoughtSignature" in signed ? [{ text: block.thinking, thought: true, ...signed }] : [];
      case "tool_call": {
        this.#calls.set(block.id, { name: block.name, place: this.#calls.size });
        // Arguments that were no object, or were cut off, are not repeated.
        const args = block.raw_arguments === undefined && block.interrupted !== true ? block.input : {};
        return [{ functionCall: { ...wireId(block.id), name: block.name, args }, ...signed }];
      }
      case "opaque":
        return this.#isOwn(block) && block.interrupted === undefined ? [block.data] : [];
      default:
        return [];
    }
  }

  #isOwn({ provider, model }: SignedBlock): boolean {
    return provider === GEMINI && model === this.#model;
  }

  #result(callId: string, blocks: readonly ContentBlock[], toolName?: string): void {
    const call = this.#calls.get(callId);
    const texts = blocks.flatMap((block) => (block.type === "text" ? [block.text] : []));
    const images = blocks.flatMap((block) => (block.type === "image" ? [imagePart(block)] : []));
    const inside = this.#traits.isModern ? images.filter((part) => "inlineData" in part) : [];
    const functionResponse = {
      ...wireId(callId),
      name: call?.name ?? toolName ?? callId,
      response: { output: texts.join("\n") },
      ...(inside.length === 0 ? {} : { parts: inside }),
    };
    const beside = images.filter((part) => !inside.includes(part));
    const place = call?.place ?? this.#calls.size;
    this.#content("user").results.push({ place, parts: [{ functionResponse }, ...beside] });
  }
}

/** Calls that came without an id have one of ours: they go back without, told apart by name and order. */
function wireId(id: string): { readonly id?: string } {
  return id === "" || id.startsWith(OWN_CALL_ID) ? {} : { id };
}

/** The first call of an answer has to be signed. */
function withSignature(parts: readonly JsonObject[]): readonly JsonObject[] {
  const first = parts.findIndex((part) => "functionCall" in part);
  if (first === -1) return parts;
  return parts.map((part, index) => (index === first ? { thoughtSignature: FOREIGN_SIGNATURE, ...part } : part));
}

/** Empty texts are refused. */
function textPart(text: string): JsonObject[] {
  return text === "" ? [] : [{ text }];
}

const IMAGE_TYPE = /\.(png|jpe?g|webp|gif|heic|heif)(?:[?#]|$)/i;

function imagePart({ source }: Extract<ContentBlock, { type: "image" }>): JsonObject {
  const inline = inlineImage(source);
  if (inline !== null) return { inlineData: { mimeType: inline.mediaType, data: inline.data } };
  const fileUri = source.type === "url" ? source.url : "";
  const extension = IMAGE_TYPE.exec(fileUri)?.[1]?.toLowerCase().replace("jpg", "jpeg");
  return { fileData: { fileUri, ...(extension === undefined ? {} : { mimeType: `image/${extension}` }) } };
}
