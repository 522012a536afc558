/**
 * Owns how a failed connection looks as an `LLMError`: what failed, at which address, and what to do.
 * It knows Node's error codes and nothing of any API.
 */
import { isLLMError, LLMError } from "amplifier-core";
import { shownUrl, type HttpRequest } from "./http-request.ts";
import { ProxyFailure, proxyError } from "./proxy-failure.ts";

const OWN_AUTHORITY =
  "nobody whom Node trusts has signed the server's certificate. For one of your own or of your company's set NODE_EXTRA_CA_CERTS to the file of its authority (PEM) before the start";

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
  DEPTH_ZERO_SELF_SIGNED_CERT: OWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: OWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: OWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: OWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: OWN_AUTHORITY,
  CERT_HAS_EXPIRED: "the server's certificate has expired. Check this machine's clock; else its owner must renew it",
  CERT_NOT_YET_VALID: "the server's certificate is not valid yet. Check this machine's clock",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another name. Correct the host in base_url",
};

/** A handshake that failed fails again. */
const TLS_CODE = /^(EPROTO|ERR_TLS_CERT|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/;

/**
 * The `LLMError` for an error that came before any answer: `NetworkError`, or `ConfigurationError` when the request could
 * not be made at all (a bad URL, a key with a line break in it, a proxy that refuses). An `LLMError` is itself.
 */
export function networkError(error: unknown, request: HttpRequest): LLMError {
  if (isLLMError(error)) return error;
  if (error instanceof ProxyFailure) return proxyError(error, request);
  const code = codeOf(error) ?? "";
  const where = shownUrl(request.url);
  const fields = { provider: request.provider, model: request.model, cause: error };
  if (code.startsWith("ERR_INVALID") || code === "ERR_UNESCAPED_CHARACTERS") {
    const what = error instanceof Error ? error.message : String(error);
    return new LLMError("ConfigurationError", `The request to ${where} could not be made: ${what}.`, fields);
  }
  const message = `Cannot reach ${where} (${code || "no code"}): ${adviceFor(code, error)}.`;
  return new LLMError("NetworkError", message, TLS_CODE.test(code) ? { ...fields, retryable: false } : fields);
}

/** The `StreamError` for a connection that broke in the middle of an answer, or a body that cannot be decompressed. */
export function brokenStream(error: unknown, request: HttpRequest): LLMError {
  const code = codeOf(error);
  const where = shownUrl(request.url);
  const message = /^(Z_|ERR_)/.test(code ?? "")
    ? `The answer of ${where} cannot be decompressed (${code}). Have the server send it uncompressed.`
    : `The connection to ${where} broke in the middle of the answer (${code ?? "closed early"}). Try again.`;
  return new LLMError("StreamError", message, { provider: request.provider, model: request.model, cause: error });
}

/** The error of a call its caller stopped; `cause` is the reason given to the signal. */
export function abortError(signal: AbortSignal, request: HttpRequest): LLMError {
  return new LLMError("AbortError", `The call to ${request.provider} was stopped.`, {
    provider: request.provider,
    model: request.model,
    cause: signal.reason,
  });
}

/** Node's word for an error. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

function adviceFor(code: string, error: unknown): string {
  const known = ADVICE[code];
  if (known !== undefined) return known;
  const what = error instanceof Error && error.message !== "" ? error.message : "unknown reason";
  if (TLS_CODE.test(code)) return `the TLS handshake failed: ${what}. Check base_url, and the server's certificate`;
  if (code.startsWith("HPE_")) return `the server does not speak HTTP: ${what}. Check base_url`;
  return what;
}
