/**
 * Owns which proxy a call goes through, as the environment says: `https_proxy` for https addresses, `http_proxy` for http
 * ones, `no_proxy` for what needs none, each in small letters first, else in capitals.
 * Invariant: user and password stand in `authorization` only, so that an address may be shown and logged.
 */
import { LLMError } from "amplifier-core";
import { variable, type Environment } from "../provider-config.ts";
import { bypassesProxy } from "./bypasses-proxy.ts";
import type { Callee } from "./http-request.ts";

/** A proxy that speaks http or https itself. */
export interface Proxy {
  /** Scheme, host and port, without user and password. */
  readonly url: URL;
  /** The value of `Proxy-Authorization`. */
  readonly authorization: string | null;
  /** The variable that names it, in capitals: what a person would change. */
  readonly variable: "HTTP_PROXY" | "HTTPS_PROXY";
}

/**
 * The proxy for `url`; null when none is set, or none is to be used: for this machine itself, and for what `no_proxy` lists.
 * @throws LLMError `ConfigurationError` for a variable that names no http or https proxy.
 */
export function proxyFor(url: URL, environment: Environment, callee: Callee): Proxy | null {
  const name = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const value = variable(environment, name.toLowerCase(), name);
  if (value === undefined || bypassesProxy(url, variable(environment, "no_proxy", "NO_PROXY") ?? "")) return null;
  return parseProxy(value, name, callee);
}

function parseProxy(value: string, name: Proxy["variable"], callee: Callee): Proxy {
  // Without a scheme it is http, as everywhere.
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  // A value that is no address is not shown: nobody can tell which part of it is the password.
  if (!URL.canParse(address)) throw unusable(name, "is no address of a proxy", callee);
  const { protocol, host, username, password } = new URL(address);
  if (!/^https?:$/.test(protocol)) throw unusable(name, `names ${protocol}//${host}, which is no http proxy`, callee);
  const credentials = `${decoded(username)}:${decoded(password)}`;
  return {
    url: new URL(`${protocol}//${host}`),
    authorization: credentials === ":" ? null : `Basic ${Buffer.from(credentials).toString("base64")}`,
    variable: name,
  };
}

function unusable(name: string, what: string, { provider, model }: Callee): LLMError {
  const message = `${name} ${what}. It looks like http://user:password@proxy.example:3128; only http and https proxies work.`;
  return new LLMError("ConfigurationError", message, { provider, model });
}

/** A `%` that was meant as one is left as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
