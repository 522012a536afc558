import type { ContentBlock, Message } from "amplifier-core";
import { expect, it } from "vitest";
import { blocksOf } from "./conversation.ts";
import { withSafeCalls } from "./safe-calls.ts";

const RULES = {
  id: { refused: /[^a-zA-Z0-9_-]/g, maxLength: 20 },
  name: { refused: /[^a-zA-Z0-9_-]/g, maxLength: 12 },
};

const call = (id: string, name = "look"): ContentBlock => ({ type: "tool_call", id, name, input: {} });
const calls = (...content: ContentBlock[]): Message => ({ role: "assistant", content });
const result = (id: string): Message => ({ role: "tool", tool_call_id: id, content: "x" });

/** Ids of calls and results, in order. */
function ids(messages: readonly Message[]): unknown[] {
  return messages.flatMap(({ tool_call_id: answered, content }) => {
    if (answered !== undefined) return [answered];
    return typeof content === "string"
      ? []
      : content.map((block) =>
          block.type === "tool_call" ? block.id : (block as { tool_call_id?: string }).tool_call_id,
        );
  });
}

it("leaves what the wire takes as it is, the very objects", () => {
  const messages = [{ role: "user", content: "Hi" } as const, calls(call("a"), call("b")), result("a"), result("b")];
  const safe = withSafeCalls(messages, RULES);
  expect(safe.every((message, index) => message === messages[index])).toBe(true);
});

it("gives refused characters another one, and results the id of their call", () => {
  const messages = [calls(call("call|1.2"), call("f:0")), result("f:0"), result("call|1.2")];
  expect(ids(withSafeCalls(messages, RULES))).toEqual(["call_1_2", "f_0", "f_0", "call_1_2"]);
});

it("gives every call of the conversation an id of its own, however often a server counts from 0", () => {
  const round = [calls(call("call_0")), result("call_0")];
  expect(ids(withSafeCalls([...round, ...round, ...round], RULES))).toEqual([
    "call_0",
    "call_0",
    "call_0_2",
    "call_0_2",
    "call_0_3",
    "call_0_3",
  ]);
  expect(ids(withSafeCalls([calls(call("same"), call("same")), result("same"), result("same")], RULES))).toEqual([
    "same",
    "same_2",
    "same",
    "same_2",
  ]);
});

it("a result is of the answer before it, also when an earlier call of the same id has lost its own", () => {
  expect(ids(withSafeCalls([calls(call("0")), calls(call("0")), result("0")], RULES))).toEqual(["0", "0_2", "0_2"]);
});

it("keeps ids apart that only differed in refused characters, and ids that a count would meet", () => {
  const messages = [calls(call("a.b"), call("a_b"), call("a_b_2"), call("a:b"))];
  expect(ids(withSafeCalls(messages, RULES))).toEqual(["a_b", "a_b_2", "a_b_2_2", "a_b_3"]);
});

it("shortens long ids so that they stay apart, also when counted", () => {
  const long = "chatcmpl-tool-0123456789abcdef";
  const messages = [calls(call(`${long}1`), call(`${long}2`), call(`${long}1`))];
  const safe = ids(withSafeCalls(messages, RULES)) as string[];
  expect(new Set(safe).size).toBe(3);
  expect(safe.map((id) => [id.slice(0, 11), id.length])).toEqual([
    ["chatcmpl-to", 20],
    ["chatcmpl-to", 20],
    ["chatcmpl-to", 20],
  ]);
});

it("makes names that a model invented names that the wire takes", () => {
  const messages = [calls(call("a", "fs.read file"), call("b", ""), call("c", "a_name_too_long_for_this"))];
  const blocks = withSafeCalls(messages, RULES).flatMap(blocksOf);
  const names = blocks.map((block) => (block.type === "tool_call" ? block.name : ""));
  expect(names.slice(0, 2)).toEqual(["fs_read_file", "unnamed"]);
  expect(names[2]).toMatch(/^a_n_[0-9a-f]{8}$/);
});

it("a conversation that goes on keeps the ids it had", () => {
  const first = [calls(call("x.1")), result("x.1")];
  const longer = [...first, calls(call("x_1"), call("x.1")), result("x_1"), result("x.1")];
  expect(ids(withSafeCalls(longer, RULES)).slice(0, 2)).toEqual(ids(withSafeCalls(first, RULES)));
});

it("knows results inside a user's message, and gives one without a call the form of an id", () => {
  const inside: Message = { role: "user", content: [{ type: "tool_result", tool_call_id: "a.b", output: "x" }] };
  expect(ids(withSafeCalls([calls(call("a_b"), call("a.b")), inside, result("lost.1")], RULES))).toEqual([
    "a_b",
    "a_b_2",
    "a_b_2",
    "lost_1",
  ]);
});
