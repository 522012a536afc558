import { expect, test } from "vitest";
import { chatHistory, hasImage } from "./chat-history.ts";

test("a conversation becomes turns of text and ends with the model's", () => {
  const history = chatHistory(
    [
      { role: "system", content: "Be terse." },
      { role: "user", content: [{ type: "text", text: "Hello" }] },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Hm" },
          { type: "text", text: "Hi" },
        ],
      },
      { role: "user", content: "Again" },
    ],
    "Unused.",
  );
  expect(history).toEqual([
    { type: "system", text: "Be terse." },
    { type: "user", text: "Hello" },
    { type: "model", response: ["Hi"] },
    { type: "user", text: "Again" },
    { type: "model", response: [] },
  ]);
});

test("without a system prompt the model's own comes first, where it has one", () => {
  const messages = [{ role: "user", content: "Hello" }] as const;
  expect(chatHistory(messages, "Own.")[0]).toEqual({ type: "system", text: "Own." });
  expect(chatHistory(messages, null)[0]).toEqual({ type: "user", text: "Hello" });
});

test("an assistant message at the end is the beginning of the answer", () => {
  const history = chatHistory(
    [
      { role: "user", content: "Count" },
      { role: "assistant", content: [{ type: "text", text: "One, two" }] },
    ],
    null,
  );
  expect(history.at(-1)).toEqual({ type: "model", response: ["One, two"] });
});

test("a tool's result is shown as text, its call is left out", () => {
  const history = chatHistory(
    [
      { role: "user", content: "Time?" },
      { role: "assistant", content: [{ type: "tool_call", id: "1", name: "clock", input: {} }] },
      { role: "tool", name: "clock", tool_call_id: "1", content: "noon" },
    ],
    null,
  );
  expect(history).toEqual([
    { type: "user", text: "Time?" },
    { type: "user", text: "Result of clock: noon" },
    { type: "model", response: [] },
  ]);
});

test("images are found", () => {
  const image = { type: "image", source: { type: "url", url: "https://example.org/a.png" } } as const;
  expect(hasImage([{ role: "user", content: [image] }])).toBe(true);
  expect(hasImage([{ role: "user", content: "text" }])).toBe(false);
});
