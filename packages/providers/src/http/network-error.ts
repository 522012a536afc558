/**
 * Owns how a failed connection looks as an `LLMError`: what failed, at which address, and what to do.
 * It knows Node's error codes and nothing of any API.
 */
import { LLMError } from "amplifier-core";
import { shownUrl, type HttpRequest } from "./http-request.ts";

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there. Start the server, or correct base_url",
  ENOTFOUND: "the host name is unknown. Check base_url and the network connection",
  EAI_AGAIN: "the name server did not answer. Check the network connection",
  ETIMEDOUT: "the server did not answer. Check the network connection, a proxy or a firewall",
  ENETUNREACH: "the network cannot be reached. Check the network connection",
  EHOSTUNREACH: "the host cannot be reached. Check the network connection",
  ECONNRESET: "the server closed the connection before it answered. Try again",
  EPIPE: "the server closed the connection before it answered. Try again",
  EPROTO: "the TLS handshake failed. Check whether base_url should start with http:// or https://",
};

const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/;

/**
 * The `LLMError` for an error that came before any answer: `NetworkError`, or `ConfigurationError` when the request could
 * not be made at all (a bad URL, a key with a line break in it).
 */
export function networkError(error: unknown, request: HttpRequest): LLMError {
  const code = codeOf(error);
  const where = shownUrl(request.url);
  const fields = { provider: request.provider, model: request.model, cause: error };
  if (code.startsWith("ERR_INVALID") || code === "ERR_UNESCAPED_CHARACTERS") {
    const what = error instanceof Error ? error.message : String(error);
    return new LLMError("ConfigurationError", `The request to ${where} could not be made: ${what}.`, fields);
  }
  return new LLMError(
    "NetworkError",
    `Cannot reach ${where} (${code || "no code"}): ${adviceFor(code, error)}.`,
    fields,
  );
}

/** The `StreamError` for a connection that broke in the middle of an answer. */
export function brokenStream(error: unknown, request: HttpRequest): LLMError {
  const reason = codeOf(error) || "closed early";
  return new LLMError(
    "StreamError",
    `The connection to ${shownUrl(request.url)} broke in the middle of the answer (${reason}).`,
    {
      provider: request.provider,
      model: request.model,
      cause: error,
    },
  );
}

/** The error of a call its caller stopped; `cause` is the reason given to the signal. */
export function abortError(signal: AbortSignal, request: HttpRequest): LLMError {
  return new LLMError("AbortError", `The call to ${request.provider} was stopped.`, {
    provider: request.provider,
    model: request.model,
    cause: signal.reason,
  });
}

function adviceFor(code: string, error: unknown): string {
  const known = ADVICE[code];
  if (known !== undefined) return known;
  const what = error instanceof Error && error.message !== "" ? error.message : "unknown reason";
  if (TLS_CODE.test(code)) {
    return `the server's certificate was not accepted: ${what}. With a certificate of your own set NODE_EXTRA_CA_CERTS`;
  }
  if (code.startsWith("HPE_")) return `the server does not speak HTTP: ${what}. Check base_url`;
  return what;
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}
