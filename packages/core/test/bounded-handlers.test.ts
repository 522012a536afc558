/**
 * A handler that never answers holds up nobody for ever: around a turn, around a question, and when a hook breaks a limit.
 */
import { createSession, type InlineHook, type Orchestrator, type SessionOptions } from "amplifier-core";
import {
  ArrayContext,
  drainMicrotasks,
  FakeClock,
  RecordingDisplay,
  ScriptedApprovals,
  ScriptedProvider,
} from "amplifier-testkit";
import { describe, expect, it } from "vitest";

const never = (): Promise<never> => new Promise(() => undefined);

/** A loop that has its hooks decide about the prompt, and says "done". */
const orchestrator: Orchestrator = {
  execute: async ({ hooks, coordinator, prompt }) => {
    const signal = coordinator?.cancellation.signal ?? new AbortController().signal;
    const decision = await hooks.emit("prompt:submit", { prompt });
    await coordinator?.processDecision(decision, "prompt:submit", { signal });
    return "done";
  },
};

async function sessionWith(hooks: readonly InlineHook[], options: SessionOptions = {}, limit?: number) {
  const clock = new FakeClock();
  const display = new RecordingDisplay([/had not answered/u, /injection_size_limit/u]);
  const session = await createSession(
    {
      session: {
        orchestrator,
        context: new ArrayContext(),
        ...(limit === undefined ? {} : { injection_size_limit: limit }),
      },
      providers: [new ScriptedProvider([])],
      hooks,
    },
    { clock, display, ...options },
  );
  return { session, clock, display };
}

describe("a handler that never answers", () => {
  it.each(["session:start", "prompt:complete"] as const)(
    "%s is skipped after a minute, and the turn goes on",
    async (type) => {
      const { session, clock, display } = await sessionWith([{ name: "stuck", events: { [type]: never } }]);
      const turn = session.execute("Hi");
      await clock.advance(60_000);
      expect(await turn).toBe("done");
      expect(display.shown.map(({ message }) => message)).toEqual([
        `Hook "stuck" had not answered "${type}" in time; it was skipped.`,
      ]);
      await session.close();
      clock.assertIdle();
    },
  );

  it("approval:required is skipped after ten seconds, and the question is asked", async () => {
    const approvals = new ScriptedApprovals(["Allow"]);
    const hooks: InlineHook[] = [
      { name: "asker", events: { "prompt:submit": () => ({ action: "ask_user" }) } },
      { name: "stuck", events: { "approval:required": never } },
    ];
    const { session, clock } = await sessionWith(hooks, { approvals });
    const turn = session.execute("Hi");
    await clock.advance(10_000);
    expect(await turn).toBe("done");
    approvals.assertDone();
  });

  it("policy:violation does not outlive a stop", async () => {
    const hooks: InlineHook[] = [
      {
        name: "wordy",
        events: { "prompt:submit": () => ({ action: "inject_context", context_injection: "too long" }) },
      },
      { name: "stuck", events: { "policy:violation": never } },
    ];
    const { session } = await sessionWith(hooks, {}, 3);
    const turn = session.execute("Hi");
    await drainMicrotasks();
    session.cancel();
    expect(await turn).toBe("done");
    await session.close();
  });
});

it("what a handler says to the person is shown at every event", async () => {
  const says = (): object => ({ user_message: "Look here." });
  const events = { "session:start": says, "prompt:submit": says, "prompt:complete": says };
  const display = new RecordingDisplay();
  const { session } = await sessionWith([{ name: "talker", events }], { display });
  await session.execute("Hi");
  expect(display.shown.map(({ message, source }) => `${source}: ${message}`)).toEqual([
    "hook:talker: Look here.",
    "hook:talker: Look here.",
    "hook:talker: Look here.",
  ]);
});

it.each<readonly [string, object, RegExp]>([
  [
    "a handler that is none",
    { events: { "tool:pre": "deny" } },
    /the handler of "tool:pre" of hook "policy" is no function/u,
  ],
  ["an event that is none", { events: { "tool:Pre": () => undefined } }, /"tool:Pre" is no name of one/u],
  ["a key in another spelling", { events: {}, onError: "deny" }, /"onError" is no key of hook "policy"; known are/u],
  ["an on_error there is none of", { events: {}, on_error: "Deny" }, /on_error of hook "policy" is "Deny"/u],
])("a hook with %s is refused: a policy with a typo would allow everything", async (_what, fields, message) => {
  await expect(sessionWith([{ name: "policy", ...fields } as InlineHook])).rejects.toThrow(message);
});

it("a stop that came from a parent is not forgotten by the child's next turn", async () => {
  const { session } = await sessionWith([]);
  const { session: parent } = await sessionWith([]);
  parent.coordinator.cancellation.requestImmediate();
  parent.coordinator.cancellation.registerChild(session.coordinator.cancellation);
  await session.execute("Hi");
  expect(session.coordinator.cancellation.state).toBe("immediate");
  parent.coordinator.cancellation.unregisterChild(session.coordinator.cancellation);
  await session.execute("Hi");
  expect(session.coordinator.cancellation.state).toBe("none");
});
