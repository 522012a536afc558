/**
 * Text that hooks put into the conversation: for good, or for one request only.
 */
import type { HookResult, InlineHook } from "amplifier-core";
import { answer, fails, outlineMessage, recordTurn, runTurn, text, toolCall } from "amplifier-testkit";
import { LLMError } from "amplifier-core";
import { expect, test } from "vitest";
import { loopSession, NO_RECOVERY } from "./loop-session.ts";
import { clockTool, tool } from "./test-tools.ts";

const inject = (context_injection: string, fields: HookResult = {}): HookResult => ({
  action: "inject_context",
  context_injection,
  ...fields,
});
const oslo = toolCall("c1", "clock", { zone: "Oslo" });
const rome = toolCall("c2", "clock", { zone: "Rome" });

test("persistent text given during tools enters behind the batch's results, never between a call and its result", async () => {
  const hook: InlineHook = {
    name: "noting",
    events: {
      "tool:pre": (_event, data) => inject(`pre ${data.tool_call_id}`),
      "tool:post": (_event, data) => inject(`post ${data.tool_call_id}`, { context_injection_role: "user" }),
    },
  };
  const { session, provider, context } = await loopSession({
    script: [answer(oslo, rome), answer(text("Done"))],
    tools: [clockTool],
    hooks: [hook],
  });
  await runTurn(session, "Go");
  const expected = [
    'user: "Go"',
    'assistant: call c1 clock{"zone":"Oslo"}, call c2 clock{"zone":"Rome"}',
    'tool(c1): "12:00 in Oslo"',
    'tool(c2): "12:00 in Rome"',
    'system: "pre c1"',
    'system: "pre c2"',
    'user: "post c1"',
    'user: "post c2"',
  ];
  expect(provider.requests[1]?.messages.map(outlineMessage)).toEqual(expected);
  const stored = await context.getMessages();
  expect(stored.map(outlineMessage)).toEqual([...expected, 'assistant: "Done"']);
  expect(stored[4]?.metadata).toMatchObject({ source: "hook", hook_name: "noting" });
});

test("persistent text given with the prompt enters before the model is asked", async () => {
  const hook: InlineHook = { name: "noting", events: { "prompt:submit": () => inject("Be kind.") } };
  const { session, provider, context } = await loopSession({ script: [answer(text("Hi"))], hooks: [hook] });
  await runTurn(session, "Hi");
  expect(provider.requests[0]?.messages.map(outlineMessage).toSorted()).toEqual(['system: "Be kind."', 'user: "Hi"']);
  expect(await context.getMessages()).toHaveLength(3);
});

test("ephemeral text is in one request only and is stored nowhere", async () => {
  let asked = 0;
  const hook: InlineHook = {
    name: "reminding",
    events: { "provider:request": () => inject(`reminder ${++asked}`, { ephemeral: true }) },
  };
  const { session, provider, context } = await loopSession({
    script: [answer(oslo), answer(text("Done")), answer(text("Again"))],
    tools: [clockTool],
    hooks: [hook],
  });
  await runTurn(session, "Go");
  await runTurn(session, "And?");
  const said = provider.requests.map(({ messages }) =>
    messages.map(outlineMessage).filter((line) => line.startsWith("system")),
  );
  expect(said).toEqual([['system: "reminder 1"'], ['system: "reminder 2"'], ['system: "reminder 3"']]);
  expect(JSON.stringify(await context.getMessages())).not.toContain("reminder");
});

test("ephemeral text of a tool's hooks is in the next request only", async () => {
  const hook: InlineHook = {
    name: "hinting",
    events: {
      "tool:post": (_event, data) =>
        inject(`hint ${data.tool_call_id}`, { ephemeral: true, append_to_last_tool_result: true }),
    },
  };
  const { session, provider } = await loopSession({
    script: [answer(oslo), answer(toolCall("c2", "nowhere")), answer(text("Done"))],
    tools: [clockTool],
    hooks: [hook],
  });
  await runTurn(session, "Go");
  expect(provider.requests[1]?.messages.at(-1)).toMatchObject({ role: "tool", content: "12:00 in Oslo\n\nhint c1" });
  expect(JSON.stringify(provider.requests[2])).not.toContain("hint");
});

test("text for the last result enters it beside whatever else the request gets, also behind an image", async () => {
  const hook: InlineHook = {
    name: "hinting",
    events: {
      "tool:post": () => ({
        action: "inject_context",
        context_injections: [
          { content: "aside", ephemeral: true },
          { content: "hint", ephemeral: true, append_to_last_tool_result: true },
        ],
      }),
    },
  };
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } } as const;
  const { session, provider, context } = await loopSession({
    script: [answer(toolCall("c1", "scan")), answer(text("Done"))],
    tools: [tool("scan", () => Promise.resolve({ success: true, output: "a page", content: [image] }))],
    hooks: [hook],
  });
  await runTurn(session, "Go");
  const content = [{ type: "text", text: "a page" }, image];
  const result = { role: "tool", name: "scan", tool_call_id: "c1", content };
  expect(provider.requests[1]?.messages.slice(2)).toEqual([
    { ...result, content: [...content, { type: "text", text: "hint" }] },
    { role: "system", content: "aside" },
  ]);
  expect((await context.getMessages())[2]).toEqual(result);
});

test("ephemeral text that no request took is gone with its turn, also when the turn fails", async () => {
  const hook: InlineHook = {
    name: "hinting",
    events: { "tool:post": () => inject("hint", { ephemeral: true }) },
  };
  const { session, provider } = await loopSession({
    script: [answer(oslo, fails(new LLMError("NetworkError", "gone"))), answer(text("Hi"))],
    config: NO_RECOVERY,
    tools: [clockTool],
    hooks: [hook],
  });
  await recordTurn(session, "Go");
  await runTurn(session, "Again");
  expect(JSON.stringify(provider.requests[1])).not.toContain("hint");
});

test("persistent text survives a question and a denial", async () => {
  const notes: InlineHook = { name: "notes", priority: -1, events: { "tool:pre": () => inject("noted") } };
  const denies: InlineHook = { name: "denies", events: { "tool:pre": () => ({ action: "deny", reason: "no" }) } };
  const { session, context } = await loopSession({
    script: [answer(oslo), answer(text("Done"))],
    tools: [clockTool],
    hooks: [notes, denies],
  });
  await runTurn(session, "Go");
  expect((await context.getMessages()).map(outlineMessage)).toEqual([
    'user: "Go"',
    'assistant: call c1 clock{"zone":"Oslo"}',
    'tool(c1): "Denied: no"',
    'system: "noted"',
    'assistant: "Done"',
  ]);
});

test("what a hook says to the person is shown, and is no part of the conversation", async () => {
  const hook: InlineHook = {
    name: "telling",
    events: { "tool:pre": () => ({ user_message: "Looking at the clock" }) },
  };
  const { session, display, context } = await loopSession({
    script: [answer(oslo), answer(text("Done"))],
    tools: [clockTool],
    hooks: [hook],
  });
  await runTurn(session, "Go");
  expect(display.shown).toEqual([{ message: "Looking at the clock", level: "info", source: "hook:telling" }]);
  expect(JSON.stringify(await context.getMessages())).not.toContain("Looking");
});

test("a prompt that a hook changed is the prompt everybody sees", async () => {
  const hook: InlineHook = {
    name: "masking",
    events: { "prompt:submit": (_event, data) => ({ action: "modify", data: { ...data, prompt: "***" } }) },
  };
  const { session, provider, context } = await loopSession({ script: [answer(text("Hi"))], hooks: [hook] });
  const events = await runTurn(session, "secret");
  expect(events.find(({ type }) => type === "prompt:submit")?.data).toEqual({ prompt: "***" });
  expect(provider.requests[0]?.messages).toEqual([{ role: "user", content: "***" }]);
  expect((await context.getMessages())[0]).toEqual({ role: "user", content: "***" });
});

test("text of hooks has no control characters that break terminals or APIs", async () => {
  const hook: InlineHook = {
    name: "noting",
    events: { "prompt:submit": () => inject("a\u0000b\u001b[31mc\ud800d\te", { ephemeral: true }) },
  };
  const { session, provider } = await loopSession({ script: [answer(text("Hi"))], hooks: [hook] });
  await runTurn(session, "Hi");
  expect(provider.requests[0]?.messages.at(-1)).toEqual({ role: "system", content: "ab[31mcd\te" });
});
