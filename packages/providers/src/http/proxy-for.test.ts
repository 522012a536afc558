/** Which proxy the environment names for an address, and what of it may be shown. */
import { isLLMError } from "amplifier-core";
import { expect, test } from "vitest";
import { proxyFor } from "./proxy-for.ts";

const callee = { provider: "openai", model: "m" };
const basic = (credentials: string): string => `Basic ${Buffer.from(credentials).toString("base64")}`;

/** What is found, as text: address, credentials, variable. */
function found(url: string, environment: Readonly<Record<string, string>>): string | null {
  const proxy = proxyFor(new URL(url), environment, callee);
  return proxy && [proxy.url.href, proxy.authorization, proxy.variable].filter((part) => part !== null).join(" ");
}

test.each([
  ["https://api.test", { HTTPS_PROXY: "http://one:3128" }, "http://one:3128/ HTTPS_PROXY"],
  ["https://api.test", { HTTPS_PROXY: "http://one", https_proxy: "http://two" }, "http://two/ HTTPS_PROXY"],
  ["https://api.test", { HTTPS_PROXY: "http://one", https_proxy: " " }, "http://one/ HTTPS_PROXY"],
  ["http://api.test", { HTTP_PROXY: "http://one", HTTPS_PROXY: "http://two" }, "http://one/ HTTP_PROXY"],
  ["http://api.test", { http_proxy: "https://one:8443" }, "https://one:8443/ HTTP_PROXY"],
  ["https://api.test", { HTTPS_PROXY: "one:3128" }, "http://one:3128/ HTTPS_PROXY"],
  ["https://api.test", { HTTPS_PROXY: "http://[2001:db8::1]:3128" }, "http://[2001:db8::1]:3128/ HTTPS_PROXY"],
  ["https://api.test", { HTTPS_PROXY: "http://me:s%40cret@one/" }, `http://one/ ${basic("me:s@cret")} HTTPS_PROXY`],
  ["https://api.test", { HTTPS_PROXY: "http://me:50%@one" }, `http://one/ ${basic("me:50%")} HTTPS_PROXY`],
  ["https://api.test", { HTTPS_PROXY: "me@one:3128" }, `http://one:3128/ ${basic("me:")} HTTPS_PROXY`],
  ["https://api.test", { HTTPS_PROXY: "http://one", NO_PROXY: "other.test" }, "http://one/ HTTPS_PROXY"],
])("for %s with %j: %s", (url, environment, expected) => {
  expect(found(url, environment)).toBe(expected);
});

test.each([
  ["https://api.test", {}],
  ["https://api.test", { HTTP_PROXY: "http://one", ALL_PROXY: "http://one" }],
  ["https://api.test", { HTTPS_PROXY: " " }],
  ["https://api.test", { HTTPS_PROXY: "http://one", NO_PROXY: "api.test" }],
  ["https://api.test", { HTTPS_PROXY: "http://one", no_proxy: "test", NO_PROXY: "other.test" }],
  ["http://localhost:11434", { HTTP_PROXY: "http://one" }],
  ["http://localhost:11434", { HTTP_PROXY: "socks5://one" }],
])("for %s with %j: none", (url, environment) => {
  expect(found(url, environment)).toBeNull();
});

test.each([
  ["socks5://me:secret@one:1080", "HTTPS_PROXY names socks5://one:1080, which is no http proxy."],
  ["http://me:se/cret@one", "HTTPS_PROXY is no address of a proxy."],
  ["http://", "HTTPS_PROXY is no address of a proxy."],
])("%s is a ConfigurationError without the password", (value, message) => {
  let error: unknown;
  try {
    proxyFor(new URL("https://api.test"), { HTTPS_PROXY: value }, callee);
  } catch (thrown) {
    error = thrown;
  }
  expect(isLLMError(error, "ConfigurationError")).toBe(true);
  expect(error).toMatchObject({
    provider: "openai",
    model: "m",
    message: `${message} It looks like http://user:password@proxy.example:3128; only http and https proxies work.`,
  });
  expect(JSON.stringify([String((error as Error).cause), (error as Error).stack])).not.toMatch(/se\/?cret/);
});
