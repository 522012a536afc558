import type { ChatRequest, ContentBlock, Message } from "amplifier-core";
import { describe, expect, it } from "vitest";
import { modelTraits } from "./model-traits.ts";
import { toWireRequest, type RequestDefaults } from "./to-wire-request.ts";

const HI: readonly Message[] = [{ role: "user", content: "Hi" }];
const WIRE_HI = [{ role: "user", content: [{ type: "text", text: "Hi" }] }];
const SHOWN = { type: "adaptive", display: "summarized" };

const clock = { name: "clock", description: "The time", parameters: { type: "object", properties: {} } } as const;

function request(more: Partial<ChatRequest> & { model: string }): ReturnType<typeof toWireRequest> {
  return toWireRequest({ messages: HI, ...more }, { model: "unused" });
}

describe("the body of a request", () => {
  it("is whole for the plainest request: the default model, its output limit, a stream", () => {
    expect(toWireRequest({ messages: HI }, { model: "claude-sonnet-4-5" })).toEqual({
      model: "claude-sonnet-4-5",
      body: { model: "claude-sonnet-4-5", max_tokens: 64_000, stream: true, messages: WIRE_HI },
      betas: [],
      warnings: [],
    });
  });

  it("carries everything a request can say", () => {
    const schema = { type: "object", properties: { a: { type: "string" } }, additionalProperties: false };
    const { body } = request({
      model: "claude-sonnet-4-5",
      messages: [{ role: "system", content: "Be terse." }, ...HI],
      tools: [clock, { name: "bare", parameters: { properties: {} } }],
      tool_choice: "auto",
      max_output_tokens: 100,
      temperature: 0.5,
      top_p: 0.9,
      stop: ["END"],
      response_format: { type: "json_schema", name: "answer", schema, strict: true },
      metadata: { user_id: "u1", other: 1 },
    });
    expect(body).toEqual({
      model: "claude-sonnet-4-5",
      max_tokens: 100,
      stream: true,
      system: "Be terse.",
      messages: WIRE_HI,
      tools: [
        { name: "clock", description: "The time", input_schema: { type: "object", properties: {} } },
        { name: "bare", input_schema: { type: "object", properties: {} } },
      ],
      tool_choice: { type: "auto" },
      output_config: { format: { type: "json_schema", schema } },
      temperature: 0.5,
      top_p: 0.9,
      stop_sequences: ["END"],
      metadata: { user_id: "u1" },
    });
  });

  it.each([
    ["none", { type: "none" }],
    ["required", { type: "any" }],
    [{ name: "clock" }, { type: "tool", name: "clock" }],
  ] as const)("says the tool choice %j as %j", (choice, expected) => {
    const model = "claude-sonnet-4-5";
    expect(request({ model, tools: [clock], tool_choice: choice }).body["tool_choice"]).toEqual(expected);
    expect(request({ model, tools: [], tool_choice: choice }).body).not.toHaveProperty("tool_choice");
  });

  it("asks for tool input as it is made, of functions only", () => {
    const search = { type: "web_search_20250305", name: "web_search" };
    const { body } = toWireRequest({ messages: HI, tools: [clock, search] }, { model: "m", eager_tool_input: true });
    expect(body["tools"]).toEqual([
      { name: "clock", description: "The time", input_schema: clock.parameters, eager_input_streaming: true },
      search,
    ]);
  });

  it("passes tools of the API itself through", () => {
    const search = { type: "web_search_20250305", name: "web_search", max_uses: 3 };
    const strange = { type: "x_1", name: "x", description: "its own", parameters: { a: 1 } };
    expect(request({ model: "claude-sonnet-4-5", tools: [search, strange] }).body["tools"]).toEqual([search, strange]);
  });

  it("goes on in the container that the last answer named", () => {
    const metadata = {
      anthropic: { id: "msg_1", container: { id: "container_1", expires_at: "2026-11-23T00:00:00Z" } },
    };
    const answer: Message = { role: "assistant", content: [{ type: "text", text: "Hello" }], metadata };
    expect(request({ model: "claude-sonnet-4-5", messages: [...HI, answer, ...HI] }).body["container"]).toBe(
      "container_1",
    );
  });

  it("lets the request win over the plan's defaults", () => {
    const defaults: RequestDefaults = {
      model: "claude-sonnet-4-5",
      max_output_tokens: 500,
      temperature: 0.1,
      reasoning_effort: "none",
    };
    expect(toWireRequest({ messages: HI }, defaults).body).toMatchObject({ max_tokens: 500, temperature: 0.1 });
    const own = {
      model: "claude-haiku-4-5",
      max_output_tokens: 5_000,
      temperature: 0.2,
      reasoning_effort: "low",
    } as const;
    expect(toWireRequest({ messages: HI, ...own }, defaults)).toEqual({
      model: "claude-haiku-4-5",
      body: {
        model: "claude-haiku-4-5",
        max_tokens: 5_000,
        stream: true,
        messages: WIRE_HI,
        thinking: { type: "enabled", budget_tokens: 3_976 },
      },
      betas: [],
      warnings: ["temperature left out: claude-haiku-4-5 takes none while it thinks."],
    });
  });

  it("leaves out what newer models refuse, and says so", () => {
    const { body, warnings } = request({ model: "claude-sonnet-5-5", temperature: 0.5, top_p: 0.9 });
    expect(body).toEqual({
      model: "claude-sonnet-5-5",
      max_tokens: 64_000,
      stream: true,
      messages: WIRE_HI,
      thinking: SHOWN,
    });
    expect(warnings).toEqual(["temperature and top_p left out: claude-sonnet-5-5 takes none."]);
  });

  it("refuses a free JSON answer, which the API does not have", () => {
    expect(() => request({ model: "claude-sonnet-5-5", response_format: { type: "json_object" } })).toThrow(
      expect.objectContaining({ name: "ConfigurationError", retryable: false }),
    );
  });
});

/** What every model is asked for beside thinking. */
function limitOf(model: string): object {
  return { max_tokens: Math.min(modelTraits(model).maxOutputTokens, 64_000) };
}

describe("how thinking is asked for", () => {
  it.each([
    ["claude-3-5-haiku-latest", "high", {}],
    ["claude-sonnet-4-5", undefined, {}],
    ["claude-sonnet-4-5", "none", {}],
    ["claude-sonnet-4-5", "minimal", { thinking: { type: "enabled", budget_tokens: 1_024 } }],
    ["claude-opus-4-5-20251101", "high", { thinking: { type: "enabled", budget_tokens: 20_000 } }],
    ["claude-sonnet-4-20250514", "xhigh", { thinking: { type: "enabled", budget_tokens: 32_000 } }],
    ["glm-5", "medium", { thinking: { type: "enabled", budget_tokens: 7_168 } }],
    ["claude-opus-4-6", undefined, {}],
    ["claude-opus-4-6", "none", {}],
    ["claude-opus-4-6", "xhigh", { thinking: SHOWN, output_config: { effort: "high" } }],
    ["claude-opus-4-8", "xhigh", { thinking: SHOWN, output_config: { effort: "xhigh" } }],
    ["claude-opus-5", undefined, { thinking: SHOWN }],
    ["claude-opus-5", "none", { thinking: { type: "disabled" } }],
    ["claude-sonnet-5", "minimal", { thinking: SHOWN, output_config: { effort: "low" } }],
    ["claude-sonnet-5-5", "none", { thinking: { type: "between_tools" } }],
    ["claude-sonnet-5-5", "medium", { thinking: SHOWN, output_config: { effort: "medium" } }],
    ["claude-haiku-5-5", "none", { thinking: { type: "disabled" } }],
    ["claude-opus-5-5", "none", { thinking: SHOWN, output_config: { effort: "low" } }],
    ["claude-fable-5", "none", { thinking: SHOWN, output_config: { effort: "low" } }],
    ["claude-sonnet-9", undefined, { thinking: SHOWN }],
  ] as const)("of %s at effort %s", (model, effort, expected) => {
    const { body } = request({ model, ...(effort === undefined ? {} : { reasoning_effort: effort }) });
    expect(body).toEqual({ ...request({ model: "claude-3-5-haiku" }).body, ...limitOf(model), model, ...expected });
  });

  it("takes the plan's budget, leaves room for the answer, and none where there is no room", () => {
    const budget = (max_output_tokens: number): unknown =>
      toWireRequest({ messages: HI, max_output_tokens }, { model: "claude-sonnet-4-5", thinking_budget: 3_000 }).body[
        "thinking"
      ];
    expect(budget(8_000)).toEqual({ type: "enabled", budget_tokens: 3_000 });
    expect(budget(3_500)).toEqual({ type: "enabled", budget_tokens: 2_476 });
    expect(budget(2_000)).toBeUndefined();
  });

  describe("with a budget, which has conditions", () => {
    const think = { model: "claude-sonnet-4-5", reasoning_effort: "low", tools: [clock] } as const;
    const called: ContentBlock = { type: "tool_call", id: "a", name: "clock", input: {} };
    const thought: ContentBlock = {
      type: "thinking",
      thinking: "Hm",
      signature: "s",
      provider: "anthropic",
      model: "claude-sonnet-4-5",
    };
    const result: Message = { role: "tool", tool_call_id: "a", content: "12:00" };

    it("not with a forced tool", () => {
      expect(request({ ...think, tool_choice: "required" }).body["thinking"]).toBeUndefined();
      expect(request({ ...think, tool_choice: { name: "clock" } }).body["thinking"]).toBeUndefined();
    });

    it("not in the middle of tools that an answer without its thinking called", () => {
      const messages = (...content: ContentBlock[]): Message[] => [...HI, { role: "assistant", content }, result];
      expect(request({ ...think, messages: messages(called) }).body["thinking"]).toBeUndefined();
      expect(request({ ...think, messages: messages(thought, called) }).body["thinking"]).toBeDefined();
      expect(request({ ...think, messages: [...messages(called), ...HI] }).body["thinking"]).toBeUndefined();
    });
  });

  it("lets models that bind their thinking to its past drop it when the past has changed", () => {
    const model = "claude-sonnet-5-5";
    const thought: ContentBlock = { type: "thinking", thinking: "", signature: "s", provider: "anthropic", model };
    const messages: Message[] = [
      ...HI,
      { role: "assistant", content: [thought, { type: "text", text: "Hello" }] },
      ...HI,
    ];
    const wire = request({ model, messages });
    expect(wire.betas).toEqual(["thinking-binding-controls-2026-08-01"]);
    expect(wire.body["thinking"]).toEqual({ ...SHOWN, block_binding: { prefix_mismatch_behavior: "drop_block" } });
    expect(request({ model }).betas).toEqual([]);
    expect(request({ model, messages, reasoning_effort: "none" }).betas).toEqual([]);
    expect(request({ model: "claude-sonnet-5", messages }).betas).toEqual([]);
  });
});
