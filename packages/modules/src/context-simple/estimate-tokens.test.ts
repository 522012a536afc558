/** Estimates and shortened results: numbers a reader can check. */
import type { Message } from "amplifier-core";
import { describe, expect, it } from "vitest";
import { estimateTokens, IMAGE_TOKENS } from "./estimate-tokens.ts";
import { shortenResult } from "./shorten-result.ts";

const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "A".repeat(9999) } } as const;
const result = (content: Message["content"]): Message => ({ role: "tool", name: "look", tool_call_id: "1", content });

describe("estimateTokens", () => {
  it("takes a quarter of the UTF-8 bytes and four more for each message", () => {
    expect(estimateTokens({ role: "user", content: "" })).toBe(4);
    expect(estimateTokens({ role: "user", content: "12345678" })).toBe(6);
    expect(estimateTokens({ role: "user", content: "你好世界" })).toBe(7);
  });

  it("takes an image for a fixed number, however many bytes it has", () => {
    expect(estimateTokens({ role: "user", content: [{ type: "text", text: "What?" }, image] })).toBe(6 + IMAGE_TOKENS);
  });

  it("counts the name and input of a call, and a thought without its signature", () => {
    const content: Message["content"] = [
      { type: "thinking", thinking: "12345678", signature: "s".repeat(4000) },
      { type: "tool_call", id: "1", name: "look", input: { at: "1234567" } },
    ];
    expect(estimateTokens({ role: "assistant", content })).toBe(4 + (8 + 4 + '{"at":"1234567"}'.length) / 4);
  });
});

describe("shortenResult", () => {
  it("keeps the beginning of a long text and says how much is gone", () => {
    const { content } = shortenResult(result("ab" + "x".repeat(300)), 2);
    expect(content).toBe(
      "ab\n[300 more characters of this result were left out to fit the context window; call the tool again if needed]",
    );
  });

  it("leaves a text alone that would not become shorter", () => {
    const short = result("x".repeat(100));
    expect(shortenResult(short, 50)).toBe(short);
    expect(shortenResult(result([{ type: "text", text: "short" }]), 2).content).toEqual([
      { type: "text", text: "short" },
    ]);
  });

  it("lets images go, and says so", () => {
    expect(shortenResult(result([{ type: "text", text: "A chart." }, image]), 250).content).toBe(
      "A chart.\n[A part of this result that is no text was left out to fit the context window; call the tool again if needed]",
    );
  });
});
