/**
 * What a session hands to its orchestrator for a turn, what it makes of the answer, and how failures reach the caller.
 */
import { createSession, MemoryEventLog, type Orchestrator, type Prompt, type TurnInput } from "amplifier-core";
import { answer, ArrayContext, readLog, ScriptedProvider, text } from "amplifier-testkit";
import { describe, expect, it } from "vitest";
import { dataOf, tool } from "./modules-in-memory.ts";

async function sessionOf(execute: (input: TurnInput) => unknown) {
  const log = new MemoryEventLog();
  const context = new ArrayContext();
  const provider = new ScriptedProvider([answer(text("never asked"))]);
  const clock = tool("clock");
  const session = await createSession(
    {
      session: { orchestrator: { execute } as Orchestrator, context, system: "Be brief." },
      providers: [provider],
      tools: [clock],
    },
    { log, sessionId: "s" },
  );
  return { session, log, context, provider, clock };
}

describe("the orchestrator of a session", () => {
  it("is called with everything by name: prompt, context, providers, tools, hooks, coordinator, and the call's own", async () => {
    const inputs: TurnInput[] = [];
    const made = await sessionOf((input) => (inputs.push(input), Promise.resolve("")));
    const { signal } = new AbortController();
    await made.session.execute("Hi", { signal, temperature: 0 });
    expect(inputs).toEqual([
      {
        prompt: "Hi",
        context: made.context,
        providers: new Map([[made.provider.name, made.provider]]),
        tools: new Map([["clock", made.clock]]),
        hooks: made.session.coordinator.hooks,
        coordinator: made.session.coordinator,
        options: { temperature: 0 },
        signal,
        system: "Be brief.",
      },
    ]);
  });

  it("gives the text of the turn, also when it tells less than its contract asks", async () => {
    const { session, log } = await sessionOf(() => Promise.resolve("only this"));
    expect(await session.execute("Hi")).toBe("only this");
    expect(dataOf(await readLog(log))).toEqual([
      { type: "session:start", session_id: "s", parent_id: null },
      { type: "prompt:complete", response: "only this", status: "success" },
    ]);
  });

  it.each([[undefined], [5], [{ text: "Hi" }]])("must give a text: %j is refused", async (answered) => {
    const { session, log } = await sessionOf(() => Promise.resolve(answered));
    await expect(session.execute("Hi")).rejects.toMatchObject({
      code: "module_invalid",
      message: expect.stringMatching(
        /^The orchestrator's execute resolved with .*; it must resolve with the turn's text/,
      ),
    });
    expect(dataOf((await readLog(log)).slice(-1))).toEqual([
      { type: "prompt:complete", response: "", status: "error" },
    ]);
  });

  it("may fail: the very error reaches the caller, and the session takes the next prompt", async () => {
    const error = Object.assign(new Error("too many requests"), { name: "RateLimitError", retry_after: 3 });
    let calls = 0;
    const { session } = await sessionOf(() => (calls++ === 0 ? Promise.reject(error) : Promise.resolve("fine")));
    await expect(session.execute("One")).rejects.toBe(error);
    expect(await session.execute("Two")).toBe("fine");
  });

  it("may throw before it returns a promise", async () => {
    const { session } = await sessionOf(() => {
      throw new Error("at once");
    });
    await expect(session.execute("Hi")).rejects.toThrow("at once");
  });

  it("cannot change the caller's prompt", async () => {
    const prompt: Prompt = [{ type: "text", text: "Hi" }];
    const { session } = await sessionOf(({ prompt: given }) => {
      expect(Object.isFrozen(given)).toBe(true);
      return Promise.resolve("");
    });
    await session.execute(prompt);
    expect(prompt).toEqual([{ type: "text", text: "Hi" }]);
    expect(Object.isFrozen(prompt)).toBe(false);
  });
});

describe("between two turns", () => {
  it("a request to stop is forgotten: the next turn runs", async () => {
    const states: string[] = [];
    const { session } = await sessionOf(({ coordinator }) => {
      states.push(coordinator?.cancellation.state ?? "none");
      session.cancel("graceful");
      states.push(coordinator?.cancellation.state ?? "none");
      return Promise.resolve("");
    });
    await session.execute("One");
    await session.execute("Two");
    expect(states).toEqual(["none", "graceful", "none", "graceful"]);
  });

  it("a request to stop has nothing to stop", async () => {
    const { session } = await sessionOf(() => Promise.resolve("done"));
    session.cancel();
    expect(session.coordinator.cancellation.state).toBe("none");
    expect(await session.execute("Hi")).toBe("done");
  });

  it("what is raised is delivered first in the next stream", async () => {
    const { session } = await sessionOf(() => Promise.resolve(""));
    const notice = { message: "news", level: "info", source: "test" } as const;
    await session.coordinator.hooks.emit("user:notification", notice);
    const types: string[] = [];
    for await (const event of session.stream("Hi")) types.push(event.type);
    expect(types).toEqual(["user:notification", "session:start", "prompt:complete"]);
  });
});
