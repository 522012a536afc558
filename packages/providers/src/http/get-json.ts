/**
 * Owns one plain question to a model's API, answered in JSON: lists of models. Answers of models are streamed elsewhere.
 */
import type { IncomingMessage } from "node:http";
import { LLMError } from "amplifier-core";
import { httpError } from "./http-error.ts";
import { shownUrl, type HttpRequest } from "./http-request.ts";
import { abortError } from "./network-error.ts";
import { readBody } from "./read-body.ts";
import { sendRequest } from "./send-request.ts";

const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Gets a JSON document of at most 8 MB, whole within 10 seconds of its head.
 * @throws LLMError `AbortError` when `signal` is aborted, `NetworkError`, what the status means (see `httpError`),
 * `InvalidRequestError` for a body that is not JSON.
 */
export async function getJson(request: HttpRequest, options: { readonly signal: AbortSignal }): Promise<unknown> {
  const { signal } = options;
  if (signal.aborted) throw abortError(signal, request);
  const sent = sendRequest(request, null);
  const onAbort = (): void => sent.destroy();
  signal.addEventListener("abort", onAbort);
  try {
    const response = await sent.response;
    const { text, cut } = await readBody(response, { maxBytes: MAX_BYTES, maxMs: 10_000 });
    return parse({ response, text, cut }, request);
  } catch (error) {
    throw signal.aborted ? abortError(signal, request) : error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function parse(answer: { response: IncomingMessage; text: string; cut: boolean }, request: HttpRequest): unknown {
  const { response, text, cut } = answer;
  const status = response.statusCode ?? 0;
  if (status < 200 || status >= 300) throw httpError({ status, headers: response.headers, body: text }, request);
  try {
    if (!cut) return JSON.parse(text);
  } catch {
    // Falls through to the same error as a body that broke off.
  }
  const type = response.headers["content-type"] ?? "no type";
  const message = `${shownUrl(request.url)} answered ${status} with ${type}, not with whole JSON. Check base_url.`;
  throw new LLMError("InvalidRequestError", message, { provider: request.provider, status_code: status });
}
