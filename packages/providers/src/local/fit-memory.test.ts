import { expect, test } from "vitest";
import { checkModelFits, contextSizeThatFits, type ContextNeed } from "./fit-memory.ts";

/** A context of which each token takes a megabyte. */
function need(over: Partial<ContextNeed>): ContextNeed {
  const bytesFor = (size: number): number => size * 1e6;
  return { wanted: 4096, fixed: false, trained: 8192, available: 10e9, bytesFor, ...over };
}

test("the context is as large as wanted, at most as large as the model was trained with", () => {
  expect(contextSizeThatFits(need({}))).toBe(4096);
  expect(contextSizeThatFits(need({ trained: 2048 }))).toBe(2048);
  expect(contextSizeThatFits(need({ available: 4096e6 }))).toBe(4096);
});

test("where memory is short it is halved until it fits", () => {
  expect(contextSizeThatFits(need({ available: 1.5e9 }))).toBe(1024);
  expect(() => contextSizeThatFits(need({ available: 1e9 }))).toThrow(
    "A context of 1024 tokens needs 1.0 GB of memory, and 1.0 GB are free. Close other programs, or use a smaller model.",
  );
});

test("what the config insists on is that or an error that names the setting", () => {
  expect(() => contextSizeThatFits(need({ fixed: true, available: 3e9 }))).toThrow(
    "A context of 4096 tokens needs 4.1 GB of memory, and 3.0 GB are free. Lower context_size, close",
  );
});

test("a file larger than the free memory is refused with both sizes", () => {
  expect(() => checkModelFits("big.gguf", { bytes: 5e9, available: 5e9 })).not.toThrow();
  expect(() => checkModelFits("big.gguf", { bytes: 5e9, available: 2e9 })).toThrow(
    "big.gguf needs 5.0 GB of memory, and 2.0 GB are free.",
  );
});
