/**
 * The shapes on the wire. What they refuse is refused by the compiler, so those lines are held by the types check. That
 * what they hold reaches a model is tested where requests are made.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { frozenCopy } from "../events/frozen-copy.ts";
import type { ToolSpec } from "./chat.ts";
import { type ContentBlock, textOf } from "./content-block.ts";
import type { Message } from "./message.ts";
import type { Usage } from "./usage.ts";

const origin = { provider: "anthropic", model: "m" };

/** One block of each kind with every field it knows. */
const blocks: { readonly [K in ContentBlock["type"]]: Extract<ContentBlock, { type: K }> } = {
  text: { type: "text", text: "Hello", visibility: "user", interrupted: true },
  thinking: { type: "thinking", thinking: "Hm", signature: "s", content: ["sealed", "rs_1"], ...origin },
  redacted_thinking: { type: "redacted_thinking", data: "abc", visibility: "internal", ...origin },
  tool_call: { type: "tool_call", id: "c1", name: "clock", input: { zone: "Oslo" }, raw_arguments: "{" },
  tool_result: { type: "tool_result", tool_call_id: "c1", output: { any: [1, null] }, visibility: "developer" },
  image: { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } },
  reasoning: { type: "reasoning", content: ["step"], summary: [{ text: "short" }], ...origin },
  opaque: { type: "opaque", data: { type: "server_tool_use", id: "s1" }, ...origin },
};

/** What the log, and a process that reads it, has of a value. */
const stored = <T>(value: T): T => JSON.parse(JSON.stringify(frozenCopy(value))) as T;

describe("a content block", () => {
  it("is one of a closed list of types, each with its own required fields", () => {
    expect(Object.keys(blocks).toSorted()).toEqual(
      ["image", "opaque", "reasoning", "redacted_thinking", "text", "thinking", "tool_call", "tool_result"].toSorted(),
    );
    const refused: readonly ContentBlock[] = [
      // @ts-expect-error a type that does not exist
      { type: "video", url: "u" },
      // @ts-expect-error a text without its text
      { type: "text" },
      // @ts-expect-error a call without its input
      { type: "tool_call", id: "c", name: "n" },
      // @ts-expect-error a call whose input is no object
      { type: "tool_call", id: "c", name: "n", input: "{}" },
      // @ts-expect-error a visibility that does not exist
      { type: "text", text: "", visibility: "everybody" },
      // @ts-expect-error reasoning without its summary
      { type: "reasoning", content: [] },
    ];
    expect(refused).toHaveLength(6);
  });
});

describe("a message", () => {
  it("keeps fields nobody here knows", () => {
    const message = { role: "user", content: "Hi", cache: { until: 5 } } as const satisfies Message & {
      cache: unknown;
    };
    expect(stored(message)).toEqual(message);
  });

  it("needs a role of the list and a content", () => {
    const refused: readonly Message[] = [
      // @ts-expect-error a role that does not exist
      { role: "robot", content: "Hi" },
      // @ts-expect-error no content
      { role: "user" },
      // @ts-expect-error content that is neither text nor blocks
      { role: "user", content: 5 },
    ];
    expect(refused).toHaveLength(3);
  });

  it("reads as the texts of its blocks, one behind the other", () => {
    expect(textOf([{ type: "text", text: "a" }, blocks.thinking, blocks.image, { type: "text", text: "b" }])).toBe(
      "ab",
    );
    expect(textOf("ab")).toBe("ab");
    expect(textOf([])).toBe("");
  });
});

describe("a request", () => {
  const tools: readonly ToolSpec[] = [
    { name: "clock", parameters: { type: "object" } },
    { name: "clock", description: "The time", parameters: { type: "object" } },
    { name: "search", type: "web_search_20250305", max_uses: 3 },
  ];

  it("describes a tool by name and schema, or as the provider's own kind with any fields", () => {
    // @ts-expect-error a function needs the schema of its input
    const refused: ToolSpec = { name: "clock" };
    expect([refused.name, ...tools.map(({ type }) => type)]).toEqual([
      "clock",
      undefined,
      undefined,
      "web_search_20250305",
    ]);
  });
});

describe("a usage", () => {
  it("has its cost as a text, by the types", () => {
    const counts = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
    // @ts-expect-error a number has lost what it cost
    const refused: Usage = { ...counts, cost_usd: 0.047 };
    expect(typeof refused.cost_usd).toBe("number");
  });
});

it("fields on the wire are in snake_case", () => {
  const files = ["content-block", "message", "chat", "usage"];
  const fields = files.flatMap((file) => {
    const source = readFileSync(new URL(`${file}.ts`, import.meta.url), "utf8");
    return [...source.matchAll(/readonly (\w+)\??:/gu)].map(([, name = ""]) => name);
  });
  expect(fields.length).toBeGreaterThan(50);
  expect(fields.filter((name) => !/^[a-z]+(?:_[a-z]+)*$/u.test(name))).toEqual([]);
});
