/**
 * What a hook may do, at each event that asks hooks: every action, by one hook, in one table. Several hooks at one event
 * are `hook-actions-together`'s, hooks that fail `hook-actions-failing`'s.
 */
import type { HookResult, InjectionRole, InterceptableEvent } from "amplifier-core";
import { describe, expect, test } from "vitest";
import { MODIFIED } from "./hook-effects.ts";
import {
  asked,
  type Difference,
  type HookTurn,
  hookOn,
  INTERCEPTABLE,
  messagesIn,
  playHookTurn,
  POST,
  PRE,
  RESULT,
  SAID,
  SUBMIT,
  turnWith,
} from "./hook-turn.ts";

type Data = Readonly<Record<string, unknown>>;

const inject = (fields: HookResult): HookResult => ({
  action: "inject_context",
  context_injection: "noted",
  ...fields,
});
const as = (context_injection_role: InjectionRole, ephemeral = false): HookResult =>
  inject({ context_injection_role, ephemeral });
const ASK: HookResult = { action: "ask_user", approval_prompt: "May I?", approval_timeout: 60 };

/** What the hook answers, by the action's name. */
const ACTIONS = {
  continue: () => ({ action: "continue" }),
  deny: () => ({ action: "deny", reason: "no" }),
  modify: (event, data) => ({ action: "modify", data: { ...data, ...MODIFIED[event] } }),
  "inject as system": () => as("system"),
  "inject as user": () => as("user"),
  "inject as assistant": () => as("assistant"),
  "inject ephemeral as system": () => as("system", true),
  "inject ephemeral as user": () => as("user", true),
  "inject ephemeral as assistant": () => as("assistant", true),
  "append to the last result": () => inject({ ephemeral: true, append_to_last_tool_result: true }),
  "append to the last result for good": () => inject({ append_to_last_tool_result: true }),
  "inject several": () => ({
    action: "inject_context",
    context_injections: [
      { content: "kept", role: "user" },
      { content: "once", ephemeral: true },
      { content: "tail", ephemeral: true, append_to_last_tool_result: true },
      { content: "noted" },
    ],
  }),
  "ask, Allow": () => ASK,
  "ask, Allow once": () => ASK,
  "ask, Allow always": () => ASK,
  "ask, Deny": () => ASK,
  "ask, no answer, deny by default": () => ASK,
  "ask, no answer, allow by default": () => ({ ...ASK, approval_default: "allow" }),
  "ask, nobody there": () => ASK,
} satisfies Readonly<Record<string, (event: InterceptableEvent, data: Data) => HookResult>>;

type Action = keyof typeof ACTIONS;
const ACTION_NAMES = Object.keys(ACTIONS) as readonly Action[];

/** What the person does, where one is asked so many times. */
function personFor(action: Action, times: number): Partial<HookTurn> {
  if (action === "ask, nobody there") return { replies: null };
  const [, reply] = /^ask, (.*)$/u.exec(action) ?? [];
  if (reply === undefined) return {};
  const silent = reply.startsWith("no answer");
  const replies = Array.from({ length: times }, () => (silent ? ({ hangs: "until_withdrawn" } as const) : reply));
  return { replies, ...(silent ? { waitMs: 60_000 } : {}) };
}

const GRANTED = asked("granted Allow");
const UNANSWERED = asked("denied no answer");
const TIMED_OUT = "Approval timeout - denied by default: May I?";
const NOBODY = "No approval system available";

const REQUEST = (n: number): string => `provider:request #${n}`;
const said = (...messages: readonly string[]): readonly string[] => messages.map((each) => `context:message ${each}`);

/** Text of a prompt's hook that is kept enters in front of the prompt, that of a request's hook in front of its answer. */
const beforePrompt = (...messages: readonly string[]): Difference => ({ prompt: [SUBMIT, ...said(...messages), SAID] });
const beforeAnswer = (...messages: readonly string[]): Difference => ({
  request: (n) => [REQUEST(n), ...said(...messages)],
});
/** Text of a tool's hook that is kept enters behind the results. */
const behindResults = (...messages: readonly string[]): Difference => ({ results: [RESULT, ...said(...messages)] });
/** What the assistant is made to say may not stand last. */
const answered = (only: readonly number[], difference: Difference): Difference => ({
  ...difference,
  sent: (n, conversation) => [
    ...(difference.sent?.(n, conversation) ?? conversation),
    ...(only.includes(n) ? ['user: "Go on."'] : []),
  ],
});
/** Text for one request stands at its end. */
const endOf = (only: readonly number[], ...messages: readonly string[]): Difference => ({
  sent: (n, conversation) => (only.includes(n) ? [...conversation, ...messages] : conversation),
});
/** The last result with text behind it; a request without one has it as a message. */
const inResult =
  (appended: string): NonNullable<Difference["sent"]> =>
  (_n, conversation) =>
    conversation.map((line) => (line.startsWith("tool(c1)") ? `${line.slice(0, -1)}\\n\\n${appended}"` : line));

const FIRST = [1];
const SECOND = [2];
const BOTH = [1, 2];

const notRun = (content: string): Pick<Difference, "call" | "results"> => ({
  call: ['tool:pre c1 denied {"zone":"Oslo"}', "tool:error c1 denied"],
  results: said(`tool(c1): "Denied: ${content}"`),
});
const withheld = (content: string): Pick<Difference, "call" | "results"> => ({
  call: [PRE, `tool:post c1 failed: Denied: ${content}`],
  results: said(`tool(c1): "Error: Denied: ${content}"`),
});
/** The same, behind what was told of a question. */
const after = (lines: readonly string[], { call = [], ...rest }: Difference, at: number): Difference => ({
  ...rest,
  call: call.toSpliced(at, 0, ...lines),
});

/** What each action makes different, at each event. */
const MATRIX: Readonly<Record<InterceptableEvent, Readonly<Record<Action, Difference>>>> = {
  "prompt:submit": {
    continue: {},
    deny: { prompt: [SUBMIT], denied: { at: "prompt", reason: "no" } },
    modify: { prompt: ['prompt:submit "Come"', ...said('user: "Come"')] },
    "inject as system": beforePrompt('system: "noted"'),
    "inject as user": beforePrompt('user: "noted"'),
    "inject as assistant": beforePrompt('assistant: "noted"'),
    "inject ephemeral as system": endOf(FIRST, 'system: "noted"'),
    "inject ephemeral as user": endOf(FIRST, 'user: "noted"'),
    "inject ephemeral as assistant": answered(FIRST, endOf(FIRST, 'assistant: "noted"')),
    "append to the last result": endOf(FIRST, 'system: "noted"'),
    "append to the last result for good": beforePrompt('system: "noted"'),
    "inject several": {
      ...beforePrompt('user: "kept"', 'system: "noted"'),
      ...endOf(FIRST, 'system: "once"', 'system: "tail"'),
    },
    "ask, Allow": { prompt: [...GRANTED, SUBMIT, SAID] },
    "ask, Allow once": { prompt: [...asked("granted Allow once"), SUBMIT, SAID] },
    "ask, Allow always": { prompt: [...asked("granted Allow always"), SUBMIT, SAID] },
    "ask, Deny": {
      prompt: [...asked("denied Deny"), SUBMIT],
      denied: { at: "prompt", reason: "User denied: May I?" },
    },
    "ask, no answer, deny by default": {
      prompt: [...UNANSWERED, SUBMIT],
      denied: { at: "prompt", reason: TIMED_OUT },
    },
    "ask, no answer, allow by default": { prompt: [...GRANTED, SUBMIT, SAID] },
    "ask, nobody there": { prompt: [...UNANSWERED, SUBMIT], denied: { at: "prompt", reason: NOBODY } },
  },
  "provider:request": {
    continue: {},
    deny: { denied: { at: "request", reason: "no" } },
    modify: { sent: (_n, conversation) => ["model other", ...conversation] },
    "inject as system": beforeAnswer('system: "noted"'),
    "inject as user": beforeAnswer('user: "noted"'),
    "inject as assistant": answered(BOTH, beforeAnswer('assistant: "noted"')),
    "inject ephemeral as system": endOf(BOTH, 'system: "noted"'),
    "inject ephemeral as user": endOf(BOTH, 'user: "noted"'),
    "inject ephemeral as assistant": answered(BOTH, endOf(BOTH, 'assistant: "noted"')),
    "append to the last result": {
      sent: (n, conversation) => (n === 1 ? [...conversation, 'system: "noted"'] : inResult("noted")(n, conversation)),
    },
    "append to the last result for good": beforeAnswer('system: "noted"'),
    "inject several": {
      ...beforeAnswer('user: "kept"', 'system: "noted"'),
      ...endOf(BOTH, 'system: "once"', 'system: "tail"'),
    },
    "ask, Allow": { request: (n) => [...GRANTED, REQUEST(n)] },
    "ask, Allow once": { request: (n) => [...asked("granted Allow once"), REQUEST(n)] },
    "ask, Allow always": { request: (n) => [...asked("granted Allow always"), REQUEST(n)] },
    "ask, Deny": {
      request: (n) => [...asked("denied Deny"), REQUEST(n)],
      denied: { at: "request", reason: "User denied: May I?" },
    },
    "ask, no answer, deny by default": {
      request: (n) => [...UNANSWERED, REQUEST(n)],
      denied: { at: "request", reason: TIMED_OUT },
    },
    "ask, no answer, allow by default": { request: (n) => [...GRANTED, REQUEST(n)] },
    "ask, nobody there": {
      request: (n) => [...UNANSWERED, REQUEST(n)],
      denied: { at: "request", reason: NOBODY },
    },
  },
  "tool:pre": {
    continue: {},
    deny: notRun("no"),
    modify: {
      call: ['tool:pre c1 run {"zone":"Rome"}', 'tool:post c1 "12:00 in Rome"'],
      results: said('tool(c1): "12:00 in Rome"'),
    },
    "inject as system": behindResults('system: "noted"'),
    "inject as user": behindResults('user: "noted"'),
    "inject as assistant": answered(SECOND, behindResults('assistant: "noted"')),
    "inject ephemeral as system": endOf(SECOND, 'system: "noted"'),
    "inject ephemeral as user": endOf(SECOND, 'user: "noted"'),
    "inject ephemeral as assistant": answered(SECOND, endOf(SECOND, 'assistant: "noted"')),
    "append to the last result": { sent: inResult("noted") },
    "append to the last result for good": behindResults('system: "noted"'),
    "inject several": {
      ...behindResults('user: "kept"', 'system: "noted"'),
      ...endOf(SECOND, 'system: "once"', 'system: "tail"'),
    },
    "ask, Allow": { call: [...GRANTED, PRE, POST] },
    "ask, Allow once": { call: [...asked("granted Allow once"), PRE, POST] },
    "ask, Allow always": { call: [...asked("granted Allow always"), PRE, POST] },
    "ask, Deny": after(asked("denied Deny"), notRun("User denied: May I?"), 0),
    "ask, no answer, deny by default": after(UNANSWERED, notRun(TIMED_OUT), 0),
    "ask, no answer, allow by default": { call: [...GRANTED, PRE, POST] },
    "ask, nobody there": after(UNANSWERED, notRun(NOBODY), 0),
  },
  "tool:post": {
    continue: {},
    deny: withheld("no"),
    modify: { call: [PRE, 'tool:post c1 "redacted"'], results: said('tool(c1): "redacted"') },
    "inject as system": behindResults('system: "noted"'),
    "inject as user": behindResults('user: "noted"'),
    "inject as assistant": answered(SECOND, behindResults('assistant: "noted"')),
    "inject ephemeral as system": endOf(SECOND, 'system: "noted"'),
    "inject ephemeral as user": endOf(SECOND, 'user: "noted"'),
    "inject ephemeral as assistant": answered(SECOND, endOf(SECOND, 'assistant: "noted"')),
    "append to the last result": { sent: inResult("noted") },
    "append to the last result for good": behindResults('system: "noted"'),
    "inject several": {
      ...behindResults('user: "kept"', 'system: "noted"'),
      ...endOf(SECOND, 'system: "once"', 'system: "tail"'),
    },
    "ask, Allow": { call: [PRE, ...GRANTED, POST] },
    "ask, Allow once": { call: [PRE, ...asked("granted Allow once"), POST] },
    "ask, Allow always": { call: [PRE, ...asked("granted Allow always"), POST] },
    "ask, Deny": after(asked("denied Deny"), withheld("User denied: May I?"), 1),
    "ask, no answer, deny by default": after(UNANSWERED, withheld(TIMED_OUT), 1),
    "ask, no answer, allow by default": { call: [PRE, ...GRANTED, POST] },
    "ask, nobody there": after(UNANSWERED, withheld(NOBODY), 1),
  },
};

const cells = INTERCEPTABLE.flatMap((event) => ACTION_NAMES.map((action) => [event, action] as const));

describe("an action of a hook", () => {
  test("is told of each event, and none is forgotten", () => {
    expect(Object.keys(MATRIX)).toEqual(INTERCEPTABLE);
    for (const event of INTERCEPTABLE) expect(Object.keys(MATRIX[event])).toEqual(ACTION_NAMES);
    expect(cells).toHaveLength(4 * 19);
  });

  test.each(cells)("at %s: %s", async (event, action) => {
    const difference = MATRIX[event][action];
    const expected = turnWith(difference);
    const times = expected.events.filter((line) => line.startsWith("approval:required")).length;
    const { told, approvals } = await playHookTurn({
      hooks: [hookOn(event, (data) => ACTIONS[action](event, data))],
      ...personFor(action, times),
    });
    expect(told).toEqual(expected);
    const asked = { prompt: "May I?", options: ["Allow", "Deny"], timeoutMs: 60_000 };
    for (const question of approvals?.questions ?? []) expect(question).toMatchObject(asked);
  });
});

test("a request behind tool results may be denied as well: what came stays, and the turn is denied", async () => {
  const { told } = await playHookTurn({
    hooks: [
      hookOn("provider:request", ({ iteration }) =>
        iteration === 2 ? { action: "deny", reason: "budget" } : undefined,
      ),
    ],
  });
  const events = turnWith({}).events;
  const kept = events.slice(0, events.indexOf("provider:request #2") + 1);
  const response = '"Operation denied: budget"';
  expect(told.events).toEqual([
    ...kept,
    `execution:end denied ${response}`,
    "orchestrator:complete denied turns=2",
    `prompt:complete denied ${response}`,
  ]);
  expect(told.conversation).toEqual(messagesIn(kept));
  expect(told.requests).toEqual([['user: "Go"']]);
});
