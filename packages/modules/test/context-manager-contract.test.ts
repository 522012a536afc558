/** The module `context-simple`, by the contract suite of the context port. */
import { contextManagerContract } from "amplifier-testkit";
import { describe, it } from "vitest";
import { SimpleContext } from "../src/context-simple/index.ts";

describe("SimpleContext", () => {
  const subject = { create: () => new SimpleContext(), createSmall: () => new SimpleContext({ maxTokens: 2000 }) };
  for (const { name, run } of contextManagerContract(subject)) it(name, run);
});
