/**
 * Owns what goes wrong at a proxy, before anybody has spoken with the server behind it, and how that looks as an `LLMError`.
 * Invariant: no message has the proxy's user or password.
 */
import { LLMError } from "amplifier-core";
import type { HttpRequest } from "./http-request.ts";
import type { Proxy } from "./proxy-for.ts";

/** The proxy could not be reached (no `status`), or refused to connect. `message` is what is known of it. */
export class ProxyFailure extends Error {
  readonly proxy: Proxy;
  readonly status: number | undefined;

  constructor(
    proxy: Proxy,
    message: string,
    { status, cause }: { readonly status?: number; readonly cause?: unknown },
  ) {
    super(message, { cause });
    this.proxy = proxy;
    this.status = status;
  }
}

/** `ConfigurationError` for what the proxy will not do (4xx), else `NetworkError`. */
export function proxyError(failure: ProxyFailure, request: HttpRequest): LLMError {
  const { status = 0, cause } = failure;
  const name = status >= 400 && status < 500 ? "ConfigurationError" : "NetworkError";
  return new LLMError(name, sentence(failure, new URL(request.url)), {
    provider: request.provider,
    model: request.model,
    status_code: failure.status,
    cause,
  });
}

function sentence({ proxy, status, message }: ProxyFailure, { host, hostname }: URL): string {
  const { variable, authorization, url } = proxy;
  const without = `or name ${hostname} in NO_PROXY to do without`;
  if (status === undefined) {
    return `Cannot reach the proxy ${url.origin} (${message}). Check ${variable} and that the proxy runs, ${without}.`;
  }
  if (status === 407) {
    const what = authorization === null ? "wants a user and a password" : "did not accept the user and the password";
    return `The proxy ${url.origin} ${what} (407). Set ${variable} to ${url.protocol}//user:password@${url.host}, ${without}.`;
  }
  if (status >= 400 && status < 500) {
    return `The proxy ${url.origin} does not let calls to ${host} through (${message}). Ask who runs it, ${without}.`;
  }
  return `The proxy ${url.origin} did not get through to ${host} (${message}). Check base_url, ${without}.`;
}
