/** Tools that a provider has built in: how the model is told of them, and that a broken description costs a warning only. */
import { answer, runTurn, text, toolCall } from "amplifier-testkit";
import { expect, test } from "vitest";
import { loopSession } from "./loop-session.ts";
import { clockTool, tool } from "./test-tools.ts";

const clockSpec = { name: "clock", description: "clock", parameters: clockTool.inputSchema };

test("a native description goes to the provider as it is, and the tool runs like any other", async () => {
  const nativeSpec = { type: "bash_20250124", name: "bash", description: "its own", parameters: { a: 1 } };
  const { session, provider, context } = await loopSession({
    script: [answer(toolCall("c1", "bash", { command: "ls" })), answer(text("Done"))],
    tools: [tool("bash", () => Promise.resolve("a.txt"), { nativeSpec }), clockTool],
  });
  await runTurn(session, "Go");
  expect(provider.requests.map(({ tools }) => tools)).toEqual([
    [nativeSpec, clockSpec],
    [nativeSpec, clockSpec],
  ]);
  expect((await context.getMessages())[2]).toMatchObject({ role: "tool", content: "a.txt" });
});

test("a native description that throws is left out for that of a function, with one warning a turn", async () => {
  const broken = tool("broken", () => Promise.resolve("fine"));
  Object.defineProperty(broken, "nativeSpec", {
    get: () => {
      throw new Error("no such version");
    },
  });
  const { session, provider, display } = await loopSession({
    script: [answer(toolCall("c1", "broken")), answer(text("Done"))],
    tools: [broken],
    warnings: [/native description of tool "broken" is not used, it is sent as a function: no such version\./u],
  });
  await runTurn(session, "Go");
  const spec = { name: "broken", description: "broken", parameters: { type: "object" } };
  expect(provider.requests.map(({ tools }) => tools)).toEqual([[spec], [spec]]);
  expect(display.shown).toHaveLength(1);
});
