/** The scripted provider, by the contract suite of its port. */
import { LLMError } from "amplifier-core";
import { answer, fails, hangs, providerContract, ScriptedProvider, text, thinking } from "amplifier-testkit";
import { describe, it } from "vitest";

const hello = answer(thinking("Hm."), text("Hel", "lo."));

describe("ScriptedProvider", () => {
  const tests = providerContract({
    create: () => new ScriptedProvider([hello, hello]),
    createHanging: () => new ScriptedProvider([answer(text("Hel"), hangs())]),
    createFailing: () => new ScriptedProvider([fails(new LLMError("RateLimitError", "Slow down."))]),
    createBroken: () =>
      new ScriptedProvider([answer(text("Hel"), fails(new LLMError("StreamError", "It broke off.")))]),
  });
  for (const { name, run } of tests) it(name, run);
});
