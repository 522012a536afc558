import { describe, expect, it } from "vitest";
import type { FunctionToolSpec, Message } from "amplifier-core";
import type { JsonObject } from "../json/json-object.ts";
import { toWireRequest } from "./to-wire-request.ts";

const MARK = { cache_control: { type: "ephemeral" } };
const model = "claude-sonnet-4-5";
const tool = (name: string): FunctionToolSpec => ({ name, parameters: { type: "object" } });
const user = (text: string): Message => ({ role: "user", content: text });
const answer = (text: string): Message => ({ role: "assistant", content: [{ type: "text", text }] });
const text = (said: string, mark: object = {}): JsonObject => ({ type: "text", text: said, ...mark });

function body(messages: readonly Message[], tools: readonly FunctionToolSpec[] = []): JsonObject {
  return toWireRequest({ messages, tools }, { model, cache_life: "5m" }).body;
}

describe("what is marked for the cache", () => {
  it("is the last tool, the system prompt, and the last two turns of the user", () => {
    const messages = [
      { role: "system", content: "Be brief." } as const,
      user("a"),
      answer("b"),
      user("c"),
      answer("d"),
    ];
    const request = body([...messages, user("e")], [tool("first"), tool("last")]);
    expect(request["tools"]).toEqual([
      { name: "first", input_schema: { type: "object" } },
      { name: "last", input_schema: { type: "object" }, ...MARK },
    ]);
    expect(request["system"]).toEqual([text("Be brief.", MARK)]);
    expect(request["messages"]).toEqual([
      { role: "user", content: [text("a")] },
      { role: "assistant", content: [text("b")] },
      { role: "user", content: [text("c", MARK)] },
      { role: "assistant", content: [text("d")] },
      { role: "user", content: [text("e", MARK)] },
    ]);
  });

  it("is a tool's result as well as a text", () => {
    const call: Message = { role: "assistant", content: [{ type: "tool_call", id: "1", name: "first", input: {} }] };
    const result: Message = { role: "tool", tool_call_id: "1", content: "done" };
    expect(body([user("a"), call, result], [tool("first")])["messages"]).toMatchObject([
      { content: [text("a", MARK)] },
      {},
      { content: [{ type: "tool_result", tool_use_id: "1", content: "done", ...MARK }] },
    ]);
  });

  it("is not a reminder: the next request has another", () => {
    const reminder: Message = { role: "system", content: "It is late." };
    const only = {
      role: "user",
      content: [text("a", MARK), text("<system-reminder>\nIt is late.\n</system-reminder>")],
    };
    expect(body([user("a"), reminder])["messages"]).toEqual([only]);
  });

  it("is not an answer, nor a prompt and tools that are not there", () => {
    expect(body([user("a"), answer("b")])).toEqual({
      model,
      max_tokens: 64_000,
      stream: true,
      messages: [
        { role: "user", content: [text("a", MARK)] },
        { role: "assistant", content: [text("b")] },
      ],
    });
  });

  it("is not a tool that is loaded when it is searched for", () => {
    const search = { type: "x_1", name: "x", defer_loading: true };
    const { tools } = toWireRequest(
      { messages: [user("a")], tools: [tool("first"), search] },
      { model, cache_life: "5m" },
    ).body;
    expect(tools).toEqual([{ name: "first", input_schema: { type: "object" }, ...MARK }, search]);
  });

  it("says how long it is to live when that is not the API's five minutes", () => {
    const request = toWireRequest({ messages: [user("a")] }, { model, cache_life: "1h" }).body;
    const mark = { cache_control: { type: "ephemeral", ttl: "1h" } };
    expect(request["messages"]).toEqual([{ role: "user", content: [text("a", mark)] }]);
  });

  it("keeps a mark that somebody put there himself", () => {
    const own = { type: "x_1", name: "x", cache_control: { type: "ephemeral", ttl: "1h" } };
    expect(toWireRequest({ messages: [], tools: [own] }, { model, cache_life: "5m" }).body["tools"]).toEqual([own]);
  });
});
