import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { checkGeminiRequest, GEMINI_RULES } from "./check-gemini-request.ts";

const HI = { role: "user", parts: [{ text: "Hi" }] };
const CALL = { functionCall: { id: "c1", name: "look", args: { at: "sky" } }, thoughtSignature: "c2ln" };
const RESULT = { functionResponse: { id: "c1", name: "look", response: { output: "blue" } } };
const LOOK = { name: "look", parametersJsonSchema: { type: "object" } };

const model = (...parts: JsonObject[]): JsonObject => ({ role: "model", parts });
const user = (...parts: JsonObject[]): JsonObject => ({ role: "user", parts });

function request(fields: JsonObject): JsonObject {
  return { model: "gemini-3-pro", contents: [HI], ...fields };
}

function conversation(...contents: readonly JsonObject[]): JsonObject {
  return request({ contents, tools: [{ functionDeclarations: [LOOK] }] });
}

describe("takes", () => {
  it.each<[string, JsonObject]>([
    ["a prompt", request({ systemInstruction: { parts: [{ text: "Be brief." }] }, generationConfig: {} })],
    [
      "a round of functions, with text behind the results",
      conversation(HI, model(CALL), user(RESULT, { text: "And?" })),
    ],
    ["neighbours of one role", conversation(HI, HI, model(CALL), user(RESULT), user({ text: "And?" }))],
    [
      "calls without ids, and results in any order",
      conversation(
        HI,
        model({ functionCall: { name: "a" }, thoughtSignature: "s" }, { functionCall: { name: "b" } }),
        user(...["b", "a"].map((name) => ({ functionResponse: { name, response: {} } }))),
      ),
    ],
    [
      "calls without signatures from the models before Gemini 3",
      {
        ...conversation(HI, model({ functionCall: CALL.functionCall }), user(RESULT)),
        model: "gemini-2.5-pro",
      },
    ],
    [
      "an image, and a signature that comes alone",
      conversation(
        user({ inlineData: { mimeType: "image/png", data: "AA==" } }),
        model({ text: "", thoughtSignature: "s" }),
        HI,
      ),
    ],
  ])("%s", (_what, body) => {
    expect(checkGeminiRequest(body)).toEqual([]);
  });
});

describe("refuses", () => {
  const EMPTY = (path: string) =>
    `* GenerateContentRequest.${path}: required oneof field 'data' must have one initialized field`;
  const NAME = (path: string) =>
    `* GenerateContentRequest.${path}: [FIELD_INVALID] Invalid function name. Must start with a letter or an underscore. Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.`;
  const COUNT =
    "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.";
  const unsigned = { functionCall: CALL.functionCall };
  const broken: readonly [rule: string, body: JsonObject, ...messages: string[]][] = [
    [
      "fields are known",
      request({ messages: [] }),
      'Invalid JSON payload received. Unknown name "messages": Cannot find field.',
    ],
    [
      "fields are known",
      conversation(user({ text: "a", cache_control: {} })),
      `Invalid JSON payload received. Unknown name "cache_control" at 'contents[0].parts[0]': Cannot find field.`,
    ],
    ["there is a content", request({ contents: [] }), "* GenerateContentRequest.contents: contents is not specified"],
    [
      "roles are user and model",
      conversation({ role: "assistant", parts: [{ text: "a" }] }),
      "Please use a valid role: user, model.",
    ],
    [
      "no content is empty",
      conversation(HI, model(), HI),
      "* GenerateContentRequest.contents[1].parts: contents.parts must not be empty.",
    ],
    ["every part says one thing", conversation(user({ text: "" })), EMPTY("contents[0].parts[0].data")],
    ["every part says one thing", conversation(HI, model({ thought: true })), EMPTY("contents[1].parts[0].data")],
    [
      "every part says one thing",
      conversation(user({ text: "a", inlineData: {} })),
      "Invalid value at 'contents[0].parts[0]' (oneof), oneof field 'data' is already set.",
    ],
    [
      "the system instruction says something",
      request({ systemInstruction: { parts: [] } }),
      "* GenerateContentRequest.system_instruction.parts: contents.parts must not be empty.",
    ],
    [
      "functions are named",
      request({ tools: [{ functionDeclarations: [{ name: "1st" }] }] }),
      NAME("tools[0].function_declarations[0].name"),
    ],
    [
      "functions are named",
      conversation(HI, model({ ...CALL, functionCall: { name: "a b" } })),
      NAME("contents[1].parts[0].name"),
    ],
    [
      "functions have names of their own",
      request({ tools: [{ functionDeclarations: [LOOK, LOOK] }] }),
      "Duplicate function declaration found: look",
    ],
    [
      "arguments and results are objects",
      conversation(HI, model(CALL), user({ functionResponse: { ...RESULT.functionResponse, response: "blue" } })),
      "Invalid value at 'contents[2].parts[0]' (type.googleapis.com/google.protobuf.Struct)",
    ],
    [
      "calls come behind what the user or a function said",
      conversation(model(CALL), user(RESULT)),
      "Please ensure that function call turn comes immediately after a user turn or after a function response turn.",
    ],
    [
      "results come behind their calls",
      conversation(HI, model({ text: "a" }), user(RESULT)),
      "Please ensure that function response turn comes immediately after a function call turn.",
    ],
    ["every call has its result", conversation(HI, model(CALL), HI), COUNT],
    [
      "every call has its result",
      conversation(HI, model(CALL), user({ functionResponse: { ...RESULT.functionResponse, name: "b" } })),
      COUNT,
    ],
    [
      "the first call of an answer is signed",
      conversation(HI, model(unsigned), user(RESULT)),
      "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, contents[1].parts[0].",
    ],
  ];

  it.each(broken)("what breaks “%s”", (rule, body, ...messages) => {
    const problems = checkGeminiRequest(body);
    expect(problems.map(({ message }) => message)).toEqual(messages);
    expect(problems[0]?.rule).toBe(rule);
  });

  it("has an example of every rule", () => {
    expect(GEMINI_RULES.map(({ rule }) => rule).toSorted()).toEqual(
      [...new Set([...broken.map(([rule]) => rule), "thoughts come back as they were signed"])].toSorted(),
    );
  });

  it("thoughts that were not sent, or with another signature", () => {
    const signedThinking = new Map([["c2ln", "Hm."]]);
    const thought = (fields: JsonObject) =>
      checkGeminiRequest(conversation(HI, model({ thought: true, text: "Hm.", ...fields }, { text: "a" }), HI), {
        signedThinking,
      });
    expect(thought({ thoughtSignature: "c2ln" })).toEqual([]);
    const refused = {
      rule: "thoughts come back as they were signed",
      message: "Corrupted thought signature. contents[1].parts[0]",
    };
    expect(thought({ thoughtSignature: "b3RoZXI=" })).toEqual([refused]);
    expect(thought({})).toEqual([refused]);
    expect(thought({ thoughtSignature: "c2ln", text: "Hm" })).toEqual([refused]);
  });
});
