/**
 * What upstream's behavioural tests ask of an orchestrator, asked of this one: called without a coordinator, as they do.
 */
import { createSession, type Message, SessionHooks, EventPublisher, systemClock } from "amplifier-core";
import { answer, ArrayContext, orchestratorContract, ScriptedProvider, text } from "amplifier-testkit";
import { describe, expect, test } from "vitest";
import * as loop from "../src/index.ts";

const create = (): loop.StreamingOrchestrator => new loop.StreamingOrchestrator(loop.createLoopConfig({}));

/** Runs a prompt; without a coordinator nothing but the six keywords is known. */
async function execute(prompt: string) {
  const context = new ArrayContext();
  const provider = new ScriptedProvider([answer(text("Mock response"))]);
  const publisher = new EventPublisher({ log: null, sessionId: "s", clock: systemClock });
  const hooks = new SessionHooks({ publisher, clock: systemClock, report: () => undefined });
  const providers = new Map([["default", provider]]);
  const said = await create().execute({ prompt, context, providers, tools: new Map(), hooks });
  return { said, provider, messages: await context.getMessages() };
}

describe("an orchestrator as upstream's behavioural tests see it", () => {
  test("mounts, and what it mounts has an execute", async () => {
    const providers = [new ScriptedProvider([])];
    const session = await createSession(
      { session: { orchestrator: "loop-streaming", context: new ArrayContext() }, providers },
      { findModule: () => Promise.resolve(loop) },
    );
    expect(session.coordinator.get("orchestrator")).toMatchObject({ execute: expect.any(Function) as unknown });
  });

  test("answers with a text that is not empty", async () => {
    expect((await execute("Test prompt")).said).toBe("Mock response");
  });

  test("takes an empty prompt without breaking", async () => {
    expect((await execute("")).said).toBe("Mock response");
  });

  test("asks the provider", async () => {
    expect((await execute("Test prompt")).provider.calls).toHaveLength(1);
  });

  test("adds to the context", async () => {
    const roles = (messages: readonly Message[]): readonly string[] => messages.map(({ role }) => role);
    expect(roles((await execute("Test prompt")).messages)).toEqual(["user", "assistant"]);
  });

  test("passes the testkit's suite, a list of named checks that needs no test runner", async () => {
    const suite = orchestratorContract({ create });
    expect(suite.length).toBeGreaterThan(10);
    expect(new Set(suite.map(({ name }) => name)).size).toBe(suite.length);
    for (const { run } of suite) await run();
  });
});
