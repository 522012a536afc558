/**
 * The strict servers over real sockets: what they send, how they misbehave when a script says so, what they refuse, and
 * that nothing unexpected stays unnoticed.
 */
import {
  breaksOff,
  brokenToolCall,
  fails,
  finish,
  gate,
  hangs,
  inFragments,
  interleaved,
  oneRead,
  signed,
  text,
  thinking,
  toolCall,
  unfinished,
  usage,
  warning,
  whole,
} from "amplifier-testkit";
import {
  cutAfter,
  cuts,
  dripping,
  emptyDelta,
  errorFrame,
  type ModelServer,
  type ModelServerOptions,
  pings,
  raw,
  refuses,
  reply,
  responds,
  startAnthropicServer,
  startChatServer,
} from "amplifier-testkit/servers";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Call, type Exchange, post } from "./post.ts";

/** How each wire is asked; `says` is all text of an answer's body. */
const WIRES = {
  anthropic: {
    start: startAnthropicServer,
    path: "/v1/messages",
    headers: { "x-api-key": "test-key", "anthropic-version": "2023-06-01" },
    body: { model: "claude-sonnet-4-5", max_tokens: 100, stream: true, messages: [{ role: "user", content: "Hi" }] },
    says: (body: string) => [...body.matchAll(/"text_delta","text":"([^"]*)"/g)].map(([, said]) => said).join(""),
    lastFrame: 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  },
  chat: {
    start: startChatServer,
    path: "/chat/completions",
    headers: { authorization: "Bearer test-key" },
    body: { model: "gpt-4.1", stream: true, messages: [{ role: "user", content: "Hi" }] },
    says: (body: string) => [...body.matchAll(/"delta":\{"content":"([^"]*)"\}/g)].map(([, said]) => said).join(""),
    lastFrame: "data: [DONE]\n\n",
  },
};
type WireName = keyof typeof WIRES;

interface Started {
  readonly server: ModelServer;
  readonly ask: (fields?: object, headers?: Readonly<Record<string, string>>) => Call;
  readonly answer: (fields?: object) => Promise<Exchange>;
}

/** Starts a server; a test that expects `close` to reject closes it itself. */
async function start(
  wire: WireName,
  script: ModelServerOptions["script"],
  more: Partial<ModelServerOptions> = {},
): Promise<Started> {
  const { start: startServer, path, headers, body } = WIRES[wire];
  const server = await startServer({ script, ...more });
  let isClosed = false;
  const close = server.close.bind(server);
  server.close = () => {
    isClosed = true;
    return close();
  };
  onTestFinished(async () => {
    if (!isClosed) await server.close();
  });
  const ask: Started["ask"] = (fields = {}, other = headers) =>
    post(server.baseUrl + path, { ...body, ...fields }, other);
  return { server, ask, answer: (fields) => ask(fields).over };
}

/** The payloads of a body, parsed. */
function payloads(body: string): unknown[] {
  return [...body.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => (data === "[DONE]" ? data : JSON.parse(data)));
}

describe("an answer of the Messages API", () => {
  it("is framed as recorded streams are: thinking with its signature, text, a call in fragments, usage", async () => {
    const script = [
      reply(
        signed(thinking("Hm", "."), "c2ln"),
        text("Let me ", "see."),
        inFragments(toolCall("toolu_1", "look", { at: "sky" }), 2),
        usage({ input_tokens: 30, output_tokens: 7, total_tokens: 37, cache_read_tokens: 10 }),
      ),
    ];
    const { answer } = await start("anthropic", script);
    const exchange = await answer();
    expect(exchange).toMatchObject({ status: 200, whole: true });
    expect(exchange.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    const counts = { input_tokens: 20, cache_creation_input_tokens: 0, cache_read_input_tokens: 10 };
    const delta = (index: number, type: string, field: object) => ({
      type: "content_block_delta",
      index,
      delta: { type, ...field },
    });
    expect(payloads(exchange.text)).toEqual([
      {
        type: "message_start",
        message: {
          model: "claude-sonnet-4-5",
          id: expect.stringMatching(/^msg_/),
          type: "message",
          role: "assistant",
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { ...counts, output_tokens: 1, service_tier: "standard" },
        },
      },
      { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "", signature: "" } },
      delta(0, "thinking_delta", { thinking: "Hm" }),
      delta(0, "thinking_delta", { thinking: "." }),
      delta(0, "signature_delta", { signature: "c2ln" }),
      { type: "content_block_stop", index: 0 },
      { type: "content_block_start", index: 1, content_block: { type: "text", text: "" } },
      delta(1, "text_delta", { text: "Let me " }),
      delta(1, "text_delta", { text: "see." }),
      { type: "content_block_stop", index: 1 },
      {
        type: "content_block_start",
        index: 2,
        content_block: { type: "tool_use", id: "toolu_1", name: "look", input: {} },
      },
      delta(2, "input_json_delta", { partial_json: '{"at":' }),
      delta(2, "input_json_delta", { partial_json: '"sky"}' }),
      { type: "content_block_stop", index: 2 },
      {
        type: "message_delta",
        delta: { stop_reason: "tool_use", stop_sequence: null },
        usage: { ...counts, output_tokens: 7 },
      },
      { type: "message_stop" },
    ]);
    const names = [...exchange.text.matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
    expect(names).toEqual((payloads(exchange.text) as { type: string }[]).map(({ type }) => type));
  });

  it("may hold what comes whole, and end as the script says", async () => {
    const script = [reply(whole({ type: "redacted_thinking", data: "x" }), text("So"), finish("length"))];
    const { answer } = await start("anthropic", script);
    expect(payloads((await answer()).text)).toMatchObject([
      { type: "message_start" },
      { index: 0, content_block: { type: "redacted_thinking", data: "x" } },
      { type: "content_block_stop" },
      { type: "content_block_start" },
      { delta: { text: "So" } },
      { type: "content_block_stop" },
      { delta: { stop_reason: "max_tokens" }, usage: { output_tokens: 5 } },
      { type: "message_stop" },
    ]);
  });

  it("is taken back with its thinking, and only with its thinking", async () => {
    const { server, answer } = await start(
      "anthropic",
      [reply(signed(thinking("Hm."), "c2ln"), text("Hi.")), reply(text("So."))],
      {
        expectsRefusals: true,
      },
    );
    await answer();
    const said = (thought: object) => ({
      messages: [
        { role: "user", content: "Hi" },
        { role: "assistant", content: [thought, { type: "text", text: "Hi." }] },
        { role: "user", content: "And?" },
      ],
    });
    const changed = await answer(said({ type: "thinking", thinking: "Hm!", signature: "c2ln" }));
    expect(changed.status).toBe(400);
    expect(changed.text).toContain("cannot be modified");
    expect((await answer(said({ type: "thinking", thinking: "Hm.", signature: "c2ln" }))).status).toBe(200);
    expect(server.requests.map(({ problems }) => problems.length)).toEqual([0, 1, 0]);
  });
});

describe("an answer of Chat Completions", () => {
  it("is framed as recorded streams are: reasoning, text, two calls at once, the usage that was asked for", async () => {
    const calls = interleaved(toolCall("call_1", "look", { a: 1 }), toolCall("call_2", "look", { b: 2 }));
    const { answer } = await start("chat", [reply(thinking("Hm."), text("Let me ", "see."), calls)]);
    const exchange = await answer({ stream_options: { include_usage: true } });
    const head = {
      id: expect.stringMatching(/^chatcmpl-/),
      object: "chat.completion.chunk",
      created: expect.any(Number),
      model: "gpt-4.1",
      service_tier: "default",
      system_fingerprint: expect.stringMatching(/^fp_/),
    };
    const chunk = (delta: object, finish_reason: string | null = null) => ({
      ...head,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
      usage: null,
    });
    const call = (fields: object) => chunk({ tool_calls: [fields] });
    expect(payloads(exchange.text)).toEqual([
      chunk({ role: "assistant", content: "", refusal: null }),
      chunk({ reasoning_content: "Hm." }),
      chunk({ content: "Let me " }),
      chunk({ content: "see." }),
      call({ index: 0, id: "call_1", type: "function", function: { name: "look", arguments: "" } }),
      call({ index: 1, id: "call_2", type: "function", function: { name: "look", arguments: "" } }),
      call({ index: 0, function: { arguments: '{"a":1}' } }),
      call({ index: 1, function: { arguments: '{"b":2}' } }),
      chunk({}, "tool_calls"),
      {
        ...head,
        choices: [],
        usage: {
          prompt_tokens: 10,
          completion_tokens: 5,
          total_tokens: 15,
          prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
          completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
        },
      },
      "[DONE]",
    ]);
  });

  it("has no usage when nobody asked, and may break its arguments off", async () => {
    const script = [reply(brokenToolCall("call_1", "look", '{"at":'), finish("length"))];
    const { answer } = await start("chat", script);
    const exchange = await answer();
    expect(exchange.text).not.toContain("usage");
    expect(payloads(exchange.text)).toMatchObject([
      {},
      { choices: [{ delta: { tool_calls: [{ id: "call_1" }] } }] },
      { choices: [{ delta: { tool_calls: [{ function: { arguments: '{"at":' } }] } }] },
      { choices: [{ finish_reason: "length" }] },
      "[DONE]",
    ]);
  });
});

describe.each(["anthropic", "chat"] as const)("over the %s wire", (wire) => {
  const { says, lastFrame, path } = WIRES[wire];

  it("an answer breaks off after a part: by a closed socket, or by a body that ends too early", async () => {
    const { answer, server } = await start(wire, [
      reply(text("one"), unfinished(text("two")), cuts()),
      reply(text("one"), breaksOff()),
    ]);
    const cut = await answer();
    expect([cut.whole, says(cut.text)]).toEqual([false, "onetwo"]);
    const ended = await answer();
    expect([ended.whole, says(ended.text), ended.text.endsWith(lastFrame)]).toEqual([true, "one", false]);
    expect(await Promise.all(server.requests.map(({ closed }) => closed))).toEqual([{ whole: false }, { whole: true }]);
  });

  it("an answer is cut after every one of its bytes", async () => {
    const whole = reply(text("Grüße ", "🙂"));
    const { answer, server } = await start(wire, [whole]);
    const bytes = Buffer.from((await answer()).text);
    for (let count = 1; count < bytes.length; count += 97) {
      server.add(cutAfter(count, whole));
      const cut = await answer();
      expect([cut.whole, cut.text]).toEqual([false, bytes.subarray(0, count).toString()]);
    }
  });

  it("an error comes in the middle of a stream, in the wire's form", async () => {
    const { answer } = await start(wire, [
      reply(text("one"), errorFrame()),
      reply(errorFrame({ type: "api_error", message: "Oh." })),
    ]);
    const overloaded = await answer();
    expect(says(overloaded.text)).toBe("one");
    expect(overloaded.text.endsWith(lastFrame)).toBe(false);
    expect(payloads(overloaded.text).at(-1)).toEqual(
      wire === "anthropic"
        ? { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }
        : { error: { message: expect.any(String), type: "server_error", param: null, code: "server_error" } },
    );
    expect(payloads((await answer()).text).at(-1)).toMatchObject({ error: { type: "api_error", message: "Oh." } });
  });

  it("the errors of every API have its status, its body and the asked wait", async () => {
    const { answer } = await start(wire, [
      refuses("rate_limit", { retryAfter: 7 }),
      refuses("overloaded"),
      refuses("server_error"),
      refuses("authentication"),
      refuses("context_length"),
      responds({ status: 502, body: "<h1>Bad gateway</h1>", headers: { server: "proxy" } }),
    ]);
    const limited = await answer();
    expect([limited.status, limited.headers["retry-after"]]).toEqual([429, "7"]);
    const statuses = [await answer(), await answer(), await answer()].map(({ status }) => status);
    expect(statuses).toEqual([wire === "anthropic" ? 529 : 503, 500, 401]);
    const long = await answer();
    expect(long.status).toBe(400);
    expect(long.text).toMatch(/prompt is too long|maximum context length/);
    expect(await answer()).toMatchObject({ status: 502, text: "<h1>Bad gateway</h1>", headers: { server: "proxy" } });
  });

  it("a server says nothing at all until its client leaves", async () => {
    const asked = gate();
    const { ask, server } = await start(wire, [
      async () => {
        asked.open();
        return Promise.resolve(reply(hangs()));
      },
    ]);
    const call = ask();
    await asked.pass();
    call.leave();
    expect(await server.requests[0]?.closed).toEqual({ whole: false });
    await expect(call.response).rejects.toThrow("socket hang up");
  });

  it("a server stalls in the middle of its answer until its client leaves", async () => {
    const { ask, server } = await start(wire, [reply(raw("one"), hangs())]);
    const call = ask();
    await call.came(3);
    call.leave();
    expect(await server.requests[0]?.closed).toEqual({ whole: false });
    expect((await call.over).text).toBe("one");
  });

  it("signs of life and empty deltas say nothing", async () => {
    const { answer } = await start(wire, [
      reply(unfinished(text("one")), pings(), emptyDelta(), raw(": hm\n\n"), finish("stop")),
    ]);
    const exchange = await answer();
    expect(says(exchange.text)).toBe("one");
    expect(exchange.text).toContain(wire === "anthropic" ? "event: ping\n" : ": keep-alive\n\n");
    expect(exchange.text).toContain(": hm\n\n");
  });

  it("an answer waits at a gate, and drips when it is let to", async () => {
    const held = gate();
    const drops = [gate(), gate()];
    let dropped = 0;
    const pace = (signal: AbortSignal): Promise<void> => drops[dropped++]?.pass(signal) ?? Promise.resolve();
    const { ask } = await start(wire, [
      reply(text("one "), held, dripping(pace, unfinished(text("two ", "three"))), finish("stop")),
    ]);
    const call = ask();
    await held.reached;
    held.open();
    await drops[0]?.reached;
    expect(dropped).toBe(1);
    for (const drop of drops) drop.open();
    expect(says((await call.over).text)).toBe("one two three");
  });

  it("a client that leaves at a gate is noticed there", async () => {
    const held = gate();
    const { ask, server } = await start(wire, [reply(text("one"), held, text("two"))]);
    const call = ask();
    await held.reached;
    call.leave();
    expect(await server.requests[0]?.closed).toEqual({ whole: false });
  });

  it("an entry sees its request and decides on the answer", async () => {
    const { answer, server } = await start(wire, [
      ({ number, body }) => reply(text(`${number} ${String(body["model"])}`)),
      async () => Promise.resolve(() => refuses("overloaded")),
    ]);
    expect(says((await answer({ model: "m" })).text)).toBe("1 m");
    expect((await answer()).status).toBeGreaterThan(500);
    expect(server.requests.map(({ body }) => body["model"])).toEqual(["m", WIRES[wire].body.model]);
  });

  it("one function answers every request", async () => {
    const { answer, server } = await start(wire, ({ number }) => reply(text(`answer ${number}`)));
    expect([says((await answer()).text), says((await answer()).text)]).toEqual(["answer 1", "answer 2"]);
    expect(() => server.add(reply(text("x")))).toThrow("already");
  });

  it("a request beyond the script fails, and so does closing", async () => {
    const { answer, server } = await start(wire, []);
    const exchange = await answer();
    expect(exchange.status).toBe(500);
    expect(exchange.text).toContain("Request 1 is not in the script of 0.");
    await expect(server.close()).rejects.toThrow("Request 1 is not in the script of 0.");
  });

  it("a function of the script that throws fails its request, and closing", async () => {
    const { answer, server } = await start(wire, () => {
      throw new Error("Not asked to go on.");
    });
    expect((await answer()).status).toBe(500);
    await expect(server.close()).rejects.toThrow("Not asked to go on.");
  });

  it("a request that breaks a rule is refused, told by closing, and leaves the script as it is", async () => {
    const { answer, server } = await start(wire, [reply(text("Hi."))]);
    const refused = await answer({ messages: [] });
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.text)).toMatchObject({ error: { type: "invalid_request_error" } });
    expect(server.requests[0]?.problems[0]?.rule).toBe("there is a message");
    expect(says((await answer()).text)).toBe("Hi.");
    await expect(server.close()).rejects.toThrow(/Request 1 was refused with 400/);
  });

  it("wants a key, JSON, and a client that streams", async () => {
    const { server, ask } = await start(wire, []);
    const { headers } = WIRES[wire];
    const { status, text: body } = await ask({}, {}).over;
    expect([status, JSON.parse(body)]).toMatchObject([401, { error: { message: expect.stringMatching(/key/) } }]);
    const plain = await ask({}, { ...headers, "content-type": "text/plain" }).over;
    expect(plain.status).toBe(400);
    const broken = await post(server.baseUrl + path, "{", headers).over;
    expect([broken.status, broken.text]).toEqual([400, expect.stringMatching(/JSON/)]);
    expect((await ask({ stream: false }).over).text).toContain("only streams");
    await expect(server.close()).rejects.toThrow("only streams");
  });

  it("keeps no key", async () => {
    const { answer, server } = await start(wire, [reply(text("Hi."))]);
    await answer();
    expect(JSON.stringify(server.requests)).not.toContain("test-key");
  });

  it("names its models, and knows no other address", async () => {
    const { server } = await start(wire, [], { models: ["model-a"] });
    const base = server.baseUrl.replace(/\/v1$/, "");
    expect(await (await fetch(`${base}/v1/models?limit=1000`)).json()).toMatchObject({ data: [{ id: "model-a" }] });
    expect((await fetch(`${base}/v1/embeddings`, { method: "POST" })).status).toBe(404);
    await expect(server.close()).rejects.toThrow("Nobody answers POST /v1/embeddings.");
  });

  it("its models continue an answer when it is started so", async () => {
    const messages = [
      { role: "user", content: "Hi" },
      { role: "assistant", content: "So" },
    ];
    const script = [reply(text(" it goes."))];
    const { answer } = await start(wire, script, { takesPrefill: (model) => model === "m" });
    expect(says((await answer({ model: "m", messages })).text)).toBe(" it goes.");
  });
});

describe("a script", () => {
  it.each([
    ["fails", fails(new Error("x"))],
    ["warning", warning("x")],
    ["a deaf stall", hangs({ deaf: true })],
  ])("cannot say on a wire: %s", (_what, part) => {
    expect(() => reply(part)).toThrow(TypeError);
  });

  it("keeps reads together and blocks in order, however parts are mixed", () => {
    const { steps } = reply(oneRead(text("a"), text("b")), pings(), text("c"));
    expect(steps.map(({ kind }) => kind)).toEqual(["read", "pings", "read", "read", "read", "read"]);
    const starts = steps
      .flatMap((step) => (step.kind === "read" ? step.events : []))
      .filter(({ type }) => type === "block_start");
    expect(starts.map((event) => "index" in event && event.index)).toEqual([0, 1, 2]);
  });
});
