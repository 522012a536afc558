/**
 * Owns the four APIs as the table of failures sees them: a provider for an address, how an answer begins, and how each
 * vendor words its refusals. Sources: the vendors' pages on errors, and what their users report.
 */
import type { Provider } from "amplifier-core";
import { createAnthropicProvider } from "../../src/anthropic/index.ts";
import { createGeminiProvider } from "../../src/gemini/index.ts";
import { createOpenAIProvider } from "../../src/openai/index.ts";

/** The key that must not appear anywhere. */
export const KEY = "sk-secret-0123456789";

/** What every vendor says in its own words: a status and a body; for Gemini's refused prompt a stream. */
export type Refusal =
  | "wrong key"
  | "forbidden model or place"
  | "no quota"
  | "too many requests"
  | "unknown model"
  | "conversation too long"
  | "refused content"
  | "refused request"
  | "overloaded"
  | "server error";

/** An answer to a refused request. A string is sent as a stream of events. */
export type Said = readonly [status: number, body: object | string];

/** One API. */
export interface Api {
  /** What it is mounted as in the tests. */
  readonly name: string;
  /** The vendor's own server, and the variable that holds its key. */
  readonly vendor: () => Provider;
  readonly keyName: string;
  readonly provider: (url: string) => Provider;
  /** Events that begin an answer. */
  readonly begun: string;
  /** An error in the middle of one: the server is overloaded. */
  readonly brokenOff: string;
  readonly refusals: Readonly<Record<Refusal, Said>>;
}

const data = (payload: object): string => `data: ${JSON.stringify(payload)}\n\n`;

const openaiError = (message: string, code: string | null, type = "invalid_request_error"): object => ({
  error: { message, type, param: null, code },
});

const openaiRefusals: Api["refusals"] = {
  "wrong key": [401, openaiError(`Incorrect API key provided: ${KEY}.`, "invalid_api_key")],
  "forbidden model or place": [403, openaiError("Project `p` does not have access to model `m`", "model_not_found")],
  "no quota": [
    429,
    openaiError("You exceeded your current quota, please check your plan.", "insufficient_quota", "insufficient_quota"),
  ],
  "too many requests": [
    429,
    openaiError("Rate limit reached for m. Try again in 2s.", "rate_limit_exceeded", "tokens"),
  ],
  "unknown model": [
    404,
    openaiError("The model `m` does not exist or you do not have access to it.", "model_not_found"),
  ],
  "conversation too long": [
    400,
    openaiError("Your input exceeds the context window of this model.", "context_length_exceeded"),
  ],
  "refused content": [
    400,
    openaiError("Invalid prompt: your prompt was flagged as potentially violating our usage policy.", "invalid_prompt"),
  ],
  "refused request": [400, openaiError("Unsupported value: 'temperature' does not support 0.", "unsupported_value")],
  overloaded: [503, openaiError("The engine is currently overloaded, please try again later", null, "server_error")],
  "server error": [500, openaiError("The server had an error while processing your request.", null, "server_error")],
};

const anthropicError = (type: string, message: string): object => ({
  type: "error",
  error: { type, message },
  request_id: "req_1",
});

const anthropicRefusals: Api["refusals"] = {
  "wrong key": [401, anthropicError("authentication_error", "invalid x-api-key")],
  "forbidden model or place": [403, anthropicError("permission_error", "Your key may not use this resource.")],
  "no quota": [
    400,
    anthropicError("invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
  ],
  "too many requests": [429, anthropicError("rate_limit_error", "This request would exceed your rate limit.")],
  "unknown model": [404, anthropicError("not_found_error", "model: m")],
  "conversation too long": [
    400,
    anthropicError("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
  ],
  "refused content": [400, anthropicError("invalid_request_error", "Output blocked by content filtering policy")],
  "refused request": [400, anthropicError("invalid_request_error", "max_tokens: must be at least 1")],
  overloaded: [529, anthropicError("overloaded_error", "Overloaded")],
  "server error": [500, anthropicError("api_error", "Internal server error")],
};

/** `status` as `400 INVALID_ARGUMENT`. */
const googleError = (status: string, message: string, detail: object = {}): object => ({
  error: { code: Number(status.slice(0, 3)), status: status.slice(4), message, details: [detail] },
});

const geminiRefusals: Api["refusals"] = {
  "wrong key": [
    400,
    googleError("400 INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", {
      reason: "API_KEY_INVALID",
    }),
  ],
  "forbidden model or place": [
    400,
    googleError("400 FAILED_PRECONDITION", "User location is not supported for the API use."),
  ],
  "no quota": [
    429,
    googleError("429 RESOURCE_EXHAUSTED", "You exceeded your current quota.", {
      violations: [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier" }],
    }),
  ],
  "too many requests": [429, googleError("429 RESOURCE_EXHAUSTED", "Slow down.", { retryDelay: "34s" })],
  "unknown model": [404, googleError("404 NOT_FOUND", "models/m is not found for API version v1beta")],
  "conversation too long": [
    400,
    googleError("400 INVALID_ARGUMENT", "The input token count (12) exceeds the maximum number of tokens allowed (9)."),
  ],
  "refused content": [200, data({ promptFeedback: { blockReason: "PROHIBITED_CONTENT" } })],
  "refused request": [400, googleError("400 INVALID_ARGUMENT", 'Invalid JSON payload received. Unknown name "x"')],
  overloaded: [503, googleError("503 UNAVAILABLE", "The model is overloaded. Please try again later.")],
  "server error": [500, googleError("500 INTERNAL", "An internal error has occurred.")],
};

const openai = (api: "responses" | "chat"): Pick<Api, "vendor" | "keyName" | "provider" | "refusals"> => ({
  vendor: () => createOpenAIProvider({ api }, {}),
  keyName: "OPENAI_API_KEY",
  provider: (url) => createOpenAIProvider({ api, base_url: `${url}/v1`, api_key: KEY, model: "m" }, {}),
  refusals: openaiRefusals,
});

/** All APIs of a server that we speak. */
export const apis: readonly Api[] = [
  {
    name: "OpenAI Responses",
    ...openai("responses"),
    begun:
      data({ type: "response.created", response: { id: "r", model: "m" } }) +
      data({ type: "response.output_item.added", output_index: 0, item: { id: "i", type: "message", content: [] } }) +
      data({ type: "response.content_part.added", output_index: 0, content_index: 0, part: { type: "output_text" } }) +
      data({ type: "response.output_text.delta", output_index: 0, content_index: 0, delta: "Hel" }),
    brokenOff: data({ type: "error", code: "server_error", message: "The server is overloaded." }),
  },
  {
    name: "OpenAI Chat Completions",
    ...openai("chat"),
    begun: data({ id: "c", model: "m", choices: [{ index: 0, delta: { content: "Hel" }, finish_reason: null }] }),
    brokenOff: data({ error: { message: "The server is overloaded.", type: "server_error", code: null } }),
  },
  {
    name: "Anthropic",
    vendor: () => createAnthropicProvider({}, {}),
    keyName: "ANTHROPIC_API_KEY",
    provider: (url) => createAnthropicProvider({ base_url: url, api_key: KEY, model: "m" }, {}),
    begun:
      data({ type: "message_start", message: { id: "a", model: "m", usage: { input_tokens: 1 } } }) +
      data({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }) +
      data({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hel" } }),
    brokenOff: data(anthropicError("overloaded_error", "Overloaded")),
    refusals: anthropicRefusals,
  },
  {
    name: "Gemini",
    vendor: () => createGeminiProvider({}, {}),
    keyName: "GEMINI_API_KEY",
    provider: (url) => createGeminiProvider({ base_url: url, api_key: KEY, model: "m" }, {}),
    begun: data({ candidates: [{ content: { role: "model", parts: [{ text: "Hel" }] } }] }),
    brokenOff: data(googleError("503 UNAVAILABLE", "The model is overloaded.")),
    refusals: geminiRefusals,
  },
];
