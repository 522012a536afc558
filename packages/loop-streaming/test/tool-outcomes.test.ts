/**
 * What becomes of a call: whatever a model asks for, a hook decides, or a tool does, the model gets one clear result and
 * the turn goes on.
 */
import type { Event, InlineHook, JsonSchema, Tool } from "amplifier-core";
import { answer, brokenToolCall, outlineEvents, runTurn, text, toolCall } from "amplifier-testkit";
import { describe, expect, test } from "vitest";
import { type LoopSetup, loopSession } from "./loop-session.ts";
import { clockTool, tool } from "./test-tools.ts";

/** Runs a turn with the given calls, and returns its tool events and tool messages as lines. */
async function toolLines(
  setup: Omit<LoopSetup, "script">,
  ...calls: readonly ReturnType<typeof toolCall>[]
): Promise<readonly string[]> {
  const { session } = await loopSession({ ...setup, script: [answer(...calls), answer(text("Done"))] });
  const events = await runTurn(session, "Go");
  expect(session.lastTurn).toMatchObject({ status: "success", text: "Done" });
  return outlineEvents(events).filter((line) => /^(?:tool:|context:message tool)/u.test(line));
}

const preHook = (handler: NonNullable<InlineHook["events"]["tool:pre"]>): InlineHook => ({
  name: "pre",
  events: { "tool:pre": handler },
});
const postHook = (handler: NonNullable<InlineHook["events"]["tool:post"]>): InlineHook => ({
  name: "post",
  events: { "tool:post": handler },
});
const noHook = preHook(() => {
  throw new Error("This hook must not be asked.");
});
const oslo = toolCall("c1", "clock", { zone: "Oslo" });

test("a call of a tool that does not exist tells the model which there are, and asks no hook", async () => {
  expect(await toolLines({ tools: [clockTool], hooks: [noHook] }, toolCall("c1", "watch", { a: 1 }))).toEqual([
    'tool:pre c1 unknown {"a":1}',
    "tool:error c1 unknown",
    'context:message tool(c1): "Error: there is no tool \\"watch\\". Available tools: clock."',
  ]);
});

test("input that does not match the schema tells the model what is wrong, and asks no hook", async () => {
  const lines = await toolLines(
    { tools: [clockTool], hooks: [noHook] },
    toolCall("c1", "clock", { zone: 1 }),
    toolCall("c2", "clock"),
  );
  expect(lines.slice(0, 4)).toEqual([
    'tool:pre c1 invalid {"zone":1}',
    "tool:error c1 invalid",
    "tool:pre c2 invalid {}",
    "tool:error c2 invalid",
  ]);
  expect(lines[4]).toMatch(/the input does not match the schema of .*clock.*zone/u);
  expect(lines[5]).toMatch(/the input does not match the schema of .*clock.*zone/u);
});

test("arguments that are no JSON object are shown to the model as they came, and asks no hook", async () => {
  const lines = await toolLines({ tools: [clockTool], hooks: [noHook] }, brokenToolCall("c1", "clock", '{"zone": "Os'));
  expect(lines).toEqual([
    "tool:pre c1 invalid {}",
    "tool:error c1 invalid",
    'context:message tool(c1): "Error: the arguments are not a JSON object: {\\"zone\\": \\"Os"',
  ]);
});

describe("whatever a tool returns becomes a clear result", () => {
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const cases: readonly (readonly [string, unknown, string])[] = [
    ["a string", "plain", '"plain"'],
    ["an empty string", "", '""'],
    ["a number", 0, '"0"'],
    ["false", false, '"false"'],
    ["an object", { a: [1, null] }, '"{\\"a\\":[1,null]}"'],
    ["nothing", undefined, '"Success"'],
    ["null", null, '"Success"'],
    ["a result", { success: true, output: "out" }, '"out"'],
    ["a failed result", { success: false, error: { message: "no disk" } }, '"no disk"'],
    ["a failed result that says nothing", { success: false }, '"Error: Failed"'],
    ["a failed result with an Error", { success: false, error: new Error("no disk") }, '"no disk"'],
    ["a circular object", circular, '"The tool returned something that is not JSON (object)."'],
    ["a BigInt", 1n, '"The tool returned something that is not JSON (bigint)."'],
    ["a function", () => 1, '"The tool returned something that is not JSON (function)."'],
    ["a symbol", Symbol("s"), '"The tool returned something that is not JSON (symbol)."'],
    [
      "a result with circular output",
      { success: true, output: circular },
      '"The tool returned something that is not JSON (object)."',
    ],
    [
      "a result with a BigInt inside",
      { success: true, output: { n: 1n } },
      '"The tool returned something that is not JSON (object)."',
    ],
    [
      "a result with a function as output",
      { success: true, output: () => 1 },
      '"The tool returned something that is not JSON (function)."',
    ],
  ];
  test.each(cases)("%s", async (_name, returned, content) => {
    const lines = await toolLines({ tools: [tool("any", () => Promise.resolve(returned))] }, toolCall("c1", "any"));
    expect(lines[2]).toBe(`context:message tool(c1): ${content}`);
    expect(lines[1]).toMatch(/^tool:post c1 /u);
  });
});

describe("whatever a tool throws becomes a failed result", () => {
  const cases: readonly (readonly [string, Tool["execute"], string])[] = [
    ["an error", () => Promise.reject(new Error("disk full")), "disk full"],
    ["an error without a message", () => Promise.reject(new Error()), "The tool failed."],
    ["a string", () => Promise.reject("oops"), "oops"],
    ["nothing", () => Promise.reject(undefined), "undefined"],
    [
      "synchronously",
      () => {
        throw new RangeError("too far");
      },
      "too far",
    ],
    ["an object that cannot be shown", () => Promise.reject(Object.create(null) as Error), "[object Object]"],
  ];
  test.each(cases)("%s", async (_name, execute, content) => {
    const lines = await toolLines({ tools: [tool("bad", execute)] }, toolCall("c1", "bad"));
    expect(lines[2]).toBe(`context:message tool(c1): ${JSON.stringify(content)}`);
    expect(lines[1]).toMatch(/^tool:post c1 failed: /u);
  });
});

test("images and texts beside a tool's output are kept with it and reach the model", async () => {
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } } as const;
  const result = { success: true, output: "2 pages", content: [{ type: "text", text: "page 1" }, image] };
  const { session, context, provider } = await loopSession({
    script: [answer(toolCall("c1", "scan")), answer(text("Done"))],
    tools: [tool("scan", () => Promise.resolve(result))],
  });
  const events = await runTurn(session, "Go");
  const stored = {
    role: "tool",
    name: "scan",
    tool_call_id: "c1",
    content: [{ type: "text", text: "2 pages" }, { type: "text", text: "page 1" }, image],
  };
  expect(events.find(({ type }) => type === "tool:post")?.data).toMatchObject({ result });
  expect((await context.getMessages())[2]).toEqual(stored);
  expect(provider.requests[1]?.messages.at(-1)).toEqual(stored);
});

test("a tool that hands the same object to everybody cannot change what was stored", async () => {
  const shared = { n: 1 };
  const { session } = await loopSession({
    script: [answer(toolCall("c1", "sharing")), answer(text("Done"))],
    tools: [tool("sharing", () => Promise.resolve({ success: true, output: shared }))],
  });
  const events = await runTurn(session, "Go", {
    onEvent: (event) => void (event.type === "tool:post" && (shared.n = 2)),
  });
  const post = events.find((event) => event.type === "tool:post") as Extract<Event, { type: "tool:post" }>;
  expect(post.data.result.output).toEqual({ n: 1 });
});

test("a denied call tells the model why and never runs", async () => {
  const never = tool("never", () => Promise.reject(new Error("This tool must not run.")));
  const lines = await toolLines(
    { tools: [never], hooks: [preHook(() => ({ action: "deny", reason: "not today" }))] },
    toolCall("c1", "never"),
  );
  expect(lines).toEqual([
    "tool:pre c1 denied {}",
    "tool:error c1 denied",
    'context:message tool(c1): "Denied: not today"',
  ]);
});

test("input that a hook changed is what the tool gets and what the log says", async () => {
  const hook = preHook((_event, data) => ({ action: "modify", data: { ...data, tool_input: { zone: "Rome" } } }));
  expect(await toolLines({ tools: [clockTool], hooks: [hook] }, oslo)).toEqual([
    'tool:pre c1 run {"zone":"Rome"}',
    'tool:post c1 "12:00 in Rome"',
    'context:message tool(c1): "12:00 in Rome"',
  ]);
});

test("input that a hook changed is validated again", async () => {
  const hook = preHook((_event, data) => ({ action: "modify", data: { ...data, tool_input: { zone: 7 } } }));
  const lines = await toolLines({ tools: [clockTool], hooks: [hook] }, oslo);
  expect(lines.slice(0, 2)).toEqual(['tool:pre c1 invalid {"zone":7}', "tool:error c1 invalid"]);
});

test("a hook cannot rename a call or leave its input out", async () => {
  const hook = preHook(() => ({ action: "modify", data: { tool_name: "other", tool_call_id: "other" } }));
  const warnings = [/that is no hook result/u];
  const lines = await toolLines({ tools: [clockTool], hooks: [hook], warnings }, oslo);
  expect(lines.slice(0, 2)).toEqual(['tool:pre c1 denied {"zone":"Oslo"}', "tool:error c1 denied"]);
});

test("a hook may change a result after the run, and the model sees only the changed one", async () => {
  const hook = postHook((_event, data) => ({
    action: "modify",
    data: { ...data, result: { success: true, output: "redacted" } },
  }));
  expect(await toolLines({ tools: [clockTool], hooks: [hook] }, oslo)).toEqual([
    'tool:pre c1 run {"zone":"Oslo"}',
    'tool:post c1 "redacted"',
    'context:message tool(c1): "redacted"',
  ]);
});

test("a hook may withhold a result after the run", async () => {
  const hook = postHook(() => ({ action: "deny", reason: "secret inside" }));
  expect(await toolLines({ tools: [clockTool], hooks: [hook] }, oslo)).toEqual([
    'tool:pre c1 run {"zone":"Oslo"}',
    "tool:post c1 failed: Denied: secret inside",
    'context:message tool(c1): "Error: Denied: secret inside"',
  ]);
});

test("a result that a hook replaced by what is no JSON becomes what JSON would make of it", async () => {
  const hook = postHook((_event, data) => ({ action: "modify", data: { ...data, result: 1n } }));
  const lines = await toolLines({ tools: [clockTool], hooks: [hook] }, oslo);
  expect(lines[1]).toBe('tool:post c1 "1"');
});

test("a hook that throws is skipped and named; one that must not fail denies", async () => {
  const broken: InlineHook = preHook(() => {
    throw new Error("hook bug");
  });
  const warnings = [/Hook "pre" failed on "tool:pre": hook bug/u];
  expect((await toolLines({ tools: [clockTool], hooks: [broken], warnings }, oslo))[1]).toBe(
    'tool:post c1 "12:00 in Oslo"',
  );
  const policy = { ...broken, on_error: "deny" as const };
  expect((await toolLines({ tools: [clockTool], hooks: [policy], warnings }, oslo))[1]).toBe("tool:error c1 denied");
});

test("a hook that answers nonsense denies", async () => {
  const hook = preHook(() => ({ action: "perhaps" }) as never);
  const lines = await toolLines({ tools: [clockTool], hooks: [hook], warnings: [/no hook result/u] }, oslo);
  expect(lines[1]).toBe("tool:error c1 denied");
});

test("a broken schema of a tool makes its calls invalid and nothing else", async () => {
  // What is broken at once is not mounted.
  let inputSchema: JsonSchema = { type: "object" };
  const odd = Object.defineProperty(
    tool("odd", () => Promise.resolve("ok")),
    "inputSchema",
    { get: () => inputSchema },
  );
  const breaks = () => void (inputSchema = { type: "object", properties: { at: { $ref: "#/nowhere" } } });
  const hooks = [{ name: "breaks", events: { "execution:start": breaks } }];
  const lines = await toolLines({ tools: [odd, clockTool], hooks }, toolCall("c0", "odd", { at: 1 }), oslo);
  expect(lines).toContain("tool:error c0 invalid");
  expect(lines).toContain('tool:post c1 "12:00 in Oslo"');
});

test("the name of a property of every object is no tool", async () => {
  const lines = await toolLines({ tools: [clockTool] }, toolCall("c1", "constructor"), toolCall("c2", "__proto__"));
  expect(lines.filter((line) => line.startsWith("tool:error"))).toEqual([
    "tool:error c1 unknown",
    "tool:error c2 unknown",
  ]);
});
