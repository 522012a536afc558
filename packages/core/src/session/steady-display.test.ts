/**
 * A display that fails: nobody who shows something hears of it, and nothing is lost.
 */
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { steadyDisplay } from "./steady-display.ts";

function showOn(showMessage: () => unknown) {
  const elsewhere: string[] = [];
  const note = (message: string, level: string, source: string) =>
    void elsewhere.push(`${level} ${source}: ${message}`);
  const display = steadyDisplay({ showMessage }, { showMessage: note });
  display.showMessage("careful", "error", "hook:h");
  return { elsewhere };
}

describe("a steady display", () => {
  it("shows at once, and nowhere else", async () => {
    let shown = 0;
    const { elsewhere } = showOn(() => void shown++);
    expect(shown).toBe(1);
    await setImmediate();
    expect(elsewhere).toEqual([]);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("no screen");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no screen"))],
  ])("that %s leaves the message and its failure to another one", async (_, showMessage) => {
    const { elsewhere } = showOn(showMessage);
    await setImmediate();
    expect(elsewhere).toEqual([
      "error hook:h: careful",
      "warning session: The display could not show a message: no screen",
    ]);
  });
});
