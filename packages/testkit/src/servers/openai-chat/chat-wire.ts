/**
 * Owns Chat Completions as a wire: its addresses, its headers, and how it words what goes wrong.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { HttpAnswer, RefusalKind } from "../refusal.ts";
import { askedAt, type Wire } from "../wire.ts";
import { ChatEncoder } from "./chat-encoder.ts";
import { checkChatRequest, takesChatPrefill } from "./check-chat-request.ts";

/** OpenAI's Chat Completions. */
export const CHAT_WIRE: Wire = {
  name: "Chat Completions",
  basePath: "/v1",
  asked: askedAt("/chat/completions"),
  modelsPath: "/models",
  admit,
  takesPrefill: takesChatPrefill,
  problems: checkChatRequest,
  notJson: { rule: "the body is a JSON object", message: "We could not parse the JSON body of your request." },
  invalid: ({ message, param, code }) => refusal(400, { type: "invalid_request_error", message, param, code }),
  refuse: (kind) => REFUSALS[kind],
  notFound: (method, path) =>
    refusal(404, { type: "invalid_request_error", message: `Invalid URL (${method} ${path})` }),
  failed: (message) => refusal(500, { type: "server_error", message }),
  models: (ids) => ({
    object: "list",
    data: ids.map((id) => ({ id, object: "model", created: 1_767_225_600, owned_by: "system" })),
  }),
  encoder: (call) => new ChatEncoder(call),
};

const REFUSALS: Readonly<Record<RefusalKind, HttpAnswer>> = {
  rate_limit: refusal(429, {
    type: "requests",
    code: "rate_limit_exceeded",
    message:
      "Rate limit reached for gpt-4.1 in organization org-test on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s.",
  }),
  overloaded: refusal(503, {
    type: "server_error",
    message: "The server is currently overloaded with other requests. Sorry about that! You can retry your request.",
  }),
  server_error: refusal(500, {
    type: "server_error",
    message: "The server had an error while processing your request. Sorry about that!",
  }),
  authentication: refusal(401, {
    type: "invalid_request_error",
    code: "invalid_api_key",
    message: "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.",
  }),
  context_length: refusal(400, {
    type: "invalid_request_error",
    param: "messages",
    code: "context_length_exceeded",
    message:
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 204308 tokens. Please reduce the length of the messages.",
  }),
};

const NO_KEY =
  "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).";

function admit(headers: IncomingHttpHeaders): HttpAnswer | null {
  if (!/^Bearer \S/.test(headers.authorization ?? "")) {
    return refusal(401, { type: "invalid_request_error", message: NO_KEY });
  }
  const type = headers["content-type"] ?? "";
  if (/^application\/json\b/i.test(type)) return null;
  const message = `Unsupported content type: '${type}'. This API method only accepts 'application/json' requests, but you specified the header 'Content-Type: ${type}'. Please try again with a supported content type.`;
  return refusal(400, { type: "invalid_request_error", code: "unsupported_content_type", message });
}

interface ChatError {
  readonly type: string;
  readonly message: string;
  readonly param?: string | null | undefined;
  readonly code?: string | null | undefined;
}

function refusal(status: number, { type, message, param = null, code = null }: ChatError): HttpAnswer {
  return { status, body: { error: { message, type, param, code } } };
}
