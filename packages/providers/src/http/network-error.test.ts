/** What failed connections look like, code by code. */
import { LLMError } from "amplifier-core";
import { expect, test } from "vitest";
import { brokenStream, networkError } from "./network-error.ts";

const request = { url: "https://api.test/v1/x?key=secret", headers: {}, provider: "openai", model: "m" };
const failed = (code: string): Error => Object.assign(new Error(`what Node says of ${code}`), { code });

test.each([
  ["ECONNREFUSED", true, "nothing listens there. Start the server, or correct base_url."],
  ["ENOTFOUND", true, "the host name is unknown. Check base_url and the network connection."],
  ["EAI_AGAIN", true, "the name server did not answer. Check the network connection."],
  ["ETIMEDOUT", true, "the server did not answer. Check the network connection, a proxy or a firewall."],
  ["ENETUNREACH", true, "the network cannot be reached. Check the network connection."],
  ["EHOSTUNREACH", true, "the host cannot be reached. Check the network connection."],
  ["ECONNRESET", true, "the server closed the connection before it answered. Try again."],
  ["EPROTO", false, "the TLS handshake failed. Check whether base_url should start with http:// or https://."],
  ["CERT_HAS_EXPIRED", false, "has expired. Check this machine's clock; else its owner must renew it."],
  ["CERT_NOT_YET_VALID", false, "is not valid yet. Check this machine's clock."],
  ["ERR_TLS_CERT_ALTNAME_INVALID", false, "certificate is for another name. Correct the host in base_url."],
  ["SELF_SIGNED_CERT_IN_CHAIN", false, "set NODE_EXTRA_CA_CERTS to the file of its authority (PEM) before the start."],
  ["CERT_REVOKED", false, "what Node says of CERT_REVOKED. Check base_url, and the server's certificate."],
  ["HPE_INVALID_CONSTANT", true, "does not speak HTTP: what Node says of HPE_INVALID_CONSTANT. Check base_url."],
  ["EOTHER", true, "what Node says of EOTHER."],
])("%s is a NetworkError, retryable %s: %s", (code, retryable, advice) => {
  const cause = failed(code);
  const error = networkError(cause, request);
  expect(error).toMatchObject({ name: "NetworkError", retryable, provider: "openai", model: "m", cause });
  expect(error.message.startsWith(`Cannot reach https://api.test/v1/x (${code}): `)).toBe(true);
  expect(error.message.endsWith(advice)).toBe(true);
});

test("an error without a code is told by its message", () => {
  expect(networkError(new Error("odd"), request).message).toBe("Cannot reach https://api.test/v1/x (no code): odd.");
});

test("an LLMError is itself", () => {
  const error = new LLMError("ConfigurationError", "m");
  expect(networkError(error, request)).toBe(error);
});

test.each([
  ["ECONNRESET", "The connection to https://api.test/v1/x broke in the middle of the answer (ECONNRESET). Try again."],
  [
    "Z_DATA_ERROR",
    "The answer of https://api.test/v1/x cannot be decompressed (Z_DATA_ERROR). Have the server send it uncompressed.",
  ],
  [
    "ERR__ERROR_FORMAT_PADDING_1",
    "The answer of https://api.test/v1/x cannot be decompressed (ERR__ERROR_FORMAT_PADDING_1). Have the server send it uncompressed.",
  ],
])("%s in the middle of an answer is a StreamError", (code, message) => {
  expect(brokenStream(failed(code), request)).toMatchObject({ name: "StreamError", retryable: true, message });
});

test("an answer that ends too soon without an error is a StreamError too", () => {
  expect(brokenStream(null, request).message).toBe(
    "The connection to https://api.test/v1/x broke in the middle of the answer (closed early). Try again.",
  );
});
