/** What is sent to the Gemini API: the conversation, the tools, and the parameters each model takes. */
import type { ChatRequest, ContentBlock, Message, ReasoningEffort, ToolSpec } from "amplifier-core";
import { describe, expect, it, test } from "vitest";
import { resolveGeminiConfig, type GeminiConfig } from "../../src/gemini/gemini-config.ts";
import { toGeminiRequest, type GeminiRequest, type SignedBlock } from "../../src/gemini/gemini-request.ts";

const MODEL = "gemini-3.8-flash";
const own = { provider: "gemini", model: MODEL };
const PICTURE = { type: "image", source: { type: "base64", media_type: "image/png", data: "AA==" } } as const;

const user = (content: Message["content"]): Message => ({ role: "user", content });
const assistant = (...content: SignedBlock[]): Message => ({ role: "assistant", content });
const text = (words: string) => ({ type: "text" as const, text: words });
const call = (id: string, more: object = {}): SignedBlock => ({
  type: "tool_call",
  id,
  name: `tool_${id}`,
  input: { id },
  ...more,
});
const result = (id: string, content: Message["content"]): Message => ({
  role: "tool",
  name: "from_the_message",
  tool_call_id: id,
  content,
});

function requested(request: Partial<ChatRequest>, config: GeminiConfig = {}): GeminiRequest {
  const settings = resolveGeminiConfig({ model: MODEL, base_url: "http://localhost", ...config }, {});
  return toGeminiRequest({ messages: [user("Hi")], ...request }, settings);
}

/** The body as it goes over the wire. */
function bodyOf(request: Partial<ChatRequest>, config?: GeminiConfig): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(requested(request, config).body)) as Record<string, unknown>;
}

const contentsOf = (messages: readonly Message[], model = MODEL): unknown => bodyOf({ messages, model })["contents"];

function configOf(request: Partial<ChatRequest>, config?: GeminiConfig): unknown {
  return bodyOf(request, config)["generationConfig"];
}

describe("the conversation", () => {
  it("has its leading instructions apart, and later ones as marked text of the user's", () => {
    const messages: Message[] = [
      { role: "system", content: "Be terse." },
      { role: "developer", content: [text("Use tools.")] },
      user("Hi"),
      { role: "system", content: "Two calls left." },
    ];
    expect(bodyOf({ messages })).toMatchObject({
      systemInstruction: { parts: [{ text: "Be terse.\n\nUse tools." }] },
      contents: [
        { role: "user", parts: [{ text: "Hi" }, { text: "<system-reminder>\nTwo calls left.\n</system-reminder>" }] },
      ],
    });
    expect(bodyOf({})).not.toHaveProperty("systemInstruction");
  });

  it("joins neighbours of one role, and skips what is left empty", () => {
    const messages = [
      user("One"),
      assistant({ type: "thinking", thinking: "cut o", interrupted: true, ...own }, text("")),
      user([text("Two"), text("")]),
      assistant(text("Half")),
      assistant(text(" an answer")),
      user("Three"),
    ];
    expect(contentsOf(messages)).toEqual([
      { role: "user", parts: [{ text: "One" }, { text: "Two" }] },
      { role: "model", parts: [{ text: "Half" }, { text: " an answer" }] },
      { role: "user", parts: [{ text: "Three" }] },
    ]);
  });

  it("gives signatures back where they came from, to the model they came from", () => {
    const messages = [
      user("Hi"),
      assistant(
        { type: "thinking", thinking: "Hm", signature: "s1", ...own },
        { type: "thinking", thinking: "unsigned", ...own },
        { ...text("Hello"), signature: "s2", ...own },
        call("a", { signature: "s3", ...own }),
        { type: "opaque", data: { text: "", thoughtSignature: "s4" }, ...own },
      ),
    ];
    expect(contentsOf([...messages, result("a", "x")])).toEqual([
      { role: "user", parts: [{ text: "Hi" }] },
      {
        role: "model",
        parts: [
          { text: "Hm", thought: true, thoughtSignature: "s1" },
          { text: "Hello", thoughtSignature: "s2" },
          { functionCall: { id: "a", name: "tool_a", args: { id: "a" } }, thoughtSignature: "s3" },
          { text: "", thoughtSignature: "s4" },
        ],
      },
      { role: "user", parts: [{ functionResponse: { id: "a", name: "tool_a", response: { output: "x" } } }] },
    ]);
  });

  it("drops what others sealed: signatures, thinking, opaque blocks of another provider or model", () => {
    const messages = [
      user("Hi"),
      assistant(
        { type: "thinking", thinking: "Hm", signature: "s", provider: "anthropic", model: MODEL },
        { type: "thinking", thinking: "Hm", signature: "s", provider: "gemini", model: "gemini-other" },
        { type: "redacted_thinking", data: "r", provider: "anthropic" },
        { type: "reasoning", content: [], summary: [], provider: "openai" },
        { type: "opaque", data: { type: "server_tool_use" }, provider: "anthropic", model: MODEL },
        { type: "opaque", data: { broken: true }, interrupted: true, ...own },
        { ...text("Hello"), signature: "s", provider: "gemini", model: "gemini-other" },
      ),
      user("And?"),
    ];
    expect(contentsOf(messages)).toEqual([
      { role: "user", parts: [{ text: "Hi" }] },
      { role: "model", parts: [{ text: "Hello" }] },
      { role: "user", parts: [{ text: "And?" }] },
    ]);
  });

  it("has results in the order of their calls and in front of what the user said meanwhile", () => {
    const messages = [
      user("Look"),
      assistant(text("I will."), call("a", { signature: "s", ...own }), call("gemini_b"), call("gemini_c")),
      result("gemini_c", "third"),
      user("Hurry up"),
      result("a", "first"),
      {
        role: "user" as const,
        content: [{ type: "tool_result" as const, tool_call_id: "gemini_b", output: { n: 2 } }],
      },
    ];
    expect(contentsOf(messages)).toEqual([
      { role: "user", parts: [{ text: "Look" }] },
      {
        role: "model",
        parts: [
          { text: "I will." },
          { functionCall: { id: "a", name: "tool_a", args: { id: "a" } }, thoughtSignature: "s" },
          { functionCall: { name: "tool_gemini_b", args: { id: "gemini_b" } } },
          { functionCall: { name: "tool_gemini_c", args: { id: "gemini_c" } } },
        ],
      },
      {
        role: "user",
        parts: [
          { functionResponse: { id: "a", name: "tool_a", response: { output: "first" } } },
          { functionResponse: { name: "tool_gemini_b", response: { output: '{"n":2}' } } },
          { functionResponse: { name: "tool_gemini_c", response: { output: "third" } } },
          { text: "Hurry up" },
        ],
      },
    ]);
  });

  it("names the tool of a result whose call is not there as the result does", () => {
    expect(contentsOf([user("Hi"), result("gone", "x")])).toEqual([
      {
        role: "user",
        parts: [
          { functionResponse: { id: "gone", name: "from_the_message", response: { output: "x" } } },
          { text: "Hi" },
        ],
      },
    ]);
  });

  it("marks the first call of an answer that this model did not sign, from Gemini 3 on", () => {
    const messages = [
      user("Hi"),
      assistant(call("a", { signature: "s", provider: "gemini", model: "gemini-2.5-pro" }), call("b")),
      result("a", "1"),
      result("b", "2"),
    ];
    const parts = (model: string): unknown => (contentsOf(messages, model) as { parts: unknown }[])[1]?.parts;
    expect(parts(MODEL)).toEqual([
      {
        functionCall: { id: "a", name: "tool_a", args: { id: "a" } },
        thoughtSignature: "skip_thought_signature_validator",
      },
      { functionCall: { id: "b", name: "tool_b", args: { id: "b" } } },
    ]);
    expect(parts("gemini-2.5-flash")).toEqual([
      { functionCall: { id: "a", name: "tool_a", args: { id: "a" } } },
      { functionCall: { id: "b", name: "tool_b", args: { id: "b" } } },
    ]);
  });

  it("does not repeat arguments that were cut off or were no object", () => {
    const messages = [
      user("Hi"),
      assistant(call("gemini_a", { raw_arguments: '{"half', ...own }), call("gemini_b", { interrupted: true })),
    ];
    const [, answer] = contentsOf(messages) as unknown[];
    expect(answer).toEqual({
      role: "model",
      parts: [
        { functionCall: { name: "tool_gemini_a", args: {} }, thoughtSignature: "skip_thought_signature_validator" },
        { functionCall: { name: "tool_gemini_b", args: {} } },
      ],
    });
  });

  it("goes on with an answer that was too long for one call: the token instead of what was said", () => {
    const pause = (token: string): Message => ({
      ...assistant(text("A very long")),
      metadata: { gemini: { id: "r", continuation_token: token } },
    });
    const body = bodyOf({ messages: [user("Write"), pause("t1"), pause("t2")] });
    expect(body).toMatchObject({ continuationToken: "t2", contents: [{ role: "user", parts: [{ text: "Write" }] }] });
    const later = bodyOf({ messages: [user("Write"), pause("t1"), user("Stop")] });
    expect(later).not.toHaveProperty("continuationToken");
    expect(later["contents"]).toHaveLength(3);
  });
});

describe("images", () => {
  const image = (url: string): ContentBlock => ({ type: "image", source: { type: "url", url } });

  it("go inline, data addresses too, and others by their address with the type it shows", () => {
    const blocks = [
      PICTURE,
      image("data:image/gif;base64,R0lG"),
      image("https://example.org/a.JPG?size=1"),
      image("https://example.org/photo"),
    ];
    expect(contentsOf([user(blocks)])).toEqual([
      {
        role: "user",
        parts: [
          { inlineData: { mimeType: "image/png", data: "AA==" } },
          { inlineData: { mimeType: "image/gif", data: "R0lG" } },
          { fileData: { fileUri: "https://example.org/a.JPG?size=1", mimeType: "image/jpeg" } },
          { fileData: { fileUri: "https://example.org/photo" } },
        ],
      },
    ]);
  });

  it("of a tool's result go inside it from Gemini 3 on, and beside it before", () => {
    const messages = [
      user("Hi"),
      assistant(call("a")),
      result("a", [text("See"), PICTURE, image("https://x.org/b.png")]),
    ];
    const parts = (model: string): unknown => (contentsOf(messages, model) as { parts: unknown }[])[2]?.parts;
    const inline = { inlineData: { mimeType: "image/png", data: "AA==" } };
    const beside = { fileData: { fileUri: "https://x.org/b.png", mimeType: "image/png" } };
    const response = { id: "a", name: "tool_a", response: { output: "See" } };
    expect(parts(MODEL)).toEqual([{ functionResponse: { ...response, parts: [inline] } }, beside]);
    expect(parts("gemini-2.5-pro")).toEqual([{ functionResponse: response }, inline, beside]);
  });
});

describe("tools", () => {
  const tools: ToolSpec[] = [
    { name: "now", description: "The time", parameters: { type: "object", properties: {} } },
    { name: "search", type: "googleSearch" },
    { name: "files", type: "fileSearch", fileSearchStoreNames: ["s"] },
  ];

  it("are declared with their JSON Schema; those of the API itself stand beside them", () => {
    const body = bodyOf({ tools });
    expect(body["tools"]).toEqual([
      {
        functionDeclarations: [
          { name: "now", description: "The time", parametersJsonSchema: { type: "object", properties: {} } },
        ],
      },
      { googleSearch: {} },
      { fileSearch: { fileSearchStoreNames: ["s"] } },
    ]);
    expect(body).not.toHaveProperty("toolConfig");
  });

  it("are absent where there are none, also with a choice", () => {
    const body = bodyOf({ tools: [], tool_choice: "required" });
    expect(Object.keys(body)).toEqual(["contents", "generationConfig"]);
  });

  it.each([
    ["auto", { mode: "AUTO" }],
    ["none", { mode: "NONE" }],
    ["required", { mode: "ANY" }],
    [{ name: "now" }, { mode: "ANY", allowedFunctionNames: ["now"] }],
  ] as const)("are chosen by %j", (choice, expected) => {
    expect(bodyOf({ tools, tool_choice: choice })["toolConfig"]).toEqual({ functionCallingConfig: expected });
  });

  it("are asked to stream their arguments where the server can: Google Cloud, from Gemini 3 on", () => {
    const cloud = { base_url: "https://aiplatform.googleapis.com/v1/publishers/google", api_key: "k" };
    const asked = { functionCallingConfig: { streamFunctionCallArguments: true } };
    expect(bodyOf({ tools }, cloud)["toolConfig"]).toEqual(asked);
    expect(bodyOf({ tools: tools.slice(1) }, cloud)).not.toHaveProperty("toolConfig");
    expect(bodyOf({ tools, model: "gemini-2.5-pro" }, cloud)).not.toHaveProperty("toolConfig");
  });
});

describe("parameters", () => {
  it("are the request's before the config's, and only those that were asked for", () => {
    const config = { max_output_tokens: 99, temperature: 1, reasoning_effort: "high" } as const;
    const model = "gemini-3-flash-preview";
    expect(configOf({ model }, config)).toEqual({
      maxOutputTokens: 99,
      temperature: 1,
      thinkingConfig: { includeThoughts: true, thinkingLevel: "HIGH" },
    });
    const request = {
      model,
      max_output_tokens: 7,
      temperature: 0.5,
      top_p: 0.9,
      stop: ["END"],
      reasoning_effort: "low",
    } as const;
    expect(configOf(request, config)).toEqual({
      maxOutputTokens: 7,
      stopSequences: ["END"],
      temperature: 0.5,
      topP: 0.9,
      thinkingConfig: { includeThoughts: true, thinkingLevel: "LOW" },
    });
    expect(configOf({ model: "gemma-4", stop: [] })).toEqual({});
  });

  it("of sampling are left out with a warning where the model takes none", () => {
    const request = { top_p: 0.5, temperature: 0 };
    expect(configOf(request)).toEqual({ thinkingConfig: { includeThoughts: true } });
    expect(requested(request).warnings).toEqual([`temperature and top_p left out: ${MODEL} takes none.`]);
    expect(requested({ top_p: 1 }).warnings).toEqual([`top_p left out: ${MODEL} takes none.`]);
    expect(requested({}).warnings).toEqual([]);
  });

  it.each([
    [{ type: "text" }, {}],
    [{ type: "json_object" }, { responseMimeType: "application/json" }],
    [
      { type: "json_schema", schema: { type: "object" }, name: "n", strict: true },
      { responseMimeType: "application/json", responseJsonSchema: { type: "object" } },
    ],
  ] as const)("of form are %j", (format, expected) => {
    expect(configOf({ model: "gemma-4", response_format: format })).toEqual(expected);
  });
});

test.each<[string, ReasoningEffort | undefined, object | undefined]>([
  ["gemini-3.8-flash", undefined, { includeThoughts: true }],
  ["gemini-3.8-flash", "none", { thinkingLevel: "LOW" }],
  ["gemini-3.8-flash", "minimal", { includeThoughts: true, thinkingLevel: "LOW" }],
  ["gemini-3.8-flash", "medium", { includeThoughts: true, thinkingLevel: "MEDIUM" }],
  ["gemini-4-argon", "xhigh", { includeThoughts: true, thinkingLevel: "HIGH" }],
  ["gemini-3.1-pro-preview", "none", { thinkingLevel: "LOW" }],
  ["gemini-3.5-flash-lite", "none", { thinkingLevel: "MINIMAL" }],
  ["models/gemini-3.6-flash", "minimal", { includeThoughts: true, thinkingLevel: "MINIMAL" }],
  ["gemini-flash-latest", "none", { thinkingLevel: "LOW" }],
  ["gemini-2.5-flash", undefined, { includeThoughts: true }],
  ["gemini-2.5-flash", "none", { thinkingBudget: 0 }],
  ["gemini-2.5-pro", "none", { thinkingBudget: 128 }],
  ["gemini-2.5-pro", "minimal", { includeThoughts: true, thinkingBudget: 1_024 }],
  ["gemini-2.5-pro", "high", { includeThoughts: true, thinkingBudget: 24_576 }],
  ["gemini-2.5-flash-image", "high", undefined],
  ["gemini-2.0-flash", "high", undefined],
  ["gemma-4-27b-it", "high", undefined],
])("%s with effort %s is told to think by %j", (model, effort, expected) => {
  const config = configOf({ model, ...(effort === undefined ? {} : { reasoning_effort: effort }) });
  expect((config as { thinkingConfig?: object }).thinkingConfig).toEqual(expected);
});
