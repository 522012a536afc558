/**
 * Owns the rules of decisions: what each answer of a handler means, which one wins, and that nothing of the others is lost.
 */
import type { HookResult } from "amplifier-core";
import type { HookSubject } from "./hook-registry-contract.ts";
import type { Rules } from "./contract-test.ts";
import { demandEqual } from "./demand.ts";
import { answers, demandDecision, emitting, PAYLOAD, raise } from "./raise.ts";
import { resolved } from "./demand.ts";
import { gate } from "../gate.ts";

/** Without one of its fields: a payload is replaced, not merged. What names the call stays. */
const CHANGED = {
  tool_name: PAYLOAD.tool_name,
  tool_call_id: PAYLOAD.tool_call_id,
  parallel_group_id: PAYLOAD.parallel_group_id,
  tool_input: { path: "b.txt" },
};

const MODIFY: HookResult = { action: "modify", data: CHANGED };
const INJECT: HookResult = { action: "inject_context", context_injection: "Mind the gap." };
const ASK: HookResult = { action: "ask_user", approval_prompt: "May it?" };
const DENY: HookResult = { action: "deny", reason: "Because." };

const INJECTION = {
  content: "Mind the gap.",
  role: "system",
  ephemeral: false,
  append_to_last_tool_result: false,
  hook_name: "inject",
  event: "tool:pre",
} as const;
const QUESTION = {
  hook_name: "ask",
  prompt: "May it?",
  options: ["Allow", "Deny"],
  timeout: 300,
  default: "deny",
} as const;

/** What each answer means, and which one wins. */
export const DECIDING: Rules<HookSubject> = {
  "goes on when handlers have nothing to say": async ({ create, ...subject }) => {
    const hooks = await create();
    for (const answer of [undefined, {}, { action: "continue" }, Promise.resolve(undefined)]) answers(hooks, answer);
    demandDecision(await raise(hooks, subject), {}, "Nothing, and an answer without an action, mean continue.");
  },

  "asks handlers one after the other": async ({ create, ...subject }) => {
    const hooks = await create();
    const held = gate();
    const ran: string[] = [];
    hooks.register("tool:pre", async () => {
      ran.push("first begins");
      await held.pass();
      ran.push("first ends");
    });
    hooks.register("tool:pre", () => void ran.push("second"));
    const raised = raise(hooks, subject);
    await resolved(held.reached, emitting(subject.timeoutMs));
    held.open();
    await raised;
    demandEqual(ran, ["first begins", "first ends", "second"], {
      what: "the order of two handlers",
      advice: "Await each handler before you ask the next: it sees what the one before made of the payload.",
    });
  },

  "takes a modified payload whole, and shows it to the next handler": async ({ create, ...subject }) => {
    const hooks = await create();
    const seen: unknown[] = [];
    answers(hooks, MODIFY);
    hooks.register("tool:pre", (_, { tool_input }) => void seen.push(tool_input));
    const decision = await raise(hooks, subject);
    demandEqual(seen, [{ path: "b.txt" }], { what: "what the next handler sees", advice: "Pass the new payload on." });
    demandDecision(decision, { data: CHANGED, modified: true }, "Replace the payload by `data`, do not merge it.");
  },

  "keeps the fields for handlers out of a payload that one of them spreads": async ({ create, ...subject }) => {
    const hooks = await create();
    hooks.register("tool:pre", (_, data) => ({ action: "modify", data: { ...data, tool_input: { path: "b.txt" } } }));
    const decision = await raise(hooks, subject);
    const spread = { ...PAYLOAD, tool_input: { path: "b.txt" } };
    demandDecision(decision, { data: spread, modified: true }, "Take session_id, parent_id and timestamp out again.");
  },

  "stops at the first denial, and says whose it is": async ({ create, ...subject }) => {
    const hooks = await create();
    const ran: string[] = [];
    answers(hooks, DENY, "guard");
    hooks.register("tool:pre", () => void ran.push("later"));
    const wanted = { action: "deny", reason: "Because.", hook_name: "guard" } as const;
    demandDecision(
      await raise(hooks, subject),
      wanted,
      "Give reason and hook_name: the model and the person are told.",
    );
    demandEqual(ran, [], { what: "handlers asked behind a denial", advice: "A denial is final; ask nobody else." });
  },

  "keeps the questions of all handlers, with upstream's defaults": async ({ create, ...subject }) => {
    const hooks = await create();
    const own = { prompt: "Now?", options: ["Now", "Later"], timeout: 5, default: "allow" } as const;
    answers(hooks, ASK, "ask");
    answers(
      hooks,
      {
        action: "ask_user",
        approval_prompt: own.prompt,
        approval_options: own.options,
        approval_timeout: own.timeout,
        approval_default: own.default,
      },
      "second",
    );
    const questions = [QUESTION, { hook_name: "second", ...own }];
    const wanted = { action: "ask_user", questions, hook_name: "ask" } as const;
    const advice = 'Keep them in order; the defaults are Allow and Deny, 300 seconds, and "deny".';
    demandDecision(await raise(hooks, subject), wanted, advice);
  },

  "collects the injections of all handlers, each with its own role and life": async ({ create, ...subject }) => {
    const hooks = await create();
    answers(hooks, INJECT, "inject");
    answers(hooks, { action: "inject_context", context_injection: "" });
    const context_injections = [{ content: "One.", role: "user", ephemeral: true }, { content: "Two." }] as const;
    answers(hooks, { action: "inject_context", context_injections }, "list");
    const listed = { ...INJECTION, hook_name: "list" };
    const injections = [
      INJECTION,
      { ...listed, content: "One.", role: "user", ephemeral: true } as const,
      { ...listed, content: "Two." },
    ];
    const advice = "Keep them apart and in order; an empty text is none, and the role is system by default.";
    demandDecision(await raise(hooks, subject), { action: "inject_context", injections }, advice);
  },

  "hands on what handlers want people to see, whatever their action is": async ({ create, ...subject }) => {
    const hooks = await create();
    answers(hooks, { user_message: "Fine." }, "calm");
    answers(
      hooks,
      { ...DENY, user_message: "Stop!", user_message_level: "warning", user_message_source: "law" },
      "guard",
    );
    const messages = [
      { message: "Fine.", level: "info", source: "hook:calm" },
      { message: "Stop!", level: "warning", source: "hook:law" },
    ] as const;
    demandDecision(await raise(hooks, subject), { action: "deny", messages }, "Give every user_message, in order.");
  },

  "decides deny over ask_user over inject_context over modify, and loses nothing of the others": async (subject) => {
    const all = { modify: MODIFY, inject: INJECT, ask: ASK };
    const kept = { data: CHANGED, modified: true, injections: [INJECTION] };
    const advice = "Modified data, injections and messages survive whichever action wins.";
    for (const names of [
      ["modify", "inject", "ask"],
      ["ask", "inject", "modify"],
    ] as const) {
      const hooks = await subject.create();
      for (const name of names) answers(hooks, all[name], name);
      demandDecision(await raise(hooks, subject), { ...kept, action: "ask_user", questions: [QUESTION] }, advice);
      answers(hooks, DENY, "guard");
      demandDecision(await raise(hooks, subject), { ...kept, action: "deny", reason: "Because." }, advice);
    }
  },

  "ignores actions where the event cannot be changed": async ({ create, timeoutMs }) => {
    const hooks = await create();
    const data = { message: "Hello.", level: "info", source: "test" } as const;
    for (const answer of [MODIFY, INJECT, ASK, DENY]) hooks.register("user:notification", () => answer);
    const { action, modified, injections } = await resolved(hooks.emit("user:notification", data), emitting(timeoutMs));
    demandEqual(
      { action, modified, injections },
      { action: "continue", modified: false, injections: [] },
      {
        what: "the decision on user:notification",
        advice: "Only prompt:submit, provider:request, tool:pre and tool:post can be denied, modified or asked about.",
      },
    );
  },
};
