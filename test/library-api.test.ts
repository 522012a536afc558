/**
 * The library as the README shows it: every line of its example compiles and runs, over a real local server.
 */
import { createSession, defineTool, type Provider, type ProviderEvent } from "amplifier-core";
import { afterEach, describe, expect, expectTypeOf, it } from "vitest";
import { type AnthropicServer, startAnthropicServer } from "./support/anthropic-server.ts";

let server: AnthropicServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const clock = defineTool({
  name: "clock",
  description: "The time in a zone",
  inputSchema: { type: "object", properties: { zone: { type: "string" } }, required: ["zone"] },
  execute: ({ zone }) => {
    expectTypeOf(zone).toEqualTypeOf<string>();
    return new Date(0).toLocaleString("en", { timeZone: zone });
  },
});

const NOON = "1/1/1970, 1:00:00 AM";

describe("the README's example", () => {
  it("runs the tool, streams the text, and says how the turn ended", async () => {
    server = await startAnthropicServer([
      [{ tool: { id: "toolu_1", name: "clock", input: { zone: "Europe/Oslo" } } }],
      [{ text: ["It is ", "one o'clock."] }],
    ]);
    const { signal } = new AbortController();
    const config = { model: "scripted", base_url: server.url, api_key: "test" };
    const session = await createSession({
      session: { orchestrator: "loop-streaming", system: "You are terse." },
      providers: [{ module: "provider-anthropic", config }],
      tools: [{ module: "tool-filesystem" }, clock],
      hooks: [{ module: "hooks-approval" }],
    });
    let printed = "";
    for await (const event of session.stream("What time is it in Oslo?", { signal })) {
      if (event.type === "content_block:delta" && event.data.block_type === "text") printed += event.data.delta;
    }
    expect(printed).toBe("It is one o'clock.");
    expect(session.lastTurn).toEqual({
      text: "It is one o'clock.",
      status: "success",
      usage: { input_tokens: 20, output_tokens: 10, total_tokens: 30 },
      finish_reason: "stop",
      turn_id: expect.any(String),
    });
    const system = [{ type: "text", text: "You are terse.", cache_control: { type: "ephemeral" } }];
    expect(server.bodies.map((body) => body["system"])).toEqual([system, system]);
    expect(await session.messages()).toEqual([
      { role: "user", content: "What time is it in Oslo?" },
      expect.objectContaining({
        role: "assistant",
        content: [{ type: "tool_call", id: "toolu_1", name: "clock", input: { zone: "Europe/Oslo" } }],
      }),
      { role: "tool", name: "clock", tool_call_id: "toolu_1", content: NOON },
      expect.objectContaining({ role: "assistant", content: [{ type: "text", text: "It is one o'clock." }] }),
    ]);
    await session.close();
  });

  it("narrows an event's payload by its type", async () => {
    await using session = await createSession({ session: { orchestrator: "loop-streaming" }, providers: [echo()] });
    for await (const event of session.stream("hello")) {
      if (event.type === "content_block:delta") expectTypeOf(event.data.delta).toEqualTypeOf<string>();
      if (event.type === "execution:end") expectTypeOf(event.data.usage.input_tokens).toEqualTypeOf<number>();
      if (event.type === "tool:pre") expectTypeOf(event.data.decision).toExtend<string>();
    }
    expect(session.lastTurn?.text).toBe('{"role":"user","content":"hello"}');
  });
});

/** A provider written in place: it answers with the last message it was given, and keeps the requests. */
function echo(requests: unknown[] = []): Provider {
  return {
    name: "echo",
    getInfo: () => ({ id: "echo", displayName: "Echo", defaultModel: "echo-1" }),
    listModels: () => Promise.resolve([{ id: "echo-1" }]),
    async *stream(request): AsyncGenerator<readonly ProviderEvent[]> {
      requests.push(request);
      const text = JSON.stringify(request.messages.at(-1));
      yield [
        { type: "block_start", index: 0, block: { type: "text" } },
        { type: "block_delta", index: 0, delta: text },
        { type: "block_end", index: 0, block: { type: "text", text } },
        { type: "end", finish_reason: "stop" },
      ];
    },
  };
}

describe("the library", () => {
  it("takes images in the prompt and options per call, and gives both to the provider", async () => {
    const requests: unknown[] = [];
    await using session = await createSession({
      session: { orchestrator: "loop-streaming" },
      providers: [echo(requests)],
      tools: [clock],
    });
    const source = { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } as const;
    const prompt = [{ type: "text", text: "What is this?" } as const, { type: "image", source } as const];
    const options = {
      model: "echo-2",
      temperature: 0,
      max_output_tokens: 100,
      tool_choice: { name: "clock" },
      response_format: { type: "json_object" },
    } as const;
    expect(await session.execute(prompt, options)).toBe(JSON.stringify({ role: "user", content: prompt }));
    expect(requests).toEqual([
      {
        ...options,
        messages: [{ role: "user", content: prompt }],
        tools: [{ name: "clock", description: clock.description, parameters: clock.inputSchema }],
      },
    ]);
  });

  it("rejects with the caller's own reason when its signal is aborted, and takes the next prompt", async () => {
    await using session = await createSession({ session: { orchestrator: "loop-streaming" }, providers: [echo()] });
    const aborted = new AbortController();
    const reason = new Error("the user left");
    aborted.abort(reason);
    await expect(session.execute("one", { signal: aborted.signal })).rejects.toBe(reason);
    expect(session.lastTurn?.status).toBe("cancelled");
    expect(await session.execute("two")).toContain("two");
  });

  it("refuses a second turn while one runs, an empty prompt, and a closed session", async () => {
    const session = await createSession({ session: { orchestrator: "loop-streaming" }, providers: [echo()] });
    const events = session.stream("one");
    await events.next();
    await expect(session.execute("two")).rejects.toMatchObject({ code: "turn_running" });
    await events.return?.();
    await expect(session.execute(" ")).rejects.toMatchObject({ code: "prompt_empty" });
    await session.close();
    await expect(session.execute("three")).rejects.toMatchObject({ code: "session_closed" });
  });
});
