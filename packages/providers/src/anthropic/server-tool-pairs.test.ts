import { expect, it } from "vitest";
import type { JsonObject } from "../json/json-object.ts";
import { withWholePairs } from "./server-tool-pairs.ts";
import type { WireMessage } from "./to-wire-messages.ts";

const user = (...content: JsonObject[]): WireMessage => ({ role: "user", content });
const assistant = (...content: JsonObject[]): WireMessage => ({ role: "assistant", content });
const HI = user({ type: "text", text: "Hi" });
const SEARCH = { type: "server_tool_use", id: "s", name: "web_search", input: {} };
const FOUND = { type: "web_search_tool_result", tool_use_id: "s", content: [] };
const CALL = { type: "tool_use", id: "t", name: "look", input: {} };
const CODE_CALL = { ...CALL, caller: { type: "code_execution_20250825", tool_id: "s" } };
const RESULT = { type: "tool_result", tool_use_id: "t", content: "x" };
const SO = { type: "text", text: "So" };

it.each<[string, readonly WireMessage[]]>([
  ["a call with its result", [HI, assistant(SEARCH, FOUND, SO), HI]],
  ["a call whose result came when the answer went on", [HI, assistant(SEARCH), assistant(FOUND, SO), HI]],
  ["a call at the end, with which the API has paused", [HI, assistant(SO, SEARCH)]],
  ["a call that waits for the results of our tools", [HI, assistant(SEARCH, CALL), user(RESULT), HI]],
  [
    "running code, while it calls us a second time",
    [
      HI,
      assistant(SEARCH, CODE_CALL),
      user(RESULT),
      assistant({ ...CODE_CALL, id: "t2" }),
      user({ ...RESULT, tool_use_id: "t2" }),
    ],
  ],
  [
    "a call of a server of tools",
    [HI, assistant({ ...SEARCH, type: "mcp_tool_use" }, { ...FOUND, type: "mcp_tool_result" }), HI],
  ],
])("sends back %s", (_what, messages) => {
  expect(withWholePairs(messages)).toEqual(messages);
});

it("leaves out a call whose answer was stopped before its result", () => {
  expect(withWholePairs([HI, assistant(SO, SEARCH), HI])).toEqual([HI, assistant(SO), HI]);
});

it("leaves out a result whose call is gone", () => {
  expect(withWholePairs([HI, assistant(FOUND, SO), HI])).toEqual([HI, assistant(SO), HI]);
});

it("a call of code that was stopped is one like any other", () => {
  const messages = [HI, assistant(SEARCH, CODE_CALL), user(RESULT), assistant(SO), HI];
  expect(withWholePairs(messages)).toEqual([HI, assistant(CALL), user(RESULT), assistant(SO), HI]);
});
