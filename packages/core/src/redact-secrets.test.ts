/**
 * What is never shown, and what is. The secrets here are made up.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { REDACTED, redactSecrets } from "./redact-secrets.ts";

const shown = (value: unknown, maxBytes = 1000): unknown => redactSecrets(value, { maxBytes });

describe("redactSecrets, by the name of a key", () => {
  it.each(["api_key", "apiKey", "x-api-key", "OPENAI_API_KEY", "Authorization", "access_token", "token", "password"])(
    "hides what %s holds, text or not",
    (key) => {
      expect(shown({ outer: [{ [key]: "abc" }] })).toEqual({ outer: [{ [key]: REDACTED }] });
      expect(shown({ [key]: { value: "abc" } })).toEqual({ [key]: REDACTED });
      expect(shown({ [key]: 1234 })).toEqual({ [key]: REDACTED });
      expect(shown({ [key]: null })).toEqual({ [key]: null });
    },
  );

  it.each([
    "clientSecret",
    "AWS_SECRET_ACCESS_KEY",
    "private_key",
    "set-cookie",
    "credentials",
    "dbPassword",
    "headers",
    "apiKeyOpenAI",
    "access_key_prod",
    "pwd",
    "pass",
    "DB_PASS",
    "SMTP_PWD",
    "GITHUB_PAT",
    "bearer",
    "auth",
    "basicAuth",
    "tokens",
    "refreshTokens",
  ])("hides what %s holds", (key) => {
    expect(shown({ [key]: "abc" })).toEqual({ [key]: REDACTED });
  });

  it("shows counts of tokens and other names that only sound like secrets", () => {
    const harmless = { input_tokens: 5, max_tokens: 7, tokenizer: "x", key: "k", keyboard: "y", secretary: "Ann" };
    expect(shown(harmless)).toEqual(harmless);
    const wordy = {
      author: "Ann",
      authority: "x",
      pass_through: "y",
      bypass: "z",
      passage: "a",
      patch: "d",
      path: "/p",
    };
    expect(shown(wordy)).toEqual(wordy);
    const named = {
      api_key_env: "MODEL_KEY",
      private_key_path: "/keys/a",
      bearers: "two",
      PWD: "/home/ann",
      pattern: "p",
    };
    expect(shown(named)).toEqual(named);
    const counted = { max_tokens: "4096", tokens: { input: 5, output: 7 }, output_tokens: [1, 2], pass: 12, auth: {} };
    expect(shown(counted)).toEqual(counted);
  });

  it("hides tokens in a list, and what lies in a table of authentication", () => {
    expect(shown({ tokens: ["abc", "def"], auth: { user: "ann", pass: "abc" } })).toEqual({
      tokens: REDACTED,
      auth: { user: "ann", pass: REDACTED },
    });
  });
});

describe("redactSecrets, by the look of a text", () => {
  it.each([
    ["my key is sk-ant-api03-AbCdEfGhIjKlMnOp here", `my key is ${REDACTED} here`],
    ["AKIAABCDEFGHIJKLMNOP", REDACTED],
    ["push with ghp_abcdefghijklmnopqrstuvwxyz0123", `push with ${REDACTED}`],
    ["curl -H 'Authorization: Basic dXNlcjpwYXNz' x", `curl -H 'Authorization: ${REDACTED}' x`],
    ["sent Bearer abcdefgh.ijkl", `sent Bearer ${REDACTED}`],
    ["postgres://admin:hunter2@db/x", `postgres://${REDACTED}@db/x`],
    ["export DB_PASSWORD=hunter2-hunter2", `export DB_PASSWORD=${REDACTED}`],
    ["DB_PASS=hunter2 GITHUB_PAT='abcdef' PWD=/home", `DB_PASS=${REDACTED} GITHUB_PAT='${REDACTED}' PWD=/home`],
    ["//registry.example/:_auth=dXNlcjpwYXNz", `//registry.example/:_auth=${REDACTED}`],
    ["https://x/?key=abcdefgh123456&page=2", `https://x/?key=${REDACTED}&page=2`],
    ["https://x/?page=2&sig=abcdefgh", `https://x/?page=2&sig=${REDACTED}`],
    ['{\\"api_key\\": \\"abcdef123\\"}', `{\\"api_key\\": \\"${REDACTED}\\"}`],
    ["eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSMeK", REDACTED],
    ["a\n-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\nb", `a\n${REDACTED}\nb`],
    ["-----BEGIN PRIVATE KEY-----\nMIIB and no end", REDACTED],
  ])("hides the secret in %j", (text, wanted) => {
    expect(shown({ deep: [text] })).toEqual({ deep: [wanted] });
  });

  it("leaves a text without secrets as it is", () => {
    for (const text of [
      "The task-force asks about tokens: 12",
      "https://host:80/a@b",
      "risk-management-and-more-words",
      "tests pass: 12345678, author=somebody, https://x/?keyword=streaming&q=bearers",
    ])
      expect(shown(text)).toBe(text);
  });

  it("finds a secret that lies across the cut", () => {
    const secret = `sk-${"a".repeat(40)}`;
    expect(shown(`${"x".repeat(980)} ${secret} more`)).toBe(`${"x".repeat(980)} ${REDACTED} more`.slice(0, 1000));
    expect(JSON.stringify(shown(`${"x".repeat(990)} ${secret}${"y".repeat(9000)}`))).not.toContain("sk-a");
  });

  it("comes to an end with a long text of anything that may begin a secret", () => {
    const pieces = fc.constantFrom(
      "a-",
      "token",
      "://",
      "eyJ",
      "-----BEGIN ",
      "Bearer ",
      "=",
      "\\",
      ".",
      " ",
      "sk-",
      "_PASS",
      "?key=",
    );
    fc.assert(
      fc.property(fc.array(pieces, { minLength: 1, maxLength: 4 }), (parts) => {
        expect(String(shown(parts.join("").repeat(20_000))).length).toBeLessThanOrEqual(16_384);
      }),
      { numRuns: 50 },
    );
  });
});

describe("redactSecrets, of values that are too much or no JSON", () => {
  it("cuts a long text behind a whole character and says how long it was", () => {
    expect(shown("é".repeat(100), 101)).toBe(`${"é".repeat(50)}[cut: 200 bytes]`);
    expect(shown("é".repeat(50), 100)).toBe("é".repeat(50));
  });

  it("makes JSON of big numbers, dates and cycles, and leaves out what JSON has no place for", () => {
    const value = { big: 12n, when: new Date(0), no: undefined, run: () => 1, list: [Symbol("s"), 1] };
    expect(shown(value)).toStrictEqual({ big: "12", when: "1970-01-01T00:00:00.000Z", list: [null, 1] });
    const cycle: Record<string, unknown> = { name: "round" };
    cycle["self"] = [cycle, cycle];
    expect(shown(cycle)).toEqual({ name: "round", self: ["[inside itself]", "[inside itself]"] });
    let deep: unknown = "bottom";
    for (let level = 0; level < 100; level++) deep = { deep };
    expect(JSON.stringify(shown(deep))).toContain("[nested too deeply]");
  });

  it("cuts nothing unless it is told to", () => {
    expect(redactSecrets({ text: "x".repeat(100_000), api_key: "abc" })).toEqual({
      text: "x".repeat(100_000),
      api_key: REDACTED,
    });
  });

  it("gives JSON of any value, and changes nothing of what it was given", () => {
    fc.assert(
      fc.property(fc.object({ withBigInt: true, withDate: true, maxDepth: 4 }), (value) => {
        const before = structuredClone(value);
        expect(() => JSON.stringify(redactSecrets(value, { maxBytes: 200 }))).not.toThrow();
        expect(value).toEqual(before);
      }),
    );
  });
});
