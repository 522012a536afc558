/** What never reaches a log, and what does. The secrets here are made up. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventFilter } from "./event-filter.ts";
import { logPath } from "./log-path.ts";
import { redact, REDACTED } from "./redact.ts";

const shown = (value: unknown, maxBytes = 1000): unknown => redact(value, maxBytes);

describe("redact, by the name of a key", () => {
  it.each(["api_key", "apiKey", "x-api-key", "OPENAI_API_KEY", "Authorization", "access_token", "token", "password"])(
    "hides what %s holds, text or not",
    (key) => {
      expect(shown({ outer: [{ [key]: "abc" }] })).toEqual({ outer: [{ [key]: REDACTED }] });
      expect(shown({ [key]: { value: "abc" } })).toEqual({ [key]: REDACTED });
      expect(shown({ [key]: 1234 })).toEqual({ [key]: REDACTED });
      expect(shown({ [key]: null })).toEqual({ [key]: null });
    },
  );

  it.each(["clientSecret", "AWS_SECRET_ACCESS_KEY", "private_key", "set-cookie", "credentials", "dbPassword"])(
    "hides what %s holds",
    (key) => {
      expect(shown({ [key]: "abc" })).toEqual({ [key]: REDACTED });
    },
  );

  it("shows counts of tokens and other names that only sound like secrets", () => {
    const harmless = { input_tokens: 5, max_tokens: 7, tokenizer: "x", key: "k", keyboard: "y", secretary: "Ann" };
    expect(shown(harmless)).toEqual(harmless);
  });
});

describe("redact, by the look of a text", () => {
  it.each([
    ["my key is sk-ant-api03-AbCdEfGhIjKlMnOp here", `my key is ${REDACTED} here`],
    ["AKIAABCDEFGHIJKLMNOP", REDACTED],
    ["push with ghp_abcdefghijklmnopqrstuvwxyz0123", `push with ${REDACTED}`],
    ["curl -H 'Authorization: Basic dXNlcjpwYXNz' x", `curl -H 'Authorization: ${REDACTED}' x`],
    ["sent Bearer abcdefgh.ijkl", `sent Bearer ${REDACTED}`],
    ["postgres://admin:hunter2@db/x", `postgres://${REDACTED}@db/x`],
    ["export DB_PASSWORD=hunter2-hunter2", `export DB_PASSWORD=${REDACTED}`],
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
    ])
      expect(shown(text)).toBe(text);
  });

  it("finds a secret that lies across the cut", () => {
    const secret = `sk-${"a".repeat(40)}`;
    expect(shown(`${"x".repeat(980)} ${secret} more`)).toBe(`${"x".repeat(980)} ${REDACTED} more`.slice(0, 1000));
    expect(JSON.stringify(shown(`${"x".repeat(990)} ${secret}${"y".repeat(9000)}`))).not.toContain("sk-a");
  });

  it("takes no longer than a text of its size deserves, whatever is in it", () => {
    const pieces = fc.constantFrom("a-", "token", "://", "eyJ", "-----BEGIN ", "Bearer ", "=", "\\", ".", " ", "sk-");
    fc.assert(
      fc.property(fc.array(pieces, { minLength: 1, maxLength: 4 }), (parts) => {
        const started = performance.now();
        redact(parts.join("").repeat(20_000), 16_384);
        expect(performance.now() - started).toBeLessThan(1000);
      }),
      { numRuns: 50 },
    );
  });
});

describe("redact, of values that are too much or no JSON", () => {
  it("cuts a long text behind a whole character and says how long it was", () => {
    expect(shown("é".repeat(100), 101)).toBe(`${"é".repeat(50)}[cut: 200 bytes]`);
    expect(shown("é".repeat(50), 100)).toBe("é".repeat(50));
  });

  it("makes JSON of big numbers, dates and cycles", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    expect(shown({ big: 12n, when: new Date(0), no: undefined })).toEqual({
      big: "12",
      when: "1970-01-01T00:00:00.000Z",
    });
    expect(JSON.stringify(shown(cycle))).toContain("[nested too deeply]");
  });

  it("gives JSON of any value, and changes nothing of what it was given", () => {
    fc.assert(
      fc.property(fc.object({ withBigInt: true, withDate: true, maxDepth: 4 }), (value) => {
        const before = structuredClone(value);
        expect(() => JSON.stringify(redact(value, 200))).not.toThrow();
        expect(value).toEqual(before);
      }),
    );
  });
});

describe("eventFilter", () => {
  it("knows * and ? and takes everything else literally", () => {
    const isLogged = eventFilter(["tool:*", "session:???"], ["tool:progress"]);
    const names = ["tool:pre", "tool:progress", "my-tool:pre", "session:end", "session:start", "tool.pre"];
    expect(names.filter(isLogged)).toEqual(["tool:pre", "session:end"]);
  });
});

describe("logPath", () => {
  const places = { sessionId: "s-1", workspace: "/project", home: "/home/me" };

  it("starts at the home folder, the root or the workspace", () => {
    expect(logPath("~/logs/{session_id}.jsonl", places)).toBe("/home/me/logs/s-1.jsonl");
    expect(logPath("/var/{session_id}/x", places)).toBe("/var/s-1/x");
    expect(logPath("logs/all.jsonl", places)).toBe("/project/logs/all.jsonl");
    expect(() => logPath("x", { ...places, workspace: null })).toThrow(
      /"x" is relative and the session has no workspace/u,
    );
  });

  it("lets no id lead into another folder", () => {
    for (const [sessionId, file] of [
      ["../../etc/x", "__.._etc_x"],
      ["..", "_"],
      ["a/b", "a_b"],
    ] as const) {
      expect(logPath("/logs/{session_id}", { ...places, sessionId })).toBe(`/logs/${file}`);
    }
  });
});
