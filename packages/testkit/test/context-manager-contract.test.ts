/** The testkit's own context, by the contract suite of its port. */
import { ArrayContext, contextManagerContract } from "amplifier-testkit";
import { describe, it } from "vitest";

describe("ArrayContext", () => {
  for (const { name, run } of contextManagerContract({ create: () => new ArrayContext() })) it(name, run);
});
