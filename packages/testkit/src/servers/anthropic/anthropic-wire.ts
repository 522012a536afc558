/**
 * Owns the Messages API as a wire: its addresses, its headers, and how it words what goes wrong.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { HttpAnswer, RefusalKind } from "../refusal.ts";
import { askedAt, type Wire } from "../wire.ts";
import { AnthropicEncoder } from "./anthropic-encoder.ts";
import { checkAnthropicRequest, takesAnthropicPrefill } from "./check-anthropic-request.ts";

/** Anthropic's Messages API, version 2023-06-01. */
export const ANTHROPIC_WIRE: Wire = {
  name: "Anthropic",
  basePath: "",
  asked: askedAt("/v1/messages"),
  modelsPath: "/v1/models",
  admit,
  takesPrefill: takesAnthropicPrefill,
  problems: checkAnthropicRequest,
  notJson: { rule: "the body is a JSON object", message: "The request body is not valid JSON." },
  invalid: ({ message }) => refusal(400, "invalid_request_error", message),
  refuse: (kind) => REFUSALS[kind],
  notFound: () => refusal(404, "not_found_error", "Not Found"),
  failed: (message) => refusal(500, "api_error", message),
  models: (ids) => ({
    data: ids.map((id) => ({ type: "model", id, display_name: id, created_at: "2026-01-01T00:00:00Z" })),
    has_more: false,
    first_id: ids[0] ?? null,
    last_id: ids.at(-1) ?? null,
  }),
  encoder: (call) => new AnthropicEncoder(call),
};

const REFUSALS: Readonly<Record<RefusalKind, HttpAnswer>> = {
  rate_limit: refusal(
    429,
    "rate_limit_error",
    "This request would exceed your organization's rate limit of 50 requests per minute. For details, refer to: https://docs.claude.com/en/api/rate-limits.",
  ),
  overloaded: refusal(529, "overloaded_error", "Overloaded"),
  server_error: refusal(500, "api_error", "Internal server error"),
  authentication: refusal(401, "authentication_error", "invalid x-api-key"),
  context_length: refusal(400, "invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum"),
};

function admit(headers: IncomingHttpHeaders): HttpAnswer | null {
  const key = headers["x-api-key"] ?? headers.authorization;
  if (key === undefined || key === "") return refusal(401, "authentication_error", "x-api-key header is required");
  if (headers["anthropic-version"] === undefined) {
    return refusal(400, "invalid_request_error", "anthropic-version: header is required");
  }
  if (/^application\/json\b/i.test(headers["content-type"] ?? "")) return null;
  return refusal(400, "invalid_request_error", "content-type: must be application/json");
}

function refusal(status: number, type: string, message: string): HttpAnswer {
  return { status, body: { type: "error", error: { type, message }, request_id: "req_011CSHoEeqs5C35K2UUqR7Fy" } };
}
