/**
 * Hooks that fail at each event that asks them: a throw is skipped unless the hook is a policy, nonsense denies, and one
 * that hangs holds a turn up until its `timeout`, or a stop, and is named.
 */
import type { CancelMode, HookResult, InlineHook, InterceptableEvent } from "amplifier-core";
import { drainMicrotasks } from "amplifier-testkit";
import { describe, expect, test } from "vitest";
import { differenceAt } from "./hook-effects.ts";
import {
  asked,
  CALL,
  CALLED,
  hookOn,
  INTERCEPTABLE,
  messagesIn,
  playHookTurn,
  POST,
  PRE,
  RESULT,
  SAID,
  SUBMIT,
  type ToldTurn,
  turnWith,
} from "./hook-turn.ts";

type Lines = readonly string[];

const broken = (): never => {
  throw new Error("broken");
};
/** A payload that its event cannot take. */
const IMPOSSIBLE: Readonly<Record<InterceptableEvent, object>> = {
  "prompt:submit": { prompt: "" },
  "provider:request": { model: "" },
  "tool:pre": { tool_input: "Oslo" },
  "tool:post": { result: undefined },
};
const INVALID = 'Hook "hook" returned an invalid response';
const failedOn = (event: string): string => `Hook "hook" failed on "${event}": broken`;
const nonsenseOn = (event: string): string => `Hook "hook" answered "${event}" with something that is no hook result.`;

interface Failing {
  readonly act: (event: InterceptableEvent, data: object) => unknown;
  readonly policy?: true;
  /** What it is told of the hook. */
  readonly told: (event: string) => string;
  /** Why it is denied; absent where the turn goes on as if the hook were not there. */
  readonly denied?: (event: string) => string;
}

const FAILING: Readonly<Record<string, Failing>> = {
  throws: { act: broken, told: failedOn },
  rejects: { act: async () => broken(), told: failedOn },
  "is a policy and throws": { act: broken, policy: true, told: failedOn, denied: failedOn },
  "is a policy and rejects": { act: async () => broken(), policy: true, told: failedOn, denied: failedOn },
  "answers with no hook result": { act: () => "deny", told: nonsenseOn, denied: () => INVALID },
  "promises no hook result": { act: async () => ["deny"], told: nonsenseOn, denied: () => INVALID },
  "answers with an action that is none": { act: () => ({ action: "allow" }), told: nonsenseOn, denied: () => INVALID },
  "modifies and does not say how": { act: () => ({ action: "modify" }), told: nonsenseOn, denied: () => INVALID },
  "modifies into what its event cannot take": {
    act: (event, data) => ({ action: "modify", data: { ...data, ...IMPOSSIBLE[event] } }),
    told: nonsenseOn,
    denied: () => INVALID,
  },
};

describe.each(INTERCEPTABLE)("at %s a hook that", (event) => {
  test.each(Object.entries(FAILING))("%s", async (_name, { act, policy, told: tellsOf, denied }) => {
    const hook = hookOn(event, (data) => act(event, data) as HookResult, policy ? { on_error: "deny" } : {});
    // The hook behind it is asked all the same, unless the turn, or the call, is denied.
    const next = hookOn(
      event,
      () => {
        if (denied !== undefined) throw new Error("A hook was asked behind a denial.");
        return { action: "inject_context", context_injection: "next", ephemeral: true };
      },
      { name: "next" },
    );
    const expected = turnWith(
      differenceAt(event, denied === undefined ? { once: ['system: "next"'] } : { denied: denied(event) }),
    );
    const times = event === "provider:request" && denied === undefined ? 2 : 1;
    const warnings = Array.from({ length: times }, () => tellsOf(event));
    const { told, display } = await playHookTurn({
      hooks: [hook, next],
      warnings: warnings.map(() => /^Hook "hook"/u),
    });
    expect(told).toEqual(expected);
    expect(display.shown.map(({ message }) => message)).toEqual(warnings);
  });
});

/** How a turn ends while a hook, or the person it asks, does not answer. */
interface Ending {
  readonly questions?: readonly [Lines, Lines];
  readonly stop: CancelMode | "timeout";
  /** What was to be allowed was not. */
  readonly withheld: boolean;
}

const WITHHELD = "Withheld: the tool has run, and the turn was stopped before its result was allowed.";
const CANCELLED = "Cancelled: the turn was stopped before this call ran.";

const CALLING = [SUBMIT, SAID, "provider:request #1", ...CALL];

/** What is told up to the hook's event, and what comes of that event. `seen` is where the loop sees the stop. */
const STOPPED: Readonly<Record<InterceptableEvent, (ending: Ending, seen: Lines) => Lines>> = {
  "prompt:submit": ({ questions: [open, over] = [[], []], withheld }, seen) => [
    ...open,
    ...over,
    SUBMIT,
    ...(withheld ? [] : [SAID]),
    ...seen,
  ],
  "provider:request": ({ questions: [open, over] = [[], []] }, seen) => [
    SUBMIT,
    SAID,
    ...open,
    ...over,
    "provider:request #1",
    "provider:error #1 AbortError",
    ...seen,
  ],
  "tool:pre": ({ questions: [open, over] = [[], []] }, seen) => [
    ...CALLING,
    ...open,
    ...CALLED,
    ...over,
    ...seen,
    'tool:pre c1 cancelled {"zone":"Oslo"}',
    "tool:error c1 cancelled",
    `context:message tool(c1): "${CANCELLED}"`,
  ],
  "tool:post": ({ questions: [open, over] = [[], []], withheld }, seen) => [
    ...CALLING,
    PRE,
    ...open,
    ...CALLED,
    ...over,
    ...seen,
    ...(withheld
      ? [`tool:post c1 failed: ${WITHHELD}`, `context:message tool(c1): "Error: ${WITHHELD}"`]
      : [POST, RESULT]),
  ],
};

function stoppedTurn(event: InterceptableEvent, ending: Ending): ToldTurn {
  const isTimeout = ending.stop === "timeout";
  const hasAnswer = event.startsWith("tool:");
  const status = isTimeout ? "timeout" : "cancelled";
  const events = [
    "session:start",
    'execution:start "Go"',
    ...STOPPED[event](ending, isTimeout ? [] : [`cancel:requested ${ending.stop}`]),
    ...(isTimeout ? [] : [`cancel:completed ${ending.stop}`]),
    `execution:end ${status} ""${hasAnswer ? " tool_calls" : ""}${isTimeout ? " timeout AmplifierError" : ""}`,
    `orchestrator:complete ${status} turns=${event === "prompt:submit" ? 0 : 1}`,
    `prompt:complete ${status} ""`,
  ];
  return { events, conversation: messagesIn(events), requests: hasAnswer ? [['user: "Go"']] : [] };
}

const forever = (): Promise<never> => new Promise(() => undefined);
const UNANSWERED = 'Hook "hook" had not answered';

/** Lets the answer end, if it has begun, then stops the turn. */
const stopping =
  (mode: CancelMode) =>
  async (
    { session }: { readonly session: { cancel(mode: CancelMode): void } },
    end: { open(): void },
  ): Promise<void> => {
    end.open();
    await drainMicrotasks();
    session.cancel(mode);
  };

describe.each(INTERCEPTABLE)("at %s a hook that hangs", (event) => {
  // What a tool has done is told within a second; nothing else that a stop ends waits for its hooks.
  const graceMs = event === "tool:post" ? 1_000 : 0;

  describe.each([
    ["a hook", {}, false],
    ["a policy", { on_error: "deny" }, true],
  ] as const)("and is %s", (_name, fields: Partial<InlineHook>, withheld) => {
    test.each<CancelMode>(["graceful", "immediate"])("is left by a %s stop, and named", async (stop) => {
      const { told, tookMs, failure } = await playHookTurn({
        hooks: [hookOn(event, forever, fields)],
        warnings: [new RegExp(`^${UNANSWERED} "${event}" in time; it was skipped.$`, "u")],
        interfere: stopping(stop),
      });
      expect(told).toEqual(stoppedTurn(event, { stop, withheld }));
      expect([tookMs, failure]).toEqual([graceMs, undefined]);
    });

    test("is left at the turn's timeout, and named in the error", async () => {
      const { told, tookMs, failure } = await playHookTurn({
        hooks: [hookOn(event, forever, fields)],
        warnings: [new RegExp(`^${UNANSWERED} "${event}" in time; it was skipped.$`, "u")],
        config: { timeout: 5 },
        interfere: (_made, end) => end.open(),
      });
      expect(told).toEqual(stoppedTurn(event, { stop: "timeout", withheld }));
      expect(tookMs).toBe(5_000 + graceMs);
      expect(failure?.error).toMatchObject({
        code: "turn_timeout",
        message:
          'The turn was stopped by its limit "timeout" of 5 s; raise "timeout" in the config of loop-streaming ' +
          `to allow more. ${UNANSWERED} "${event}".`,
        data: { limit: "timeout", seconds: 5, hooks: [{ hook: "hook", event }] },
      });
    });
  });
});

describe.each(INTERCEPTABLE)("at %s a question that is open", (event) => {
  test.each<CancelMode>(["graceful", "immediate"])(
    "is withdrawn by a %s stop, and nobody has allowed it",
    async (stop) => {
      const { told, tookMs, failure, approvals } = await playHookTurn({
        hooks: [hookOn(event, () => ({ action: "ask_user", approval_prompt: "May I?", approval_default: "allow" }))],
        replies: [{ hangs: "deaf" }],
        interfere: stopping(stop),
      });
      const [required = "", denied = ""] = asked("denied no answer");
      expect(told).toEqual(stoppedTurn(event, { stop, withheld: true, questions: [[required], [denied]] }));
      expect([tookMs, failure, approvals?.questions[0]?.signal.aborted]).toEqual([0, undefined, true]);
    },
  );
});
