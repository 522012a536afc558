/** The log in memory, by the contract suite of its port. */
import { MemoryEventLog } from "amplifier-core";
import { eventLogContract } from "amplifier-testkit";
import { describe, it } from "vitest";

describe("MemoryEventLog", () => {
  const subject = { open: () => new MemoryEventLog(), openSmall: () => new MemoryEventLog({ capacity: 50 }) };
  for (const { name, run } of eventLogContract(subject)) it(name, run);
});
