/**
 * Which events are logged.
 */
import { describe, expect, it } from "vitest";
import { eventFilter } from "./event-filter.ts";

describe("eventFilter", () => {
  it("knows * and ? and takes everything else literally", () => {
    const isLogged = eventFilter(["tool:*", "session:???"], ["tool:progress"]);
    const names = ["tool:pre", "tool:progress", "my-tool:pre", "session:end", "session:start", "tool.pre"];
    expect(names.filter(isLogged)).toEqual(["tool:pre", "session:end"]);
  });
});
