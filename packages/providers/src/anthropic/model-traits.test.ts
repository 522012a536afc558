import { describe, expect, it } from "vitest";
import { modelTraits } from "./model-traits.ts";

describe("the traits of a model", () => {
  it.each([
    ["claude-3-haiku-20240307", { maxOutputTokens: 4_096, thinking: "none", prefill: true, sampling: true }],
    ["claude-3-5-sonnet-latest", { maxOutputTokens: 8_192, thinking: "none" }],
    ["claude-3-7-sonnet-20250219", { maxOutputTokens: 64_000, thinking: "budget" }],
    ["claude-opus-4-20250514", { maxOutputTokens: 32_000, thinking: "budget" }],
    ["claude-opus-4-1-20250805", { maxOutputTokens: 32_000, thinking: "budget" }],
    ["claude-sonnet-4-0", { maxOutputTokens: 64_000, thinking: "budget" }],
    ["claude-haiku-4-5-20251001", { maxOutputTokens: 64_000, prefill: true, sampling: true }],
    [
      "anthropic.claude-opus-4-6-v1",
      { maxOutputTokens: 128_000, thinking: "adaptive", prefill: false, sampling: true },
    ],
    ["claude-opus-4-7", { thinking: "adaptive", sampling: false, xhighEffort: true }],
    [
      "anthropic/claude-sonnet-5.5",
      { thinking: "adaptive_by_default", thinkingOff: "between_tools", boundThinking: true },
    ],
    ["claude-opus-5", { thinkingOff: "disabled", boundThinking: false }],
    ["claude-fable-5-1", { thinkingOff: "effort", boundThinking: true }],
    ["Claude-Opus-6", { thinking: "adaptive_by_default", thinkingOff: "effort", boundThinking: true }],
    ["qwen3:8b", { maxOutputTokens: 8_192, thinking: "budget", prefill: true, sampling: true, boundThinking: false }],
  ])("are read off the name %s", (model, expected) => {
    expect(modelTraits(model)).toMatchObject(expected);
  });
});
