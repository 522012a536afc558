/**
 * Several hooks at one event: what each of them says counts, whatever the others say, and the strictest wins.
 */
import { isDeepStrictEqual } from "node:util";
import type { HookResult, InlineHook, InterceptableEvent } from "amplifier-core";
import { describe, expect, test } from "vitest";
import { differenceAt, type Effect, MODIFIED } from "./hook-effects.ts";
import { asked, hookOn, INTERCEPTABLE, playHookTurn, turnWith } from "./hook-turn.ts";

type Data = Readonly<Record<string, unknown>>;

/** What hook number `n` does, by what it is called in the table. */
const ACTS = {
  modifies: (event: InterceptableEvent, data: Data) => ({ action: "modify", data: { ...data, ...MODIFIED[event] } }),
  "modifies too": (event: InterceptableEvent, data: Data) => {
    expect(data).toMatchObject(MODIFIED[event]);
    return { action: "modify", data };
  },
  "sees it": (event: InterceptableEvent, data: Data) => {
    expect(data).toMatchObject(MODIFIED[event]);
    return undefined;
  },
  denies: () => ({ action: "deny", reason: "no" }),
  "denies too": () => ({ action: "deny", reason: "never" }),
  injects: () => ({ action: "inject_context", context_injection: "kept", context_injection_role: "user" }),
  "injects once": () => ({ action: "inject_context", context_injection: "once", ephemeral: true }),
  asks: () => ({ action: "ask_user", approval_prompt: "May I?" }),
  "asks about what it sees": (event: InterceptableEvent, data: Data) => {
    const changed = Object.entries(MODIFIED[event]).every(([key, value]) => isDeepStrictEqual(data[key], value));
    return { action: "ask_user", approval_prompt: changed ? "May I, so changed?" : "May I?" };
  },
  "is never asked": () => {
    throw new Error("A hook was asked behind a denial.");
  },
} as const satisfies Record<string, (event: InterceptableEvent, data: Data) => HookResult | undefined>;

type Act = keyof typeof ACTS;

interface Together {
  /** The hooks, in the order they run; they are called h1, h2 ... */
  readonly hooks: readonly Act[];
  readonly replies?: readonly string[];
  readonly effect: Effect;
}

const KEPT = ['user: "kept"'];
const ONCE = ['system: "once"'];
const h = (n: number, ending: string): readonly string[] => asked(ending, { name: `h${n}` });
const USERS_NO = "User denied: May I?";

const TABLE: readonly Together[] = [
  { hooks: ["modifies", "denies"], effect: { modified: true, denied: "no" } },
  { hooks: ["denies", "is never asked"], effect: { denied: "no" } },
  { hooks: ["modifies", "sees it", "modifies too"], effect: { modified: true } },
  { hooks: ["modifies", "injects", "injects once"], effect: { modified: true, kept: KEPT, once: ONCE } },
  { hooks: ["injects once", "injects", "modifies"], effect: { modified: true, kept: KEPT, once: ONCE } },
  { hooks: ["injects", "injects once", "denies"], effect: { kept: KEPT, once: ONCE, denied: "no" } },
  {
    hooks: ["injects", "asks", "injects once"],
    replies: ["Allow"],
    effect: { questions: h(2, "granted Allow"), kept: KEPT, once: ONCE },
  },
  {
    hooks: ["asks", "injects", "modifies"],
    replies: ["Deny"],
    effect: { questions: h(1, "denied Deny"), kept: KEPT, modified: true, denied: USERS_NO },
  },
  {
    hooks: ["asks", "modifies", "sees it"],
    replies: ["Allow"],
    effect: { questions: h(1, "granted Allow"), modified: true },
  },
  {
    // What a person allows is what is done: whoever asked sees what others have made of it since.
    hooks: ["asks about what it sees", "modifies"],
    replies: ["Allow"],
    effect: { questions: asked("granted Allow", { name: "h1", prompt: "May I, so changed?" }), modified: true },
  },
  { hooks: ["asks", "denies"], effect: { denied: "no" } },
  {
    hooks: ["asks", "asks"],
    replies: ["Allow", "Allow once"],
    effect: { questions: [...h(1, "granted Allow"), ...h(2, "granted Allow once")] },
  },
  { hooks: ["asks", "asks"], replies: ["Deny"], effect: { questions: h(1, "denied Deny"), denied: USERS_NO } },
  {
    hooks: ["asks", "injects", "asks", "modifies"],
    replies: ["Allow", "no"],
    effect: {
      questions: [...h(1, "granted Allow"), ...h(3, "denied no")],
      kept: KEPT,
      modified: true,
      denied: USERS_NO,
    },
  },
];

describe.each(INTERCEPTABLE)("at %s", (event) => {
  test.each(TABLE.map((row) => [nameOf(row), row] as const))("%s", async (_name, { hooks, replies = [], effect }) => {
    // A request is made twice, and each is asked about.
    const isRepeated = event === "provider:request" && effect.denied === undefined;
    const { told } = await playHookTurn({
      hooks: hooks.map((act, n): InlineHook => hookOn(event, (data) => ACTS[act](event, data), { name: `h${n + 1}` })),
      replies: isRepeated ? [...replies, ...replies] : replies,
    });
    expect(told).toEqual(turnWith(differenceAt(event, effect)));
  });
});

function nameOf({ hooks, replies }: Together): string {
  return `one ${hooks.join(", one ")}${replies === undefined ? "" : `; the person says ${replies.join(", ")}`}`;
}
