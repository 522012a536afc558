import type { ContentBlock, Message } from "amplifier-core";
import { describe, expect, it } from "vitest";
import { toWireMessages } from "./to-wire-messages.ts";

const MODEL = "claude-test";
const own = { provider: "anthropic", model: MODEL };

const user = (content: Message["content"]): Message => ({ role: "user", content });
const assistant = (...content: ContentBlock[]): Message => ({ role: "assistant", content });
const text = (text: string) => ({ type: "text" as const, text });
const call = (id: string): ContentBlock => ({ type: "tool_call", id, name: "clock", input: { zone: "Oslo" } });
const result = (id: string, content: Message["content"]): Message => ({
  role: "tool",
  name: "clock",
  tool_call_id: id,
  content,
});

describe("the conversation in the API's shape", () => {
  it("puts the leading system messages into the system prompt", () => {
    const messages: Message[] = [
      { role: "system", content: "Be terse." },
      { role: "developer", content: [text("Use tools.")] },
      { role: "system", content: " " },
      user("Hi"),
    ];
    expect(toWireMessages(messages, MODEL)).toEqual({
      system: "Be terse.\n\nUse tools.",
      messages: [{ role: "user", content: [text("Hi")] }],
    });
  });

  it("marks a system message in the middle as a reminder in the user's turn, once", () => {
    const messages: Message[] = [
      user("Hi"),
      { role: "system", content: "Two calls left." },
      { role: "system", content: "<system-reminder>Hurry.</system-reminder>" },
    ];
    expect(toWireMessages(messages, MODEL).messages).toEqual([
      {
        role: "user",
        content: [
          text("Hi"),
          text("<system-reminder>\nTwo calls left.\n</system-reminder>"),
          text("<system-reminder>Hurry.</system-reminder>"),
        ],
      },
    ]);
  });

  it("joins the results of an answer's calls and what follows them into one user turn, results first", () => {
    const messages = [
      user("What time is it?"),
      assistant(text("Let me look."), call("a"), call("b")),
      result("a", "12:00"),
      user("Hurry up"),
      result("b", [
        text("13:00"),
        { type: "image", source: { type: "base64", media_type: "image/png", data: "AA==" } },
      ]),
    ];
    expect(toWireMessages(messages, MODEL).messages).toEqual([
      { role: "user", content: [text("What time is it?")] },
      {
        role: "assistant",
        content: [
          text("Let me look."),
          { type: "tool_use", id: "a", name: "clock", input: { zone: "Oslo" } },
          { type: "tool_use", id: "b", name: "clock", input: { zone: "Oslo" } },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "a", content: "12:00" },
          {
            type: "tool_result",
            tool_use_id: "b",
            content: [
              text("13:00"),
              { type: "image", source: { type: "base64", media_type: "image/png", data: "AA==" } },
            ],
          },
          text("Hurry up"),
        ],
      },
    ]);
  });

  it("joins neighbours of one role, and skips answers that are left empty", () => {
    const messages = [
      user("One"),
      assistant({ type: "thinking", thinking: "cut o", interrupted: true, ...own }, text("  \n")),
      user("Two"),
      assistant(text("Half")),
      assistant(text(" an answer")),
      user("Three"),
    ];
    expect(toWireMessages(messages, MODEL).messages).toEqual([
      { role: "user", content: [text("One"), text("Two")] },
      { role: "assistant", content: [text("Half"), text(" an answer")] },
      { role: "user", content: [text("Three")] },
    ]);
  });

  it("lets the user's turn come first where the assistant speaks first", () => {
    expect(toWireMessages([assistant(text("Hello")), user("Hi")], MODEL).messages).toEqual([
      { role: "user", content: [text("<system-reminder>\nYou speak first.\n</system-reminder>")] },
      { role: "assistant", content: [text("Hello")] },
      { role: "user", content: [text("Hi")] },
    ]);
  });

  it("sends back signed and redacted thinking of this model, and no other", () => {
    const signed = { type: "thinking" as const, thinking: "Hm", signature: "s", ...own };
    const messages = [
      user("Hi"),
      assistant(
        signed,
        { type: "thinking", thinking: "", signature: "empty", ...own },
        { type: "redacted_thinking", data: "r", ...own },
        { type: "thinking", thinking: "unsigned", ...own },
        { ...signed, model: "claude-other" },
        { ...signed, provider: "elsewhere" },
        { type: "thinking", thinking: "no origin", signature: "s" },
        { type: "redacted_thinking", data: "r2", provider: "anthropic", model: "claude-other" },
        { type: "reasoning", content: [], summary: [], provider: "openai" },
        text("Hello"),
      ),
      user("And?"),
    ];
    expect(toWireMessages(messages, MODEL).messages[1]).toEqual({
      role: "assistant",
      content: [
        { type: "thinking", thinking: "Hm", signature: "s" },
        { type: "thinking", thinking: "", signature: "empty" },
        { type: "redacted_thinking", data: "r" },
        text("Hello"),
      ],
    });
  });

  it("sends no answer that ends with thinking: it was stopped before it said anything, and the API refuses it", () => {
    const signed = { type: "thinking" as const, thinking: "Hm", signature: "s", ...own };
    const redacted = { type: "redacted_thinking" as const, data: "r", ...own };
    const messages = [user("One"), assistant(signed, redacted), user("Two"), assistant(text("So"), signed, text(" "))];
    expect(toWireMessages(messages, MODEL).messages).toEqual([
      { role: "user", content: [text("One"), text("Two")] },
      { role: "assistant", content: [text("So")] },
    ]);
  });

  it("sends back opaque blocks of this provider as they came, and drops broken and foreign ones", () => {
    const data = { type: "text_of_tomorrow", id: "s" };
    const messages = [
      user("Hi"),
      assistant(
        { type: "opaque", data, ...own },
        { type: "opaque", data, provider: "anthropic", model: "claude-other" },
        { type: "opaque", data: { broken: true }, interrupted: true, ...own },
        { type: "opaque", data: { foreign: true }, provider: "openai" },
      ),
      user("And?"),
    ];
    expect(toWireMessages(messages, MODEL).messages[1]).toEqual({ role: "assistant", content: [data, data] });
  });

  it("gives calls that were cut off an empty input, foreign ids letters the API takes, and callers back", () => {
    const caller = { type: "code_execution_20250825", tool_id: "srv" };
    const data = { type: "server_tool_use", id: "srv", name: "code_execution", input: {} };
    const called: ContentBlock & { caller: object } = { type: "tool_call", id: "c", name: "n", input: {}, caller };
    const messages = [
      user("Hi"),
      assistant(
        { type: "tool_call", id: "call|1.2", name: "n", input: { half: 1 }, raw_arguments: '{"half":1' },
        { type: "tool_call", id: "b", name: "n", input: { half: 1 }, interrupted: true },
        { type: "opaque", data, ...own },
        called,
      ),
      result("call|1.2", ""),
      result("b", "stopped"),
      result("c", [{ type: "tool_result", tool_call_id: "x", output: { a: 1 } }]),
    ];
    expect(toWireMessages(messages, MODEL).messages.slice(1)).toEqual([
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: "call_1_2", name: "n", input: {} },
          { type: "tool_use", id: "b", name: "n", input: {} },
          data,
          { type: "tool_use", id: "c", name: "n", input: {}, caller },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "call_1_2" },
          { type: "tool_result", tool_use_id: "b", content: "stopped" },
          {
            type: "tool_result",
            tool_use_id: "c",
            content: [text('{"a":1}')],
          },
        ],
      },
    ]);
  });

  it("sends citations of web pages back, and none that count documents or are another API's", () => {
    const web = { type: "web_search_result_location", url: "https://example.org", encrypted_index: "e" };
    const cited = (...citations: object[]) => ({ ...text("So"), citations });
    const page = { type: "page_location", document_index: 0 };
    const foreign = { type: "url_citation", url: "u" };
    const messages = [user("Hi"), assistant(cited(page, web, foreign), cited(foreign)), user("And?")];
    expect(toWireMessages(messages, MODEL).messages[1]?.content).toEqual([cited(web), text("So")]);
  });

  it("sends images inline and by address, data addresses as what they are", () => {
    const image = (url: string): ContentBlock => ({ type: "image", source: { type: "url", url } });
    const [message] = toWireMessages(
      [user([image("https://example.org/a.png"), image("data:image/gif;base64,R0lG")])],
      MODEL,
    ).messages;
    expect(message?.content).toEqual([
      { type: "image", source: { type: "url", url: "https://example.org/a.png" } },
      { type: "image", source: { type: "base64", media_type: "image/gif", data: "R0lG" } },
    ]);
  });

  it("ends an answer that is to be continued without white space, and only that one", () => {
    const messages = [user("Hi"), assistant(text("First ")), user("Go on"), assistant(text("Once upon \n"))];
    expect(toWireMessages(messages, MODEL).messages.filter(({ role }) => role === "assistant")).toEqual([
      { role: "assistant", content: [text("First ")] },
      { role: "assistant", content: [text("Once upon")] },
    ]);
  });

  it("drops images and results that an assistant's message cannot hold", () => {
    const image: ContentBlock = { type: "image", source: { type: "url", url: "https://example.org/a.png" } };
    const messages = [user("Hi"), assistant(image, { type: "tool_result", tool_call_id: "a", output: "x" })];
    expect(toWireMessages(messages, MODEL).messages).toEqual([{ role: "user", content: [text("Hi")] }]);
  });
});
