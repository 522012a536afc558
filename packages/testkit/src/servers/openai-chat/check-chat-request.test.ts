import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { CHAT_RULES, checkChatRequest } from "./check-chat-request.ts";

const ASK = { role: "user", content: "Hi" };
const CALL = { id: "call_1", type: "function", function: { name: "look", arguments: '{"at":"sky"}' } };
const RESULT = { role: "tool", tool_call_id: "call_1", content: "blue" };
const TOOLS = [{ type: "function", function: { name: "look", parameters: { type: "object" } } }];

const calling = (...calls: readonly JsonObject[]): JsonObject => ({
  role: "assistant",
  content: null,
  tool_calls: calls,
});

function request(fields: JsonObject): JsonObject {
  return { model: "gpt-4.1", stream: true, messages: [ASK], ...fields };
}

function conversation(...messages: readonly JsonObject[]): JsonObject {
  return request({ messages, tools: TOOLS });
}

describe("takes", () => {
  it.each<[string, JsonObject]>([
    ["a prompt", request({ max_tokens: 1 })],
    [
      "system and developer messages wherever they stand",
      request({ messages: [{ role: "system", content: "" }, ASK, { role: "developer", content: "x" }] }),
    ],
    [
      "parts, an image among them",
      request({
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "a" },
              { type: "image_url", image_url: { url: "data:" } },
            ],
          },
        ],
      }),
    ],
    [
      "a round of tools, its results in any order",
      conversation(ASK, calling(CALL, { ...CALL, id: "call_2" }), { ...RESULT, tool_call_id: "call_2" }, RESULT),
    ],
    ["the same id in a later answer", conversation(ASK, calling(CALL), RESULT, calling(CALL), RESULT)],
    ["a refusal", request({ messages: [ASK, { role: "assistant", content: "", refusal: "No." }, ASK] })],
  ])("%s", (_what, body) => {
    expect(checkChatRequest(body)).toEqual([]);
  });
});

describe("refuses", () => {
  const broken: readonly [
    rule: string,
    body: JsonObject,
    problem: { message: string; param: string | null; code: string | null },
  ][] = [
    [
      "there is a model",
      request({ model: undefined }),
      { message: "you must provide a model parameter", param: null, code: null },
    ],
    [
      "the output limit is a count",
      request({ max_tokens: 0 }),
      {
        message: "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got 0 instead.",
        param: "max_tokens",
        code: "integer_below_min_value",
      },
    ],
    [
      "the output limit is a count",
      request({ max_completion_tokens: "9" }),
      {
        message:
          "Invalid type for 'max_completion_tokens': expected an integer, but got a value of type string instead.",
        param: "max_completion_tokens",
        code: "invalid_type",
      },
    ],
    [
      "there is one output limit",
      request({ max_tokens: 1, max_completion_tokens: 1 }),
      {
        message: "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
        param: "max_tokens",
        code: "invalid_parameter_combination",
      },
    ],
    [
      "there is a message",
      request({ messages: [] }),
      {
        message:
          "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        param: "messages",
        code: "empty_array",
      },
    ],
    [
      "there is a message",
      request({ messages: undefined }),
      { message: "Missing required parameter: 'messages'.", param: "messages", code: "missing_required_parameter" },
    ],
    [
      "roles are known",
      request({ messages: [{ role: "model", content: "x" }] }),
      {
        message:
          "Invalid value: 'model'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', 'developer'.",
        param: "messages[0].role",
        code: "invalid_value",
      },
    ],
    [
      "content is of the kind its role takes",
      request({ messages: [ASK, { role: "assistant", content: null }, ASK] }),
      {
        message: "Invalid value for 'content': expected a string, got null.",
        param: "messages.[1].content",
        code: null,
      },
    ],
    [
      "content is of the kind its role takes",
      conversation(ASK, calling(CALL), { ...RESULT, content: [{ type: "image_url", image_url: { url: "data:" } }] }),
      {
        message: "Invalid value: 'image_url'. Supported values are: 'text'.",
        param: "messages[2].content[0].type",
        code: "invalid_value",
      },
    ],
    [
      "no answer is empty",
      request({ messages: [ASK, { role: "assistant", content: "" }, ASK] }),
      {
        message: "Invalid request: the message at position 1 with role 'assistant' must not be empty",
        param: null,
        code: null,
      },
    ],
    [
      "the conversation does not end with the assistant, unless its model continues",
      request({ messages: [ASK, { role: "assistant", content: "So" }] }),
      {
        message: "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant",
        param: null,
        code: null,
      },
    ],
    [
      "tools are well formed",
      request({ tools: [{ type: "function", function: { name: "a b" } }] }),
      {
        message:
          "Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
        param: "tools[0].function.name",
        code: "invalid_value",
      },
    ],
    [
      "tools are well formed",
      request({ tools: [] }),
      {
        message:
          "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        param: "tools",
        code: "empty_array",
      },
    ],
    [
      "a tool choice needs tools",
      request({ tool_choice: "none" }),
      {
        message: "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
        param: "tool_choice",
        code: null,
      },
    ],
    [
      "a tool choice needs tools",
      request({ tools: TOOLS, tool_choice: { type: "function", function: { name: "hear" } } }),
      { message: "Tool choice 'hear' not found in 'tools' parameter.", param: "tool_choice", code: null },
    ],
    [
      "tool calls need tools",
      request({ messages: [ASK, calling(CALL), RESULT] }),
      {
        message: "Requests which include tool calls or tool messages must define 'tools'.",
        param: "tools",
        code: null,
      },
    ],
    [
      "calls are well formed",
      conversation(ASK, calling({ ...CALL, function: { name: "look at", arguments: "{}" } }), RESULT),
      {
        message:
          "Invalid 'messages[1].tool_calls[0].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
        param: "messages[1].tool_calls[0].function.name",
        code: "invalid_value",
      },
    ],
    [
      "calls are well formed",
      conversation(ASK, calling({ ...CALL, id: "x".repeat(41) }), { ...RESULT, tool_call_id: "x".repeat(41) }),
      {
        message:
          "Invalid 'messages[1].tool_calls[0].id': string too long. Expected a string with maximum length 40, but got a string with length 41 instead.",
        param: "messages[1].tool_calls[0].id",
        code: "string_above_max_length",
      },
    ],
    [
      "calls are well formed",
      conversation(ASK, calling({ ...CALL, function: { name: "look", arguments: '{"at":' } }), RESULT),
      {
        message:
          "Invalid 'messages[1].tool_calls[0].function.arguments': the \"function.arguments\" parameter must be in JSON format.",
        param: "messages[1].tool_calls[0].function.arguments",
        code: "invalid_value",
      },
    ],
    [
      "calls are well formed",
      request({ tools: TOOLS, messages: [ASK, { role: "assistant", content: "x", tool_calls: [] }, ASK] }),
      {
        message:
          "Invalid 'messages[1].tool_calls': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        param: "messages[1].tool_calls",
        code: "empty_array",
      },
    ],
    [
      "calls of an answer have ids of their own",
      conversation(ASK, calling(CALL, CALL), RESULT),
      {
        message: "Duplicate value for 'tool_call_id' of 'call_1' in message[1]",
        param: "messages.[1].tool_calls",
        code: null,
      },
    ],
    [
      "every call is answered at once",
      conversation(ASK, calling(CALL, { ...CALL, id: "call_2" }), RESULT, ASK),
      {
        message:
          "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: call_2",
        param: "messages.[3].role",
        code: null,
      },
    ],
    [
      "every result answers a call of the answer before",
      conversation(ASK, RESULT),
      {
        message:
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        param: "messages.[1].role",
        code: null,
      },
    ],
    [
      "every result answers a call of the answer before",
      conversation(ASK, calling(CALL), RESULT, { ...RESULT, tool_call_id: "call_9" }),
      {
        message: "Invalid parameter: 'tool_call_id' of 'call_9' not found in 'tool_calls' of previous message.",
        param: "messages.[3].tool_call_id",
        code: null,
      },
    ],
    [
      "every result answers a call of the answer before",
      conversation(ASK, calling(CALL), RESULT, RESULT),
      {
        message: "Duplicate value for 'tool_call_id' of 'call_1' in message[3]",
        param: "messages.[3].tool_call_id",
        code: null,
      },
    ],
  ];

  it.each(broken)("what breaks “%s”", (rule, body, problem) => {
    expect(checkChatRequest(body)).toEqual([{ rule, ...problem }]);
  });

  it("has an example of every rule", () => {
    expect(CHAT_RULES.map(({ rule }) => rule).toSorted()).toEqual(
      [...new Set(broken.map(([rule]) => rule))].toSorted(),
    );
  });
});

it("takes the beginning of an answer where the server says that its model goes on", () => {
  const body = request({ messages: [ASK, { role: "assistant", content: "So" }] });
  expect(checkChatRequest(body, { takesPrefill: () => true })).toEqual([]);
});
