/** What our conversation looks like on the Chat Completions wire. */
import type { ChatRequest, ContentBlock, Message, ToolSpec } from "amplifier-core";
import { expect, test } from "vitest";
import { toChatMessages } from "./chat-messages.ts";
import { requestWarning, toChatBody } from "./chat-request.ts";
import { resolveOpenAIConfig } from "../openai-config.ts";

const tools: readonly ToolSpec[] = [{ name: "t", parameters: { type: "object" } }];

function bodyAtOpenAI(request: Partial<ChatRequest>): Readonly<Record<string, unknown>> {
  const settings = resolveOpenAIConfig({ api_key: "sk" }, {});
  return toChatBody({ messages: [{ role: "user", content: "x" }], ...request }, settings);
}

test("a conversation with tools keeps its order and drops what Chat has no place for", () => {
  const messages: Message[] = [
    { role: "system", content: "Be terse." },
    { role: "user", content: [{ type: "text", text: "Look" }] },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "hm", signature: "s", provider: "anthropic" },
        { type: "redacted_thinking", data: "x" },
        { type: "opaque", data: {}, provider: "anthropic" },
        { type: "text", text: "I look." },
        { type: "tool_call", id: "a", name: "look", input: { q: 1 } },
        { type: "tool_call", id: "b", name: "look", input: {}, raw_arguments: "{oops" },
        { type: "tool_call", id: "c", name: "look", input: { half: true }, interrupted: true },
      ],
    },
    { role: "tool", name: "look", tool_call_id: "a", content: "seen" },
    { role: "tool", name: "look", tool_call_id: "b", content: [{ type: "text", text: "bad" }] },
    { role: "tool", name: "look", tool_call_id: "c", content: "cut" },
  ];
  const call = (id: string, args: string): unknown => ({
    id,
    type: "function",
    function: { name: "look", arguments: args },
  });
  expect(toChatMessages(messages)).toEqual([
    { role: "system", content: "Be terse." },
    { role: "user", content: "Look" },
    { role: "assistant", content: "I look.", tool_calls: [call("a", '{"q":1}'), call("b", "{}"), call("c", "{}")] },
    { role: "tool", tool_call_id: "a", content: "seen" },
    { role: "tool", tool_call_id: "b", content: "bad" },
    { role: "tool", tool_call_id: "c", content: "cut" },
  ]);
});

test("an assistant message left empty is skipped, and the users around it become one", () => {
  expect(
    toChatMessages([
      { role: "user", content: "one" },
      { role: "assistant", content: [{ type: "thinking", thinking: "hm" }] },
      { role: "user", content: "two" },
      { role: "assistant", content: "" },
    ]),
  ).toEqual([{ role: "user", content: "one\n\ntwo" }]);
});

test("an assistant message of calls only has null content", () => {
  const [message] = toChatMessages([
    { role: "assistant", content: [{ type: "tool_call", id: "a", name: "t", input: {} }] },
  ]);
  expect(message).toMatchObject({ role: "assistant", content: null });
});

test("DeepSeek gets its own reasoning back on every assistant message, and nobody else's", () => {
  const thought = (thinking: string, more: object): ContentBlock => ({ type: "thinking", thinking, ...more });
  const messages: Message[] = [
    { role: "user", content: "x" },
    {
      role: "assistant",
      content: [thought("hm", { provider: "openai" }), { type: "tool_call", id: "a", name: "t", input: {} }],
    },
    { role: "tool", tool_call_id: "a", content: "r" },
    { role: "assistant", content: [thought("no", { provider: "anthropic" }), { type: "text", text: "y" }] },
    {
      role: "assistant",
      content: [thought("cut", { provider: "openai", interrupted: true }), { type: "text", text: "z" }],
    },
  ];
  const sent = (base_url: string): unknown[] => {
    const settings = resolveOpenAIConfig({ base_url, model: "m" }, {});
    const body = toChatBody({ messages }, settings) as { messages: { role: string; reasoning_content?: string }[] };
    return body.messages.filter(({ role }) => role === "assistant").map((message) => message.reasoning_content);
  };
  expect(sent("https://api.deepseek.com/v1")).toEqual(["hm", "", ""]);
  expect(sent("http://localhost:11434/v1")).toEqual([undefined, undefined, undefined]);
});

test("images are data URLs or addresses, and merge with text in order", () => {
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } } as const;
  const linked = { type: "image", source: { type: "url", url: "https://x.example/i.png" } } as const;
  expect(
    toChatMessages([
      { role: "user", content: "See" },
      { role: "user", content: [image, { type: "text", text: "and" }, linked] },
    ]),
  ).toEqual([
    {
      role: "user",
      content: [
        { type: "text", text: "See" },
        { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
        { type: "text", text: "and" },
        { type: "image_url", image_url: { url: "https://x.example/i.png" } },
      ],
    },
  ]);
});

test("tool results inside a user message become tool messages in front of its text", () => {
  const content = [
    { type: "tool_result", tool_call_id: "a", output: { ok: true } },
    { type: "text", text: "go on" },
  ] as const;
  expect(toChatMessages([{ role: "user", content }])).toEqual([
    { role: "tool", tool_call_id: "a", content: '{"ok":true}' },
    { role: "user", content: "go on" },
  ]);
});

test("OpenAI's own server gets max_completion_tokens", () => {
  expect(bodyAtOpenAI({ max_output_tokens: 9 })).toMatchObject({ max_completion_tokens: 9 });
  expect(bodyAtOpenAI({ max_output_tokens: 9 })).not.toHaveProperty("max_tokens");
});

test("models that take tools only without reasoning get none, and only with tools", () => {
  expect(bodyAtOpenAI({ tools, model: "gpt-6-sol" })).toMatchObject({ reasoning_effort: "none" });
  expect(bodyAtOpenAI({ tools, model: "gpt-5.4-mini", reasoning_effort: "high" })).toMatchObject({
    reasoning_effort: "none",
  });
  expect(bodyAtOpenAI({ model: "gpt-6-sol", reasoning_effort: "high" })).toMatchObject({ reasoning_effort: "high" });
  for (const model of ["gpt-6.1-sol", "gpt-6-astra", "gpt-4.1", "o3"]) {
    expect(bodyAtOpenAI({ tools, model })).not.toHaveProperty("reasoning_effort");
  }
});

test("a reasoning effort that cannot be sent is told", () => {
  const settings = resolveOpenAIConfig({ api_key: "sk", reasoning_effort: "high" }, {});
  const messages: Message[] = [{ role: "user", content: "x" }];
  expect(requestWarning({ messages, tools }, settings)).toBe(
    "gpt-6-sol takes tools on Chat Completions only without reasoning: reasoning_effort high was not sent.",
  );
  expect(requestWarning({ messages }, settings)).toBeNull();
  expect(requestWarning({ messages, tools, reasoning_effort: "none" }, settings)).toBeNull();
});

test("a tool choice without tools is not sent", () => {
  expect(bodyAtOpenAI({ tool_choice: "none" })).not.toHaveProperty("tool_choice");
  expect(bodyAtOpenAI({ tool_choice: "none", tools })).toMatchObject({ tool_choice: "none" });
});

test("the API's own tools go as they are, beside functions", () => {
  const native = { type: "custom", name: "grep", custom: { name: "grep", format: { type: "text" } }, parameters: 1 };
  expect(bodyAtOpenAI({ tools: [native, ...tools] })).toMatchObject({
    tools: [
      { type: "custom", custom: { name: "grep", format: { type: "text" } }, parameters: 1 },
      { type: "function", function: { name: "t", parameters: { type: "object" } } },
    ],
  });
  expect(JSON.stringify(bodyAtOpenAI({ tools: [native] })["tools"])).not.toContain('"type":"custom","name"');
});

test("images of a tool's result follow the results of the answer, since a tool message takes text only", () => {
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } } as const;
  const call = (id: string): ContentBlock => ({ type: "tool_call", id, name: "scan", input: {} });
  const result = (id: string, content: Message["content"]): Message => ({ role: "tool", tool_call_id: id, content });
  const messages: readonly Message[] = [
    { role: "assistant", content: [call("a"), call("b"), call("c")] },
    result("a", [{ type: "text", text: "2 pages" }, image]),
    result("b", [image]),
    result("c", "plain"),
    { role: "user", content: "And?" },
  ];
  const url = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } };
  expect((bodyAtOpenAI({ messages })["messages"] as unknown[]).slice(1)).toEqual([
    { role: "tool", tool_call_id: "a", content: "2 pages" },
    { role: "tool", tool_call_id: "b", content: "The result is an image, which follows." },
    { role: "tool", tool_call_id: "c", content: "plain" },
    {
      role: "user",
      content: [
        { type: "text", text: "Image in the result of call a:" },
        url,
        { type: "text", text: "Image in the result of call b:" },
        url,
        { type: "text", text: "And?" },
      ],
    },
  ]);
  expect((bodyAtOpenAI({ messages: messages.slice(0, 3) })["messages"] as unknown[]).slice(3)).toEqual([
    { role: "user", content: expect.arrayContaining([url]) },
  ]);
});
