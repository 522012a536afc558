/** The loop, by the contract suite of the orchestrator port. */
import { orchestratorContract } from "amplifier-testkit";
import { describe, it } from "vitest";
import { createLoopConfig, StreamingOrchestrator } from "../src/index.ts";

describe.each([{}, { buffer_size: 1, tool_start: "after_message" }])("the streaming loop with %j", (config) => {
  const create = () => new StreamingOrchestrator(createLoopConfig(config));
  for (const { name, run } of orchestratorContract({ create })) it(name, run);
});
