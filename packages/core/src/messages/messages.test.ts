/**
 * The shapes on the wire. What they refuse is refused by the compiler, so those lines are held by the types check; what
 * they hold has to survive a log or another process, with fields that nobody here knows.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { frozenCopy } from "../events/frozen-copy.ts";
import type { ChatRequest, ChatResponse, ResponseFormat, ToolCall, ToolChoice, ToolSpec } from "./chat.ts";
import { type ContentBlock, textOf, type Visibility } from "./content-block.ts";
import type { Message, Role } from "./message.ts";
import type { Usage } from "./usage.ts";

const origin = { provider: "anthropic", model: "m" };
const visibilities: readonly Visibility[] = ["internal", "developer", "user"];

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
const roles: readonly Role[] = ["system", "developer", "user", "assistant", "function", "tool"];

/** What the log, and a process that reads it, has of a value. */
const stored = <T>(value: T): T => JSON.parse(JSON.stringify(frozenCopy(value))) as T;

describe("a content block", () => {
  it.each(Object.values(blocks))("of type $type survives the wire as it is", (block) => {
    expect(stored(block)).toEqual(block);
  });

  it.each(Object.values(blocks))("of type $type says who may see it, or nothing, which is everybody", (block) => {
    const { visibility: _, ...open } = block;
    expect(stored(open)).not.toHaveProperty("visibility");
    for (const visibility of visibilities) expect(stored({ ...open, visibility })).toEqual({ ...open, visibility });
  });

  it.each(Object.values(blocks))("of type $type keeps fields nobody here knows", (block) => {
    const known = { ...block, cache_control: { type: "ephemeral" }, citations: [{ url: "u" }] };
    expect(stored(known)).toEqual(known);
  });

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
  it.each(roles)("may be of role %s, with a text or with blocks", (role) => {
    const messages: readonly Message[] = [
      { role, content: "text" },
      { role, content: Object.values(blocks) },
      { role, content: [], name: "n", tool_call_id: "c1", metadata: { source: "hook" } },
    ];
    expect(stored(messages)).toEqual(messages);
  });

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
  const choices: readonly ToolChoice[] = ["auto", "none", "required", { name: "clock" }];
  const formats: readonly ResponseFormat[] = [
    { type: "text" },
    { type: "json_object" },
    { type: "json_schema", schema: { type: "object" } },
    { type: "json_schema", name: "answer", schema: { type: "object" }, strict: true },
  ];
  const tools: readonly ToolSpec[] = [
    { name: "clock", parameters: { type: "object" } },
    { name: "clock", description: "The time", parameters: { type: "object" } },
    { name: "search", type: "web_search_20250305", max_uses: 3 },
  ];

  it("has messages, and everything else when somebody asks for it", () => {
    const least: ChatRequest = { messages: [] };
    const most: Required<ChatRequest> = {
      messages: [{ role: "user", content: "Hi" }],
      tools,
      model: "m",
      temperature: 0,
      top_p: 0.9,
      max_output_tokens: 100,
      tool_choice: "auto",
      response_format: { type: "text" },
      reasoning_effort: "high",
      stop: ["END"],
      conversation_id: "s1",
      stream: false,
      timeout: 12.5,
      metadata: { user_id: "u" },
    };
    expect(stored([least, most])).toEqual([least, most]);
  });

  it.each(choices)("may choose the tool: %j", (tool_choice) => {
    expect(stored<ChatRequest>({ messages: [], tool_choice })).toEqual({ messages: [], tool_choice });
  });

  it.each(formats)("may ask for the form %j", (response_format) => {
    expect(stored<ChatRequest>({ messages: [], response_format })).toEqual({ messages: [], response_format });
  });

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

describe("a response", () => {
  const usage: Required<Usage> = {
    input_tokens: 10,
    output_tokens: 5,
    total_tokens: 15,
    reasoning_tokens: 2,
    cache_read_tokens: 3,
    cache_write_tokens: 4,
    cost_usd: "0.047",
    estimated: true,
  };

  it("has content and a reason, and what else its provider says", () => {
    const call: ToolCall = { id: "c1", name: "clock", arguments: { zone: "Oslo" } };
    const most: Required<ChatResponse> = {
      content: Object.values(blocks),
      tool_calls: [call],
      usage,
      degradation: { requested: "json_schema", actual: "json_object", reason: "the model has no schemas" },
      finish_reason: "tool_calls",
      metadata: { id: "r1" },
    };
    expect(stored<ChatResponse>(most)).toEqual(most);
  });

  it("says what it cost as a decimal text, which stays as it was written", () => {
    expect(stored(usage).cost_usd).toBe("0.047");
    // @ts-expect-error a number has lost what it cost
    const refused: Usage = { ...usage, cost_usd: 0.047 };
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
