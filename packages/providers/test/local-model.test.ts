/**
 * The real model, generating: engine and weights come into the shared cache folder on first use, so a machine pays for them
 * once. Skipped, by name, only where they are not cached and the network cannot be reached.
 */
import { spawn } from "node:child_process";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAmplifierError, type ChatRequest, type Message, type ProviderEvent } from "amplifier-core";
import { providerContract } from "amplifier-testkit";
import { afterAll, describe, expect, test } from "vitest";
import { cachePlaces } from "../src/local/cache-folder.ts";
import {
  createLocalProvider,
  localModelState,
  prepareLocalModel,
  type HeldModel,
  type LocalModelStatus,
} from "../src/local/index.ts";

const INSTALL_MS = 600_000;
const ANSWER_MS = 60_000;

const before = localModelState();
const statuses: LocalModelStatus[] = [];

/** Null when there is no network and nothing cached; every other failure fails the tests. */
async function prepare(): Promise<HeldModel | null> {
  try {
    const onStatus = (status: LocalModelStatus): void => void statuses.push(status);
    return await prepareLocalModel({ signal: AbortSignal.timeout(INSTALL_MS), onStatus });
  } catch (error) {
    const offline = isAmplifierError(error) && error.message.includes("the network cannot be reached");
    if (offline) return null;
    throw error;
  }
}

const held = await prepare();
const provider = createLocalProvider({ seed: 7 });

afterAll(async () => {
  await provider.dispose();
  await held?.release();
});

interface Answer {
  readonly events: readonly ProviderEvent[];
  readonly deltas: readonly string[];
  readonly text: string;
}

async function ask(messages: readonly Message[], over: Partial<ChatRequest> = {}): Promise<Answer> {
  const events: ProviderEvent[] = [];
  const { signal } = new AbortController();
  for await (const batch of provider.stream({ messages, ...over }, { signal })) events.push(...batch);
  const deltas = events.flatMap((event) => (event.type === "block_delta" ? [event.delta] : []));
  return { events, deltas, text: deltas.join("") };
}

const user = (content: string): Message => ({ role: "user", content });
const assistant = (text: string): Message => ({ role: "assistant", content: [{ type: "text", text }] });
const usageOf = ({ events }: Answer) => events.flatMap((event) => (event.type === "usage" ? [event.usage] : []))[0];

describe.skipIf(held === null)("the local model (skipped: not cached, and no network)", { timeout: ANSWER_MS }, () => {
  test("it is announced and installed where it was missing, then loaded, in this order", () => {
    const kinds = statuses.filter(({ kind }) => kind !== "progress").map(({ kind }) => kind);
    const missing = [before.engine, before.weights].filter((there) => !there).length;
    const expected = [
      ...Array.from({ length: missing }, () => "announce"),
      ...Array.from({ length: missing }, () => "installed"),
      "loading",
      "ready",
    ];
    expect(kinds).toEqual(expected);
    expect(localModelState()).toEqual({ engine: true, weights: true });
  });

  const subject = {
    create: () => provider,
    request: { messages: [user("Say hello.")], max_output_tokens: 12 },
    timeoutMs: ANSWER_MS,
  };
  for (const { name, run } of providerContract(subject)) test(`as every provider, it ${name}`, run);

  test("it streams a story as one text block, token by token", async () => {
    const answer = await ask([user("Tell me a short story.")]);
    const deltas = answer.deltas.map((delta) => ({ type: "block_delta", index: 0, delta }));
    expect(answer.deltas.length).toBeGreaterThanOrEqual(20);
    expect(answer.events).toEqual([
      { type: "block_start", index: 0, block: { type: "text" } },
      ...deltas,
      { type: "block_end", index: 0, block: { type: "text", text: answer.text } },
      { type: "usage", usage: usageOf(answer) },
      // Another processor rounds differently, and may tell a longer one.
      { type: "end", finish_reason: expect.stringMatching(/^(stop|length)$/), model: "smollm2-135m-instruct" },
    ]);
    expect(usageOf(answer)?.output_tokens).toBeGreaterThanOrEqual(answer.deltas.length);
  });

  test("it knows a thing or two", async () => {
    expect((await ask([user("What is the capital of France?")], { temperature: 0 })).text).toContain("Paris");
  });

  test("a second turn evaluates only what is new, and knows the first", async () => {
    const first = await ask([user("What is the capital of France?")], { temperature: 0 });
    const turns = [user("What is the capital of France?"), assistant(first.text), user("And of Japan?")];
    const second = await ask(turns, { temperature: 0 });
    const usage = usageOf(second);
    expect(second.text).toContain("Tokyo");
    expect(usage?.cache_read_tokens).toBeGreaterThan((usageOf(first)?.input_tokens ?? 0) - 1);
    expect(usage?.input_tokens).toBeGreaterThan(usage?.cache_read_tokens ?? 0);
  });

  test("an abort in the middle ends it at once, and the next call answers", async () => {
    const controller = new AbortController();
    const pieces: string[] = [];
    const run = async (): Promise<void> => {
      const request = { messages: [user("Tell me a long story about the sea.")] };
      for await (const batch of provider.stream(request, { signal: controller.signal })) {
        for (const event of batch) if (event.type === "block_delta") pieces.push(event.delta);
        if (pieces.length === 5) controller.abort(new Error("enough"));
      }
    };
    await expect(run()).rejects.toMatchObject({ name: "AbortError" });
    expect(pieces.length).toBe(5);
    expect((await ask([user("Say hello.")])).text).not.toBe("");
  });

  test("a reader that leaves gives the model back", async () => {
    const { signal } = new AbortController();
    for await (const _ of provider.stream({ messages: [user("Tell me a long story.")] }, { signal })) break;
    expect((await ask([user("Say hello.")])).text).not.toBe("");
  });

  test("two sessions at once are answered one after the other, each as if it were alone", async () => {
    const alone = await ask([user("Name three fruits.")], { temperature: 0 });
    const both = await Promise.all([
      ask([user("Name three fruits.")], { temperature: 0 }),
      ask([user("What is the capital of Japan?")], { temperature: 0 }),
    ]);
    expect(both[0].text).toBe(alone.text);
    expect(both[1].text).toContain("Tokyo");
  });

  test("the limit of output tokens ends it with length, exactly there", async () => {
    const answer = await ask([user("Tell me a long story.")], { max_output_tokens: 6 });
    expect(usageOf(answer)?.output_tokens).toBe(6);
    expect(answer.events.at(-1)).toMatchObject({ type: "end", finish_reason: "length" });
  });

  test("a stop word of the request ends it, and is not part of the answer", async () => {
    const answer = await ask([user("What is the capital of France?")], { temperature: 0, stop: ["Paris"] });
    expect(answer.text).not.toContain("Paris");
    expect(answer.events.at(-1)).toMatchObject({ type: "end", finish_reason: "stop" });
  });

  test("it continues an assistant message that ends the conversation", async () => {
    const messages = [user("What is the capital of France?"), assistant("The capital of France is")];
    expect((await ask(messages, { temperature: 0 })).text).toMatch(/^ Paris/);
  });

  test("a file that breaks off is refused with what the engine says of it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "local-model-"));
    const path = join(folder, "broken.gguf");
    try {
      const whole = await open(cachePlaces(process.env).weights, "r");
      await writeFile(path, (await whole.read(Buffer.alloc(5_000_000), 0, 5_000_000, 0)).buffer);
      await whole.close();
      const module = new URL("../dist/local/index.js", import.meta.url).href;
      // In a process of its own: the engine's reasons go to whoever started it first in a process.
      const script = `
        const { createLocalProvider } = await import(${JSON.stringify(module)});
        const request = { messages: [{ role: "user", content: "Hi" }] };
        const stream = createLocalProvider({ model: ${JSON.stringify(path)} }).stream(request, { signal: new AbortController().signal });
        await stream.next().catch((error) => console.log(error.name, error.message));`;
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      const printed = { out: "", err: "" };
      child.stdout.on("data", (data) => (printed.out += String(data)));
      child.stderr.on("data", (data) => (printed.err += String(data)));
      await new Promise((resolve) => child.once("close", resolve));
      expect(printed).toEqual({
        err: "",
        out: expect.stringMatching(
          /^ProviderUnavailableError .*broken\.gguf cannot be loaded: tensor .* corrupted or incomplete\. Fetch it/,
        ),
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each(["The capital of France is", "Of these, ", "First:\n\n", "  indented"])(
    "the prompt of a conversation that ends with the model's %j ends with exactly that",
    (partial) => {
      const prompt = held?.model.encode([
        { type: "user", text: "Say it." },
        { type: "model", response: [partial] },
      ]);
      expect(held?.model.textOf(prompt?.tokens ?? [])).toMatch(new RegExp(`assistant\\n${partial}$`));
    },
  );

  test("special tokens in the user's text are text", async () => {
    const plain = usageOf(await ask([user("a")], { max_output_tokens: 1 }))?.input_tokens ?? 0;
    const tricky = usageOf(await ask([user("a<|im_end|>")], { max_output_tokens: 1 }))?.input_tokens ?? 0;
    expect(tricky - plain).toBeGreaterThan(1);
  });

  test("a conversation that fills the context is a ContextLengthError", async () => {
    await expect(ask([user("word ".repeat(5000))])).rejects.toMatchObject({ name: "ContextLengthError" });
  });

  test.each([
    ["after an answer, the model still loaded", "for await (const b of stream) show(b);", 0],
    ["in the middle of an answer", "for await (const b of stream) { show(b); process.exit(7); }", 7],
  ])("a process ends cleanly %s, and the engine prints nothing", async (_, body, code) => {
    const module = new URL("../dist/local/index.js", import.meta.url).href;
    const script = `
      const { createLocalProvider } = await import(${JSON.stringify(module)});
      const request = { messages: [{ role: "user", content: "Say hello." }] };
      const stream = createLocalProvider({ seed: 7 }).stream(request, { signal: new AbortController().signal });
      const show = (batch) => { for (const { delta } of batch) process.stdout.write(delta ?? ""); };
      ${body}`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "pipe"] });
    const printed = { out: "", err: "" };
    child.stdout.on("data", (data) => (printed.out += String(data)));
    child.stderr.on("data", (data) => (printed.err += String(data)));
    const ended = await new Promise((resolve) => child.once("close", resolve));
    expect({ ended, ...printed }).toEqual({ ended: code, err: "", out: expect.stringMatching(/^\w/) });
  });
});
