/**
 * Owns the description of one HTTP call to a model's API, and what of it may be shown to people.
 * Invariant: nothing made here for a message contains a key, a password or a query string.
 */
import { LLMError } from "amplifier-core";

/** Who is called: stands in every `LLMError` of the call. */
export interface Callee {
  /** The provider's name, as mounted. */
  readonly provider: string;
  readonly model?: string | undefined;
}

/** One call. `headers` hold the key; `keyName` is the environment variable a person would set it with. */
export interface HttpRequest extends Callee {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly keyName?: string;
}

const SECRET_HEADERS = new Set([
  "authorization",
  "proxy-authorization",
  "x-api-key",
  "api-key",
  "x-goog-api-key",
  "cookie",
]);

/** The address without user, password, query and fragment; the text itself when it is no URL. */
export function shownUrl(url: string): string {
  try {
    const { origin, pathname } = new URL(url);
    return origin === "null" ? masked(url) : origin + pathname;
  } catch {
    return masked(url);
  }
}

// What is no address may hold a password all the same.
function masked(text: string): string {
  return text.replace(/\/\/.*@/s, "//***@").replace(/[?#].*$/s, "");
}

/**
 * The host of a base address.
 * @throws LLMError `ConfigurationError` when it is no http or https address; `example` is one that is.
 */
export function hostOf(
  baseUrl: string,
  { provider, example }: { readonly provider: string; readonly example: string },
): string {
  try {
    const { protocol, hostname } = new URL(baseUrl);
    if (protocol === "http:" || protocol === "https:") return hostname;
  } catch {
    // The same error as for another protocol.
  }
  const message = `base_url is no http or https address: ${shownUrl(baseUrl)}. It looks like ${example}.`;
  throw new LLMError("ConfigurationError", message, { provider });
}

/** Whether an address is on this machine: a model there may take its time to load. */
export function isLoopback(baseUrl: string): boolean {
  const { hostname } = new URL(baseUrl);
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname);
}

/** `text` with every secret the request carries replaced: some servers send the key back in their errors. */
export function withoutSecrets(text: string, headers: Readonly<Record<string, string>>): string {
  let clean = text;
  for (const [name, value] of Object.entries(headers)) {
    if (!SECRET_HEADERS.has(name.toLowerCase())) continue;
    const secret = value.replace(/^(bearer|basic) +/i, "").trim();
    if (secret.length > 3) clean = clean.replaceAll(secret, "[key]");
  }
  return clean;
}
