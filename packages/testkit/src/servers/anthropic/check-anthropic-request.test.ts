import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { ANTHROPIC_RULES, checkAnthropicRequest, takesAnthropicPrefill } from "./check-anthropic-request.ts";

const USE = { type: "tool_use", id: "toolu_1", name: "look", input: { at: "sky" } };
const RESULT = { type: "tool_result", tool_use_id: "toolu_1", content: "blue" };
const THOUGHT = { type: "thinking", thinking: "Hm.", signature: "c2ln" };
const TOOLS = [{ name: "look", input_schema: { type: "object" } }];
const SEARCH = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} };
const MARK = { cache_control: { type: "ephemeral" } };
const LONG_NAME = "n".repeat(129);

const user = (...content: unknown[]): JsonObject => ({ role: "user", content });
const assistant = (...content: unknown[]): JsonObject => ({ role: "assistant", content });
const text = (said: string): JsonObject => ({ type: "text", text: said });

/** A request that the API takes, with these fields instead of its own. */
function request(fields: JsonObject): JsonObject {
  return { model: "claude-sonnet-4-5", max_tokens: 1_000, stream: true, messages: [user(text("Hi"))], ...fields };
}

function conversation(...messages: readonly JsonObject[]): JsonObject {
  return request({ messages, tools: TOOLS });
}

describe("takes", () => {
  it.each<[string, JsonObject]>([
    ["a prompt", request({})],
    [
      "a prompt as plain text, and a system prompt",
      request({ system: "Be brief.", messages: [{ role: "user", content: "Hi" }] }),
    ],
    [
      "a whole round of tools with thinking, its results with text behind them",
      conversation(user(text("Hi")), assistant(THOUGHT, text("Let me see."), USE), user(RESULT, text("And?"))),
    ],
    [
      "neighbours of one role, which it joins",
      conversation(user(text("a")), user(text("b")), assistant(USE), user(RESULT), user(text("c"))),
    ],
    [
      "a result without content, and one of blocks",
      conversation(user(text("Hi")), assistant(USE), user({ ...RESULT, content: [text("x")] })),
    ],
    [
      "the beginning of an answer, from a model that goes on",
      request({ messages: [user(text("Hi")), assistant(text("So"))] }),
    ],
    ["an empty answer at the end", request({ messages: [user(text("Hi")), { role: "assistant", content: "" }] })],
    [
      "an answer that has paused, from a model that continues none",
      request({ model: "claude-opus-4-6", messages: [user(text("a")), assistant(text("b"), SEARCH)] }),
    ],
    [
      "a call of its own tool that waits for the results of others",
      conversation(user(text("a")), assistant(SEARCH, USE), user(RESULT)),
    ],
    [
      "thinking with a budget",
      request({ thinking: { type: "enabled", budget_tokens: 1_024 }, max_tokens: 2_000, temperature: 1 }),
    ],
  ])("%s", (_what, body) => {
    expect(checkAnthropicRequest(body)).toEqual([]);
  });
});

describe("refuses", () => {
  const NO_RESULT =
    "`tool_use` ids were found without `tool_result` blocks immediately after: toolu_1. Each `tool_use` block must have a corresponding `tool_result` block in the next message.";
  const NO_CALL =
    "unexpected `tool_use_id` found in `tool_result` blocks: toolu_1. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.";
  const NO_PREFILL =
    "This model does not support assistant message prefill. The conversation must end with a user message.";
  const ENABLED = { thinking: { type: "enabled", budget_tokens: 1_024 }, max_tokens: 2_000 };

  const broken: readonly [rule: string, body: JsonObject, ...messages: string[]][] = [
    ["there is a model", request({ model: undefined }), "model: Field required"],
    ["max_tokens is a count", request({ max_tokens: undefined }), "max_tokens: Field required"],
    ["max_tokens is a count", request({ max_tokens: 0 }), "max_tokens: Input should be greater than or equal to 1"],
    ["max_tokens is a count", request({ max_tokens: "9" }), "max_tokens: Input should be a valid integer"],
    ["the system prompt says something", request({ system: "" }), "system: text content blocks must be non-empty"],
    [
      "the system prompt says something",
      request({ system: [text(" ")] }),
      "system: text content blocks must be non-empty",
    ],
    ["there is a message", request({ messages: [] }), "messages: at least one message is required"],
    ["there is a message", request({ messages: undefined }), "messages: Field required"],
    [
      "roles are user and assistant",
      request({ messages: [{ role: "system", content: "x" }] }),
      'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.',
    ],
    [
      "roles are user and assistant",
      request({ messages: [{ role: "tool", content: "x" }] }),
      "messages.0.role: Input should be 'user' or 'assistant'",
    ],
    [
      "the user speaks first",
      request({ messages: [assistant(text("a")), user(text("b"))] }),
      'messages: first message must use the "user" role',
    ],
    [
      "content is text or blocks",
      request({ messages: [{ role: "user", content: null }] }),
      "messages.0.content: Input should be a valid list",
    ],
    [
      "no message is empty",
      request({ messages: [user(text("a")), assistant(), user(text("b"))] }),
      "messages.1: all messages must have non-empty content except for the optional final assistant message",
    ],
    [
      "no message is empty",
      request({ messages: [user(text("a")), { role: "assistant", content: "" }, user(text("b"))] }),
      "messages.1: all messages must have non-empty content except for the optional final assistant message",
    ],
    [
      "no text is empty",
      request({ messages: [user(text("a"), text(""))] }),
      "messages: text content blocks must be non-empty",
    ],
    [
      "no text is empty",
      request({ messages: [user(text(" \n"))] }),
      "messages: text content blocks must contain non-whitespace text",
    ],
    [
      "no text is empty",
      conversation(user(text("a")), assistant(USE), user({ ...RESULT, content: [text("")] })),
      "messages: text content blocks must be non-empty",
    ],
    [
      "blocks stand in messages of their role",
      conversation(user(text("a")), assistant(USE, RESULT), user(RESULT)),
      "messages.1.content.1: `tool_result` blocks can only be in `user` messages",
      `messages.1.content.1: ${NO_CALL}`,
    ],
    [
      "blocks stand in messages of their role",
      conversation(user(THOUGHT)),
      "messages.0.content.0: `thinking` blocks can only be in `assistant` messages",
    ],
    [
      "blocks stand in messages of their role",
      conversation(user({ type: "tool_call" })),
      "messages.0.content.0: Input tag 'tool_call' found using 'type' does not match any of the expected tags",
    ],
    [
      "tools are well formed",
      request({ tools: [{ name: "a b", input_schema: { type: "object" } }] }),
      "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
    ],
    [
      "tools are well formed",
      request({ tools: [{ name: "a", input_schema: {} }] }),
      "tools.0.custom.input_schema.type: Input should be 'object'",
    ],
    ["tools have names of their own", request({ tools: [...TOOLS, ...TOOLS] }), "tools: Tool names must be unique."],
    [
      "a tool choice needs tools",
      request({ tool_choice: { type: "auto" } }),
      "tool_choice: may only be specified while providing tools",
    ],
    [
      "tool blocks need tools",
      request({ messages: [user(text("a")), assistant(USE), user(RESULT)] }),
      "Requests which include `tool_use` or `tool_result` blocks must define tools.",
    ],
    [
      "calls are well formed",
      conversation(user(text("a")), assistant({ ...USE, id: "call:1" }), user({ ...RESULT, tool_use_id: "call:1" })),
      "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
      "messages.2.content.0.tool_result.tool_use_id: String should match pattern '^[a-zA-Z0-9_-]+$'",
    ],
    [
      "calls are well formed",
      conversation(user(text("a")), assistant({ ...USE, name: LONG_NAME, input: "{}" }), user(RESULT)),
      "messages.1.content.0.tool_use.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
      "messages.1.content.0.tool_use.input: Input should be a valid dictionary",
    ],
    [
      "results are well formed",
      conversation(user(text("a")), assistant(USE), user({ ...RESULT, content: { output: "x" } })),
      "messages.2.content.0.tool_result.content: Input should be a valid string or list of blocks",
    ],
    [
      "calls have ids of their own",
      conversation(user(text("a")), assistant(USE), user(RESULT), assistant(USE), user(RESULT)),
      "messages.3.content.0: `tool_use` ids must be unique",
    ],
    [
      "every call is answered in the next message",
      conversation(user(text("a")), assistant(USE), user(text("b"))),
      `messages.1: ${NO_RESULT}`,
    ],
    [
      "every call is answered in the next message",
      conversation(user(text("a")), assistant(USE), user(text("b"), RESULT)),
      `messages.1: ${NO_RESULT}`,
    ],
    [
      "every result answers a call of the message before",
      conversation(user(text("a"), RESULT)),
      `messages.0.content.1: ${NO_CALL}`,
    ],
    [
      "every result answers a call of the message before",
      conversation(user(text("a")), assistant(USE), user(RESULT), assistant(text("b")), user(RESULT)),
      `messages.4.content.0: ${NO_CALL}`,
    ],
    [
      "a call has one result",
      conversation(user(text("a")), assistant(USE), user(RESULT, RESULT)),
      "messages.2: each tool_use must have a single result. Found multiple `tool_result` blocks with id: toolu_1",
    ],
    [
      "thinking settings are allowed together",
      request({ thinking: { type: "enabled", budget_tokens: 1_000 } }),
      "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
    ],
    [
      "thinking settings are allowed together",
      request({ ...ENABLED, max_tokens: 1_024 }),
      "`max_tokens` must be greater than `thinking.budget_tokens`.",
    ],
    [
      "thinking settings are allowed together",
      request({ ...ENABLED, temperature: 0 }),
      "`temperature` may only be set to 1 when thinking is enabled.",
    ],
    [
      "thinking settings are allowed together",
      request({ ...ENABLED, tools: TOOLS, tool_choice: { type: "any" } }),
      "Thinking may not be enabled when tool_choice forces tool use.",
    ],
    [
      "thinking comes back as it was signed",
      conversation(user(text("a")), assistant({ type: "thinking", thinking: "Hm." }, text("b")), user(text("c"))),
      "messages.1.content.0.thinking.signature: Field required",
    ],
    [
      "thinking comes back as it was signed",
      conversation(user(text("a")), assistant({ ...THOUGHT, signature: "" }, text("b")), user(text("c"))),
      "messages.1.content.0: Invalid `signature` in `thinking` block",
    ],
    [
      "no answer ends with thinking",
      conversation(user(text("a")), assistant(THOUGHT), user(text("c"))),
      "messages.1: The final block in an assistant message cannot be `thinking`.",
    ],
    [
      "an unfinished round of tools begins with its thinking",
      request({ ...ENABLED, tools: TOOLS, messages: [user(text("a")), assistant(text("b"), USE), user(RESULT)] }),
      "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `text`. When `thinking` is enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks). We recommend you include thinking blocks from previous turns. To avoid this requirement, disable `thinking`.",
    ],
    [
      "the conversation does not end with the assistant, unless its model continues",
      request({ model: "claude-opus-4-6", messages: [user(text("a")), assistant(text("b"))] }),
      NO_PREFILL,
    ],
    [
      "the conversation does not end with the assistant, unless its model continues",
      request({ thinking: { type: "adaptive" }, messages: [user(text("a")), assistant(text("b"))] }),
      NO_PREFILL,
    ],
    [
      "the conversation does not end with the assistant, unless its model continues",
      request({ messages: [user(text("a")), assistant(THOUGHT, text("b"))] }),
      "messages.1.content.0: When thinking is disabled, an `assistant` message in the final position cannot contain `thinking`. To use thinking blocks, enable `thinking` in your request.",
    ],
    [
      "what is to be continued does not end with white space",
      request({ messages: [user(text("a")), assistant(text("b "))] }),
      "messages: final assistant content cannot end with trailing whitespace",
    ],
    [
      "calls of the API's own tools have their results",
      conversation(user(text("a")), assistant(text("b"), SEARCH), user(text("c"))),
      "messages.1.content.1: `web_search` tool use with id `srvtoolu_1` was found without a corresponding `web_search_tool_result` block",
    ],
    [
      "thinking is not marked for the cache",
      conversation(user(text("a")), assistant({ ...THOUGHT, ...MARK }, text("b")), user(text("c"))),
      "messages.1.content.0.thinking.cache_control: Extra inputs are not permitted",
    ],
    [
      "at most four blocks are marked for the cache",
      request({
        system: [{ ...text("s"), ...MARK }],
        tools: [{ ...TOOLS[0], ...MARK }],
        messages: [user(...["a", "b", "c"].map((said) => ({ ...text(said), ...MARK })))],
      }),
      "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ],
  ];

  it.each(broken)("what breaks “%s”", (rule, body, ...messages) => {
    const problems = checkAnthropicRequest(body);
    expect(problems.map(({ message }) => message)).toEqual(messages);
    expect(problems[0]?.rule).toBe(rule);
  });

  it("has an example of every rule", () => {
    expect(ANTHROPIC_RULES.map(({ rule }) => rule).toSorted()).toEqual(
      [...new Set(broken.map(([rule]) => rule))].toSorted(),
    );
  });
});

it("takes back only thinking that was sent, word for word", () => {
  const signedThinking = new Map([["c2ln", "Hm."]]);
  const after = (thought: JsonObject) => conversation(user(text("a")), assistant(thought, text("b")), user(text("c")));
  expect(checkAnthropicRequest(after(THOUGHT), { signedThinking })).toEqual([]);
  expect(checkAnthropicRequest(after({ ...THOUGHT, signature: "b3RoZXI=" }), { signedThinking })).toMatchObject([
    { message: "messages.1.content.0: Invalid `signature` in `thinking` block" },
  ]);
  expect(checkAnthropicRequest(after({ ...THOUGHT, thinking: "Hm" }), { signedThinking })).toMatchObject([
    { message: expect.stringContaining("cannot be modified") },
  ]);
});

it.each([
  ["claude-3-5-haiku-latest", true],
  ["claude-sonnet-4-20250514", true],
  ["claude-opus-4-5-20251101", true],
  ["claude-opus-4-6", false],
  ["anthropic/claude-sonnet-4-6-20260101", false],
  ["claude-opus-5", false],
  ["claude-fable-5-1", false],
  ["scripted", true],
])("%s continues an answer: %s", (model, takes) => {
  expect(takesAnthropicPrefill(model)).toBe(takes);
});
