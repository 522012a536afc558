/**
 * Owns the Gemini API as a wire: its addresses, its headers, and how it words what goes wrong.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { JsonObject } from "../json.ts";
import type { HttpAnswer, RefusalKind } from "../refusal.ts";
import type { Wire } from "../wire.ts";
import { checkGeminiRequest } from "./check-gemini-request.ts";
import { GeminiEncoder } from "./gemini-encoder.ts";

/** Google's Gemini API, version v1beta. */
export const GEMINI_WIRE: Wire = {
  name: "Gemini",
  basePath: "/v1beta",
  asked,
  modelsPath: "/models",
  admit,
  // What the last content of a conversation says is answered, whoever said it.
  takesPrefill: () => true,
  problems: checkGeminiRequest,
  notJson: { rule: "the body is a JSON object", message: "Invalid JSON payload received." },
  invalid: ({ message }) => refusal(400, "INVALID_ARGUMENT", message),
  refuse: (kind) => REFUSALS[kind],
  notFound: () => refusal(404, "NOT_FOUND", "Requested entity was not found."),
  failed: (message) => refusal(500, "INTERNAL", message),
  models: (ids) => ({
    models: ids.map((id) => ({
      name: `models/${id}`,
      displayName: id,
      supportedGenerationMethods: ["generateContent", "countTokens"],
    })),
  }),
  encoder: (call) => new GeminiEncoder(call),
};

const REFUSALS: Readonly<Record<RefusalKind, HttpAnswer>> = {
  rate_limit: refusal(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
  overloaded: refusal(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
  server_error: refusal(500, "INTERNAL", "An internal error has occurred. Please retry."),
  authentication: refusal(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
  context_length: refusal(
    400,
    "INVALID_ARGUMENT",
    "The input token count (1200310) exceeds the maximum number of tokens allowed (1048576).",
  ),
};

function asked(address: string): JsonObject | null {
  const model = /^\/models\/([^/:?]+):streamGenerateContent\?alt=sse$/.exec(address)?.[1];
  return model === undefined ? null : { model, stream: true };
}

function admit(headers: IncomingHttpHeaders): HttpAnswer | null {
  const key = headers["x-goog-api-key"] ?? headers.authorization;
  if (key !== undefined && key !== "") return null;
  const message =
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.";
  return refusal(403, "PERMISSION_DENIED", message);
}

function refusal(code: number, status: string, message: string): HttpAnswer {
  return { status: code, body: { error: { code, message, status } } };
}
