/** What our conversation looks like as the items of a Responses call. */
import type { ContentBlock, Message } from "amplifier-core";
import { describe, expect, it } from "vitest";
import { toResponsesInput } from "./responses-input.ts";

const ORIGIN = { provider: "openai", model: "gpt-6.1-sol" };

/** A block with whatever else its adapter keeps on it. */
type Kept = ContentBlock & Readonly<Record<string, unknown>>;

const user = (content: Message["content"]): Message => ({ role: "user", content });
const assistant = (...content: Kept[]): Message => ({ role: "assistant", content });
const text = (words: string, more: object = {}): Kept => ({ type: "text", text: words, ...more });
const call = (id: string, more: object = {}): Kept => ({ type: "tool_call", id, name: "look", input: { id }, ...more });
const result = (id: string, content: Message["content"]): Message => ({ role: "tool", tool_call_id: id, content });
const reasoning = (id: string, more: object = {}): Kept => ({
  type: "reasoning",
  id,
  encrypted_content: `sealed ${id}`,
  content: [],
  summary: [{ type: "summary_text", text: "Hm" }],
  ...ORIGIN,
  ...more,
});
const reasoningItem = (id: string, more: object = {}): object => ({
  type: "reasoning",
  id,
  encrypted_content: `sealed ${id}`,
  summary: [{ type: "summary_text", text: "Hm" }],
  ...more,
});
const callItem = (id: string, args: object = { id }): object => ({
  type: "function_call",
  call_id: id,
  name: "look",
  arguments: JSON.stringify(args),
});
const outputItem = (id: string, output: unknown): object => ({ type: "function_call_output", call_id: id, output });

const inputOf = (...messages: Message[]): unknown => toResponsesInput(messages, ORIGIN);

describe("a conversation", () => {
  it("has its items in order: what was said, reasoned, called and found", () => {
    expect(
      inputOf(
        user("Look"),
        assistant(
          { type: "thinking", thinking: "Hm", ...ORIGIN },
          reasoning("rs_1"),
          text("I look."),
          call("a"),
          call("b"),
        ),
        result("a", "seen"),
        result("b", [text("half "), text("seen")]),
        assistant(text("Done.")),
        user([text("And "), text("now?")]),
      ),
    ).toEqual([
      { role: "user", content: "Look" },
      reasoningItem("rs_1"),
      { role: "assistant", content: "I look." },
      callItem("a"),
      callItem("b"),
      outputItem("a", "seen"),
      outputItem("b", "half seen"),
      { role: "assistant", content: "Done." },
      { role: "user", content: "And now?" },
    ]);
  });

  it("keeps instructions where they stand, and skips what says nothing", () => {
    expect(
      inputOf(
        { role: "system", content: "Be terse." },
        { role: "developer", content: [text("Two calls left.")] },
        { role: "system", content: "" },
        user(""),
        user([text("")]),
        assistant(text("")),
      ),
    ).toEqual([
      { role: "system", content: "Be terse." },
      { role: "developer", content: "Two calls left." },
    ]);
  });

  it("has images beside text, in a result too", () => {
    const picture = { type: "image", source: { type: "base64", media_type: "image/png", data: "AA==" } } as const;
    const linked = { type: "image", source: { type: "url", url: "https://example.org/a.png" } } as const;
    const input = (image_url: string): object => ({ type: "input_image", image_url, detail: "auto" });
    expect(
      inputOf(user([text("Look"), picture, linked]), assistant(call("a")), result("a", [text("x"), picture])),
    ).toEqual([
      {
        role: "user",
        content: [
          { type: "input_text", text: "Look" },
          input("data:image/png;base64,AA=="),
          input("https://example.org/a.png"),
        ],
      },
      callItem("a"),
      outputItem("a", [{ type: "input_text", text: "x" }, input("data:image/png;base64,AA==")]),
    ]);
  });

  it("takes results that stand in a user's message, in front of what the user says", () => {
    const block = (tool_call_id: string, output: unknown): Kept => ({ type: "tool_result", tool_call_id, output });
    expect(
      inputOf(
        assistant(call("a"), call("b"), call("c")),
        user([text("Well?"), block("a", "seen"), block("b", { n: 1 }), block("c", undefined)]),
      ),
    ).toEqual([
      callItem("a"),
      callItem("b"),
      callItem("c"),
      outputItem("a", "seen"),
      outputItem("b", '{"n":1}'),
      outputItem("c", "null"),
      { role: "user", content: "Well?" },
    ]);
  });

  it("does not repeat arguments that were no object or were cut off", () => {
    const broken = assistant(
      call("a", { input: {}, raw_arguments: "{oops" }),
      call("b", { input: { half: true }, interrupted: true }),
    );
    expect(inputOf(broken, result("a", "bad"), result("b", "cut"))).toEqual([
      callItem("a", {}),
      callItem("b", {}),
      outputItem("a", "bad"),
      outputItem("b", "cut"),
    ]);
  });

  it("shortens ids that are too long for the API, the call's like its result's, and no two to one", () => {
    const long = `toolu_${"x".repeat(70)}`;
    const items = toResponsesInput(
      [
        assistant(call(`${long}1`), call(`${long}2`), call("y".repeat(64))),
        result(`${long}1`, "1"),
        result(`${long}2`, "2"),
        result("y".repeat(64), "3"),
      ],
      ORIGIN,
    );
    const ids = items.map((item) => item["call_id"] as string);
    expect(ids.slice(0, 3)).toEqual(ids.slice(3));
    expect(new Set(ids).size).toBe(3);
    expect(ids.every((id) => id.length <= 64)).toBe(true);
    expect(ids[2]).toBe("y".repeat(64));
  });
});

describe("calls of other APIs", () => {
  it("get names and ids that this one takes, the call's like its result's", () => {
    const items = toResponsesInput(
      [assistant(call("0", { name: "mcp.look up" })), result("0", "1"), assistant(call("0")), result("0", "2")],
      ORIGIN,
    );
    expect(items.map((item) => [item["call_id"], item["name"]])).toEqual([
      ["0", "mcp_look_up"],
      ["0", undefined],
      ["0_2", "look"],
      ["0_2", undefined],
    ]);
  });
});

describe("text of an answer", () => {
  it("in several blocks is one message, unless something stood between them or they are marked differently", () => {
    const marked = (words: string, phase: string): Kept => text(words, { phase });
    expect(
      inputOf(
        assistant(
          marked("Let me", "commentary"),
          marked(" look.", "commentary"),
          marked("Found", "final_answer"),
          { type: "thinking", thinking: "Hm" },
          marked("it", "final_answer"),
          text("plain"),
        ),
      ),
    ).toEqual([
      { role: "assistant", content: "Let me look.", phase: "commentary" },
      { role: "assistant", content: "Found", phase: "final_answer" },
      { role: "assistant", content: "it", phase: "final_answer" },
      { role: "assistant", content: "plain" },
    ]);
  });

  it("goes without its citations, which point into what is not sent", () => {
    expect(inputOf(assistant(text("Foxes", { citations: [{ url: "x" }] })))).toEqual([
      { role: "assistant", content: "Foxes" },
    ]);
  });
});

describe("what was sealed", () => {
  const opaque = (data: object, more: object = {}): Kept => ({
    type: "opaque",
    data: { ...data },
    ...ORIGIN,
    ...more,
  });
  const search = { id: "ws_1", type: "web_search_call", status: "completed", action: { type: "search", query: "x" } };

  it("goes back untouched to the provider and model it came from", () => {
    const clear = { content: [{ type: "reasoning_text", text: "Hm" }], encrypted_content: null };
    expect(inputOf(assistant(reasoning("rs_1"), opaque(search), reasoning("rs_2", clear), text("Found.")))).toEqual([
      reasoningItem("rs_1"),
      search,
      reasoningItem("rs_2", clear),
      { role: "assistant", content: "Found." },
    ]);
  });

  it("is left out for any other, and so are thoughts and what was cut off", () => {
    expect(
      inputOf(
        assistant(
          reasoning("rs_1", { model: "gpt-5" }),
          reasoning("rs_2", { provider: "azure" }),
          reasoning("rs_3", { interrupted: true }),
          opaque(search, { provider: "anthropic" }),
          opaque(search, { model: "gpt-5" }),
          opaque(search, { interrupted: true }),
          { type: "thinking", thinking: "Hm", signature: "s", ...ORIGIN },
          { type: "redacted_thinking", data: "x", ...ORIGIN },
          text("Found."),
        ),
      ),
    ).toEqual([{ role: "assistant", content: "Found." }]);
  });

  it("goes back without the visibility that we gave it", () => {
    expect(inputOf(assistant(reasoning("rs_1", { visibility: "internal" }), text("x")))).toEqual([
      reasoningItem("rs_1"),
      { role: "assistant", content: "x" },
    ]);
  });

  it("is left out where nothing of its answer follows, as the API refuses reasoning alone", () => {
    expect(
      inputOf(
        user("1"),
        assistant(reasoning("rs_1"), text("")),
        user("2"),
        assistant(reasoning("rs_2"), reasoning("rs_3"), call("a")),
        result("a", "x"),
        assistant(reasoning("rs_4")),
      ),
    ).toEqual([
      { role: "user", content: "1" },
      { role: "user", content: "2" },
      reasoningItem("rs_2"),
      reasoningItem("rs_3"),
      callItem("a"),
      outputItem("a", "x"),
    ]);
  });

  it("is left out when it waits for an output that nobody gave, with the reasoning that led there", () => {
    const shell = { id: "sh_1", type: "shell_call", call_id: "s1", action: {} };
    const output = { id: "so_1", type: "shell_call_output", call_id: "s1", output: [] };
    expect(inputOf(assistant(reasoning("rs_1"), opaque(shell)))).toEqual([]);
    expect(inputOf(assistant(reasoning("rs_1"), opaque(shell), opaque(output)))).toEqual([
      reasoningItem("rs_1"),
      shell,
      output,
    ]);
    const remote = { id: "ts_1", type: "tool_search_call", call_id: null, execution: "server" };
    expect(inputOf(assistant(opaque(remote)))).toEqual([remote]);
  });
});

describe("calls that say more", () => {
  it("of free input go back as they came, and so do their results", () => {
    const free = { openai: { type: "custom_tool_call" }, input: { input: "SELECT 1" } };
    const item = (more: object): object => ({ type: "custom_tool_call", name: "look", ...more });
    expect(
      inputOf(
        assistant(
          call("a", free),
          call("b", { ...free, input: {}, raw_arguments: '{"input":"SEL', interrupted: true }),
        ),
        result("a", "1"),
        result("b", "cut"),
      ),
    ).toEqual([
      item({ call_id: "a", input: "SELECT 1" }),
      item({ call_id: "b", input: "" }),
      { type: "custom_tool_call_output", call_id: "a", output: "1" },
      { type: "custom_tool_call_output", call_id: "b", output: "cut" },
    ]);
  });

  it("have their namespace and caller again, the caller also beside the result", () => {
    const openai = { namespace: "crm", caller: { type: "program", caller_id: "p" } };
    expect(inputOf(assistant(call("a", { openai })), result("a", "x"))).toEqual([
      { ...callItem("a"), ...openai },
      { ...outputItem("a", "x"), caller: openai.caller },
    ]);
  });
});
