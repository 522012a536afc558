import { collect, isLLMError, type ProviderEvent } from "amplifier-core";
import { describe, expect, it } from "vitest";
import { createDemoProvider } from "./demo-provider.ts";

const request = { messages: [{ role: "user" as const, content: "What is SSE?" }] };

async function batchesOf(signal: AbortSignal): Promise<(readonly ProviderEvent[])[]> {
  const batches = [];
  for await (const batch of createDemoProvider().stream(request, { signal })) batches.push(batch);
  return batches;
}

describe("the demo provider", () => {
  it("says in the first line of its text that no model is connected, and quotes the prompt", async () => {
    const answer = await collect(createDemoProvider().stream(request, { signal: new AbortController().signal }));
    const [thinking, text] = answer.content;
    expect(thinking).toMatchObject({ type: "thinking", thinking: expect.stringContaining("canned") });
    const lines = text?.type === "text" ? text.text.split("\n") : [];
    expect(lines[0]).toBe("This is the demo: no model is connected, this text is canned.");
    expect(lines).toContain('You wrote: "What is SSE?"');
    expect(answer).toMatchObject({ finish_reason: "stop", usage: { total_tokens: 0 } });
  });

  it("names every way to connect a model", async () => {
    const answer = await collect(createDemoProvider().stream(request, { signal: new AbortController().signal }));
    const text = JSON.stringify(answer.content);
    for (const way of ["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL", "Ollama", "--provider local"]) {
      expect(text).toContain(way);
    }
  });

  it("streams each block as start, fragments and the whole, one event per batch, and ends with `end`", async () => {
    const batches = await batchesOf(new AbortController().signal);
    const last = batches.pop();
    expect(batches.every((batch) => batch.length === 1)).toBe(true);
    const events = batches.flat();
    for (const index of [0, 1]) {
      const own = events.filter((event) => "index" in event && event.index === index);
      const deltas = own.flatMap((event) => (event.type === "block_delta" ? [event.delta] : []));
      expect(deltas.length).toBeGreaterThan(5);
      expect(own.map((event) => event.type)).toEqual(["block_start", ...deltas.map(() => "block_delta"), "block_end"]);
      const end = own.at(-1);
      const block = end?.type === "block_end" ? end.block : null;
      expect(block?.type === "text" ? block.text : block?.type === "thinking" && block.thinking).toBe(deltas.join(""));
    }
    expect(last?.map((event) => event.type)).toEqual(["usage", "end"]);
  });

  it("quotes only the beginning of a long prompt, without half a character at the cut", async () => {
    const messages = [{ role: "user" as const, content: `${"x".repeat(199)}😀 and more` }];
    const answer = await collect(createDemoProvider().stream({ messages }, { signal: new AbortController().signal }));
    expect(JSON.stringify(answer.content)).toContain(`You wrote: \\"${"x".repeat(199)}...\\"`);
  });

  it("stops with an AbortError when its signal is aborted between two fragments", async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const batch of createDemoProvider().stream(request, { signal: controller.signal })) {
        seen.push(...batch.map((event) => event.type));
        if (seen.length === 3) controller.abort(new Error("enough"));
      }
    })();
    await expect(reading).rejects.toSatisfy((error) => isLLMError(error, "AbortError"));
    expect(seen).toEqual(["block_start", "block_delta", "block_delta"]);
  });

  it("tells the loop to send it no tools", () => {
    expect(createDemoProvider({ priority: 5 })).toMatchObject({ name: "demo", priority: 5 });
    expect(createDemoProvider().getInfo()).toEqual({
      id: "demo",
      displayName: "Demo (no model)",
      defaultModel: "demo",
      tools: false,
    });
  });
});
