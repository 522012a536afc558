/**
 * What a session does for its hooks from turn to turn: what they may inject is counted anew with each, and what one of them
 * says is carried out once.
 */
import { createSession, type InlineHook, type Orchestrator } from "amplifier-core";
import { ArrayContext } from "amplifier-testkit";
import { expect, it } from "vitest";
import { provider } from "./modules-in-memory.ts";

/** Carries out what hooks say of the prompt, and answers with what they have injected in the turn: before and after. */
const injecting: Orchestrator = {
  execute: async ({ prompt, hooks, coordinator }) => {
    if (coordinator === undefined) throw new Error("A session gives its coordinator.");
    const before = coordinator.injections.tokens;
    const decision = await hooks.emit("prompt:submit", { prompt });
    await coordinator.processDecision(decision, "prompt:submit", { signal: coordinator.cancellation.signal });
    return `${before} ${coordinator.injections.tokens}`;
  },
};

it("counts what hooks inject anew with each turn, under the limits of its plan", async () => {
  const hook: InlineHook = {
    name: "h",
    events: { "prompt:submit": () => ({ action: "inject_context", context_injection: "12345678" }) },
  };
  const shown: string[] = [];
  const limits = { injection_size_limit: 8, injection_budget_per_turn: 1 };
  const session = await createSession(
    {
      session: { orchestrator: injecting, context: new ArrayContext(), ...limits },
      providers: [provider("p")],
      hooks: [hook],
    },
    { display: { showMessage: (message) => void shown.push(message) } },
  );
  expect(session.coordinator.injections).toEqual({ sizeLimit: 8, budgetPerTurn: 1, tokens: 0 });
  expect([await session.execute("one"), await session.execute("two")]).toEqual(["0 2", "0 2"]);
  expect((await session.messages()).map(({ content }) => content)).toEqual(["12345678", "12345678"]);
  const warning = "Hooks have injected 2 tokens in this turn; injection_budget_per_turn is 1.";
  expect(shown).toEqual([warning, warning]);
});
