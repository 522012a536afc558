/**
 * Events that ask nobody: whatever a hook answers there is ignored and reported, and the turn is the same as without it.
 */
import { type Event, type EventType, type HookResult, type InlineHook, LLMError } from "amplifier-core";
import {
  answer,
  drainMicrotasks,
  fails,
  gate,
  normalizeEvents,
  readLog,
  ScriptedProvider,
  toolCall,
} from "amplifier-testkit";
import { describe, expect, test } from "vitest";
import { type LoopSession, loopSession } from "./loop-session.ts";
import { richSession, stopRichTurn } from "./rich-turn.ts";
import { tool } from "./test-tools.ts";

/** Every event of the loop that honours no action, and those of the session and of raw deltas besides. */
const IGNORING: readonly EventType[] = [
  "session:start",
  "execution:start",
  "context:message",
  "provider:response",
  "provider:retry",
  "provider:fallback",
  "provider:error",
  "orchestrator:rate_limit_delay",
  "llm:request",
  "llm:response",
  "llm:stream_block_start",
  "llm:stream_block_delta",
  "llm:stream_block_end",
  "llm:stream_aborted",
  "content_block:start",
  "content_block:delta",
  "content_block:end",
  "tool:error",
  "tool:progress",
  "tool:late_result",
  "approval:required",
  "approval:granted",
  "approval:denied",
  "orchestrator:steering_injected",
  "orchestrator:steering_returned",
  "cancel:requested",
  "cancel:completed",
  "execution:end",
  "orchestrator:complete",
  "prompt:complete",
  "session:end",
];

interface Ignored {
  readonly act: (data: object) => HookResult;
  /** What is told of it. */
  readonly told: (event: string) => string;
}

const withoutEffect = (result: HookResult): Ignored => ({
  act: () => result,
  told: (event) => `Hook "hook" answered "${event}" with "${result.action}", which has no effect there.`,
});

const IGNORED: Readonly<Record<string, Ignored>> = {
  deny: withoutEffect({ action: "deny", reason: "no" }),
  modify: {
    ...withoutEffect({ action: "modify" }),
    act: (data) => ({ action: "modify", data: { ...data, changed: true } }),
  },
  inject_context: withoutEffect({ action: "inject_context", context_injection: "never" }),
  ask_user: withoutEffect({ action: "ask_user", approval_prompt: "Never?" }),
  nonsense: {
    act: () => "deny" as HookResult,
    told: (event) => `Hook "hook" answered "${event}" with something that is no hook result.`,
  },
  "the throw of a policy": {
    act: () => {
      throw new Error("broken");
    },
    told: (event) => `Hook "hook" failed on "${event}": broken`,
  },
};

/** A hook on each of the events, and how often each was raised. */
function everywhere(act: (data: object) => HookResult | undefined): { hook: InlineHook; raised: EventType[] } {
  const raised: EventType[] = [];
  const handler = (event: EventType, data: object): HookResult | undefined => {
    raised.push(event);
    return act(data);
  };
  return {
    hook: { name: "hook", on_error: "deny", events: Object.fromEntries(IGNORING.map((event) => [event, handler])) },
    raised,
  };
}

/** Everything there is of a session that is over. */
async function all({ session, context, log, display, provider }: LoopSession) {
  const conversation = await context.getMessages();
  await session.close();
  const events: readonly Event[] = await readLog(log);
  const shown = display.shown.map(({ message }) => message);
  for (const _ of shown) display.expect(/^Hook "hook" /u);
  // Ids of steers are random.
  const told = normalizeEvents(events).map(({ type, data }) =>
    type.startsWith("orchestrator:steering") ? { type, data: { ...data, id: "steer" } } : { type, data },
  );
  return { events: told, conversation, requests: provider.requests, shown };
}

/** A turn in which a model call is retried, breaks, is continued, and is wrapped up; a tool is denied, another one fails. */
async function recovering(hook: InlineHook) {
  const made = await richSession({}, [hook]);
  await stopRichTurn(made, { at: Infinity, way: "immediate", place: "publication" });
  return all(made);
}

/** A turn whose provider is replaced, with questions and progress, that is stopped while a tool listens to nobody. */
async function stopped(hook: InlineHook) {
  const late = gate();
  const calls = ["yes", "no", "busy", "deaf"].map((name) => toolCall(name, name));
  const second = new ScriptedProvider([answer(...calls)], { name: "second" });
  const asking: InlineHook = {
    name: "asking",
    events: {
      "tool:pre": (_event, { tool_name: name }) =>
        name === "yes" || name === "no" ? { action: "ask_user", approval_prompt: `${name}?` } : undefined,
    },
  };
  const made = await loopSession({
    script: [fails(new LLMError("AuthenticationError", "no key"))],
    others: [second],
    tools: [
      tool("yes", () => Promise.resolve("ok")),
      tool("no", () => Promise.reject(new Error("This tool must not run."))),
      tool("busy", (_input, { progress }) => Promise.resolve(progress(1))),
      tool("deaf", () => late.pass().then(() => "late")),
    ],
    hooks: [asking, hook],
    replies: ["Allow", "Deny"],
    config: { min_delay_between_calls_ms: 100, max_parallel_tools: 1 },
  });
  const turn = made.session.execute("Go");
  await made.clock.advance(100);
  made.session.steer("Hurry");
  made.session.cancel("immediate");
  await made.clock.advance(30);
  await turn;
  late.open();
  await drainMicrotasks();
  return all(made);
}

describe.each([
  ["recovers", recovering],
  ["is stopped", stopped],
] as const)("in a turn that %s", (_name, play) => {
  test.each(Object.entries(IGNORED))(
    "%s is ignored and reported at every event that asks nobody",
    async (_action, { act, told }) => {
      const expected = await play(everywhere(() => undefined).hook);
      expect(expected.shown).toEqual([]);
      const { hook, raised } = everywhere(act);
      expect(await play(hook)).toEqual({ ...expected, shown: raised.map(told) });
    },
  );
});

test("no event of the loop that asks nobody is forgotten here", async () => {
  const { hook, raised } = everywhere(() => undefined);
  const events = [...(await recovering(hook)).events, ...(await stopped(hook)).events];
  const asking = ["prompt:submit", "provider:request", "tool:pre", "tool:post"];
  const seen = [...raised, ...events.map(({ type }) => type)].filter((type) => !asking.includes(type));
  expect([...new Set(seen)].toSorted()).toEqual(IGNORING.toSorted());
});
