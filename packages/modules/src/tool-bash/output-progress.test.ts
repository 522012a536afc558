/** `OutputProgress`: how often, how much, and that nothing is shown twice. */
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../test/manual-clock.ts";
import { OutputProgress, PROGRESS_BYTES, PROGRESS_INTERVAL_MS } from "./output-progress.ts";

function watch(): { readonly progress: OutputProgress; readonly clock: ManualClock; readonly shown: string[] } {
  const clock = new ManualClock();
  const shown: string[] = [];
  return { progress: new OutputProgress(({ output }) => void shown.push(output), clock), clock, shown };
}

describe("OutputProgress", () => {
  it("shows the first output at once and gathers the next for a while", () => {
    const { progress, clock, shown } = watch();
    progress.push(Buffer.from("a"));
    progress.push(Buffer.from("b"));
    progress.push(Buffer.from("c"));
    expect(shown).toEqual(["a"]);
    clock.advance(PROGRESS_INTERVAL_MS);
    expect(shown).toEqual(["a", "bc"]);
  });

  it("shows output at once again after a pause", () => {
    const { progress, clock, shown } = watch();
    progress.push(Buffer.from("a"));
    clock.advance(PROGRESS_INTERVAL_MS);
    progress.push(Buffer.from("b"));
    expect(shown).toEqual(["a", "b"]);
    expect(clock.waiting).toBe(1);
  });

  it("shows the newest of a flood", () => {
    const { progress, clock, shown } = watch();
    progress.push(Buffer.from("a"));
    progress.push(Buffer.from("x".repeat(100_000)));
    progress.push(Buffer.from("end"));
    clock.advance(PROGRESS_INTERVAL_MS);
    expect(shown).toEqual(["a", `${"x".repeat(PROGRESS_BYTES - 3)}end`]);
  });

  it("keeps a character whole that came in two pieces", () => {
    const { progress, shown } = watch();
    const bytes = Buffer.from("é");
    progress.push(bytes.subarray(0, 1));
    progress.push(bytes.subarray(1));
    progress.finish();
    expect(shown).toEqual(["é"]);
  });

  it("shows what is left at the end, and leaves no timer", () => {
    const { progress, clock, shown } = watch();
    progress.push(Buffer.from("a"));
    progress.push(Buffer.from("b"));
    progress.finish();
    expect(shown).toEqual(["a", "b"]);
    expect(clock.waiting).toBe(0);
  });
});
