/** The body of a Responses call: which parameters go out, which a model would refuse, and what is told of them. */
import type { ChatRequest, ReasoningEffort, ToolSpec } from "amplifier-core";
import { describe, expect, it } from "vitest";
import { resolveOpenAIConfig, type OpenAIConfig } from "../openai-config.ts";
import { toResponsesRequest, type ResponsesRequest } from "./responses-request.ts";

const ELSEWHERE: OpenAIConfig = { base_url: "http://localhost:8000/v1", api: "responses" };

function requested(request: Partial<ChatRequest>, config: OpenAIConfig = {}): ResponsesRequest {
  const settings = resolveOpenAIConfig({ api_key: "sk", model: "gpt-6.1-sol", ...config }, {});
  return toResponsesRequest({ messages: [{ role: "user", content: "Hi" }], ...request }, settings);
}

/** The body as it goes over the wire. */
function bodyOf(request: Partial<ChatRequest>, config?: OpenAIConfig): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(requested(request, config).body)) as Record<string, unknown>;
}

describe("a body", () => {
  it("has nothing stored, and reasoning sealed and summarized", () => {
    expect(bodyOf({})).toEqual({
      model: "gpt-6.1-sol",
      input: [{ role: "user", content: "Hi" }],
      reasoning: { summary: "auto" },
      include: ["reasoning.encrypted_content"],
      store: false,
      stream: true,
    });
  });

  it("asks servers of others, whose models nobody knows, for nothing that was not asked for", () => {
    expect(bodyOf({}, { ...ELSEWHERE, model: "gpt-oss-20b" })).toEqual({
      model: "gpt-oss-20b",
      input: [{ role: "user", content: "Hi" }],
      store: false,
      stream: true,
    });
  });

  it("has each option in its field, the request's over the config's", () => {
    const request: Partial<ChatRequest> = {
      model: "gpt-4.1",
      messages: [
        { role: "system", content: "Be terse." },
        { role: "developer", content: "Use tools." },
        { role: "user", content: "Hi" },
      ],
      temperature: 0.5,
      top_p: 0.9,
      max_output_tokens: 70,
      conversation_id: "s-1",
    };
    expect(bodyOf(request, { temperature: 1, max_output_tokens: 99 })).toEqual({
      model: "gpt-4.1",
      instructions: "Be terse.\n\nUse tools.",
      input: [{ role: "user", content: "Hi" }],
      temperature: 0.5,
      top_p: 0.9,
      max_output_tokens: 70,
      prompt_cache_key: "s-1",
      store: false,
      stream: true,
    });
    expect(bodyOf({}, { model: "gpt-4.1", temperature: 1, max_output_tokens: 99 })).toMatchObject({
      temperature: 1,
      max_output_tokens: 99,
    });
  });

  it("names the conversation to OpenAI only: others may refuse the field", () => {
    expect(bodyOf({ conversation_id: "s-1" }, ELSEWHERE)).not.toHaveProperty("prompt_cache_key");
  });

  it.each([
    [{ type: "text" }, { type: "text" }],
    [{ type: "json_object" }, { type: "json_object" }],
    [
      { type: "json_schema", name: "n", schema: { type: "object" }, strict: true },
      { type: "json_schema", name: "n", schema: { type: "object" }, strict: true },
    ],
    [
      { type: "json_schema", schema: { type: "object" } },
      { type: "json_schema", name: "answer", schema: { type: "object" } },
    ],
  ] as const)("has the form %j of the answer as text.format", (response_format, format) => {
    expect(bodyOf({ response_format })["text"]).toEqual({ format });
  });

  it("says that it leaves stop words out", () => {
    expect(requested({ stop: ["END"] }).warnings).toEqual(["stop left out: the Responses API has none."]);
    expect(bodyOf({ stop: ["END"] })).not.toHaveProperty("stop");
    expect(requested({ stop: [] }).warnings).toEqual([]);
  });
});

describe("tools", () => {
  const search: ToolSpec = { name: "search", type: "web_search", search_context_size: "low" };
  const sql: ToolSpec = { name: "sql", type: "custom", format: { type: "text" } };
  const look: ToolSpec = { name: "look", description: "Looks", parameters: { type: "object" } };

  it("are functions whose parameters need not all be given, and the API's own as they are", () => {
    expect(bodyOf({ tools: [look, search, sql] })["tools"]).toEqual([
      { type: "function", name: "look", description: "Looks", parameters: { type: "object" }, strict: false },
      { type: "web_search", search_context_size: "low" },
      { type: "custom", format: { type: "text" }, name: "sql" },
    ]);
  });

  it.each([
    ["auto", "auto"],
    ["none", "none"],
    ["required", "required"],
    [{ name: "look" }, { type: "function", name: "look" }],
    [{ name: "sql" }, { type: "custom", name: "sql" }],
    [{ name: "search" }, { type: "web_search" }],
    [{ name: "unknown" }, { type: "function", name: "unknown" }],
  ] as const)("are chosen by %j as %j", (tool_choice, expected) => {
    expect(bodyOf({ tools: [look, search, sql], tool_choice })["tool_choice"]).toEqual(expected);
  });

  it("are not chosen among when there are none", () => {
    for (const tools of [undefined, []]) {
      const body = bodyOf({ tool_choice: "none", ...(tools === undefined ? {} : { tools }) });
      expect([body["tools"], body["tool_choice"]]).toEqual([undefined, undefined]);
    }
  });
});

describe("reasoning", () => {
  const reasoningOf = (model: string, effort?: ReasoningEffort, config: OpenAIConfig = {}): unknown =>
    bodyOf({ model, ...(effort === undefined ? {} : { reasoning_effort: effort }) }, config)["reasoning"];

  it.each<[string, ReasoningEffort, ReasoningEffort]>([
    ["gpt-6.1-sol", "none", "low"],
    ["gpt-6.1-sol", "minimal", "low"],
    ["gpt-6.1-sol", "xhigh", "xhigh"],
    ["gpt-6-astra", "none", "low"],
    ["gpt-6-sol", "none", "none"],
    ["gpt-6.1-terra", "none", "none"],
    ["gpt-5.10", "xhigh", "xhigh"],
    ["gpt-5.4-mini", "minimal", "low"],
    ["gpt-5.1", "xhigh", "high"],
    ["gpt-5.1", "none", "none"],
    ["gpt-5.1-codex", "none", "low"],
    ["gpt-5.1-codex-max", "xhigh", "xhigh"],
    ["gpt-5", "none", "minimal"],
    ["gpt-5", "minimal", "minimal"],
    ["gpt-5-mini-2025-08-07", "xhigh", "high"],
    ["gpt-5-pro", "none", "low"],
    ["o4-mini", "none", "low"],
    ["o3", "xhigh", "high"],
    ["ft:gpt-5.4:acme::1", "minimal", "low"],
    ["a-new-model", "none", "none"],
    ["a-new-model", "xhigh", "xhigh"],
  ])("of %s with the effort %s is asked for with %s", (model, wish, effort) => {
    expect(reasoningOf(model, wish)).toEqual({ effort, ...(effort === "none" ? {} : { summary: "auto" }) });
  });

  it("has the config's effort where the request has none, and the config's kind of summary", () => {
    expect(reasoningOf("gpt-5.4", undefined, { reasoning_effort: "high", reasoning_summary: "detailed" })).toEqual({
      effort: "high",
      summary: "detailed",
    });
    expect(reasoningOf("gpt-5.4", "low", { reasoning_effort: "high", reasoning_summary: "none" })).toEqual({
      effort: "low",
    });
    expect(requested({}, { reasoning_summary: "none" }).asksForSummary).toBe(false);
    expect(requested({}).asksForSummary).toBe(true);
  });

  it.each(["gpt-4.1", "gpt-4o-mini", "chatgpt-4o-latest", "gpt-3.5-turbo", "gpt-5-chat-latest", "ft:gpt-4.1:acme::1"])(
    "is not asked of %s, which refuses whatever is about it",
    (model) => {
      const { warnings } = requested({ model, reasoning_effort: "low" });
      expect(warnings).toEqual([`reasoning_effort left out: ${model} does not reason.`]);
      const body = bodyOf({ model, reasoning_effort: "low", temperature: 0.2 });
      expect([body["reasoning"], body["include"], body["temperature"]]).toEqual([undefined, undefined, 0.2]);
      expect(requested({ model, reasoning_effort: "none" }).warnings).toEqual([]);
    },
  );

  it("at other servers is asked of models that nobody knows only with an effort", () => {
    expect(reasoningOf("gpt-oss-20b", "low", ELSEWHERE)).toEqual({ effort: "low" });
    expect(bodyOf({ model: "gpt-oss-20b", temperature: 0.2 }, ELSEWHERE)).toMatchObject({ temperature: 0.2 });
    expect(bodyOf({ model: "openai/gpt-5.4" }, ELSEWHERE)).toMatchObject({
      reasoning: { summary: "auto" },
      include: ["reasoning.encrypted_content"],
    });
  });

  it("leaves no room for a temperature, unless it is off", () => {
    const { warnings, body } = requested({ model: "gpt-5.4", temperature: 0, top_p: 0.5 });
    expect(warnings).toEqual(["temperature and top_p left out: gpt-5.4 takes none while it reasons."]);
    expect([body["temperature"], body["top_p"]]).toEqual([undefined, undefined]);
    expect(requested({ model: "gpt-5.4" }, { temperature: 1 }).warnings).toEqual([
      "temperature left out: gpt-5.4 takes none while it reasons.",
    ]);
    const off = requested({ model: "gpt-5.4", temperature: 0, reasoning_effort: "none" });
    expect([off.warnings, off.body["temperature"]]).toEqual([[], 0]);
    const always = requested({ model: "gpt-6.1-sol", temperature: 0, reasoning_effort: "none" });
    expect([always.warnings.length, always.body["temperature"]]).toEqual([1, undefined]);
  });
});
