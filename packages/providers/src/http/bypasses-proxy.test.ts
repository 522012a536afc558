/** `NO_PROXY`, rule by rule. */
import { expect, test } from "vitest";
import { bypassesProxy } from "./bypasses-proxy.ts";

test.each([
  ["https://api.example.com", ""],
  ["https://api.example.com", " , ,"],
  ["https://api.example.com", "example.org,le.com,api.example.com.org"],
  ["https://notexample.com", "example.com"],
  ["https://example.com", "*.example.com"],
  ["https://api.example.com", "example.com:8443"],
  ["https://api.example.com:8443", "example.com:443"],
  ["https://api.example.com", "*example.com"],
  ["https://10.1.2.3", "2.3"],
  ["https://10.1.2.3", ".3"],
  ["https://10.1.2.3", "10.1.2.4,11.0.0.0/8,10.1.2.0/33,10.1.2.0/,10.1.2.0/x,/8"],
  ["https://[2001:db8::1]", "2001:db8::2,2001:db9::/32,[2001:db8::1]:444"],
  ["https://[2001:db8::1]", "1"],
  ["https://localhost.example.com", "localhost"],
])("%s goes through the proxy with NO_PROXY=%s", (url, list) => {
  expect(bypassesProxy(new URL(url), list)).toBe(false);
});

test.each([
  ["https://api.example.com", "*"],
  ["https://api.example.com", "example.org, *"],
  ["https://api.example.com", "*:443"],
  ["https://example.com", "example.com"],
  ["https://example.com", "EXAMPLE.com"],
  ["https://EXAMPLE.com.", "example.com"],
  ["https://api.example.com", "example.com"],
  ["https://example.com", ".example.com"],
  ["https://a.b.example.com", ".example.com"],
  ["https://api.example.com", "*.example.com"],
  ["https://api.example.com", "one.example two.example\texample.com"],
  ["https://api.example.com", "example.com:443"],
  ["http://api.example.com", "example.com:80"],
  ["http://api.example.com:8080", "example.com:8080"],
  ["https://10.1.2.3", "10.1.2.3"],
  ["https://10.1.2.3", "10.0.0.0/8"],
  ["https://10.1.2.3:8443", "10.1.2.3:8443"],
  ["https://10.1.2.3", "0.0.0.0/0"],
  ["https://[2001:db8::1]", "2001:db8::1"],
  ["https://[2001:db8::1]", "2001:0db8:0::0001"],
  ["https://[2001:db8::1]", "[2001:db8::1]"],
  ["https://[2001:db8::1]", "[2001:db8::1]:443"],
  ["https://[2001:db8::1]", "2001:db8::/32"],
])("%s needs none with NO_PROXY=%s", (url, list) => {
  expect(bypassesProxy(new URL(url), list)).toBe(true);
});

test.each(["http://localhost:11434", "http://127.0.0.1:8080", "https://127.8.9.10", "http://[::1]:1234"])(
  "%s, this machine itself, never needs one",
  (url) => {
    expect(bypassesProxy(new URL(url), "")).toBe(true);
  },
);
