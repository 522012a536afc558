/**
 * Owns the rules of hooks in a turn: what a handler decides is carried out, for the prompt, the request, the call and its result.
 */
import type { EventType, HookResult, InlineHook } from "amplifier-core";
import { text, toolCall } from "../provider/answer-part.ts";
import { inSession, type TurnSubject } from "./contract-session.ts";
import type { Rules } from "./contract-test.ts";
import { demand, demandEqual } from "./demand.ts";
import { clockTool, resultsIn } from "./orchestrator-tool-rules.ts";

const DENY: HookResult = { action: "deny", reason: "Not today." };
const SCRIPT = [toolCall("c1", "clock", { zone: "Oslo" }), text("Done.")] as const;

/** What handlers may change in a turn. */
export const HOOKS: Rules<TurnSubject> = {
  "asks no model when the prompt is denied": (subject) => denied(subject, "prompt:submit"),

  "asks no model when the request is denied": (subject) => denied(subject, "provider:request"),

  "does not run a call that is denied, and tells the model why": async (subject) => {
    const ran: unknown[] = [];
    const hooks = [{ "tool:pre": () => DENY }];
    await inSession(subject, { script: SCRIPT, tools: [clockTool(ran)], hooks }, async (opened) => {
      await opened.turn("Time?");
      demandEqual([ran, opened.session.lastTurn?.text], [[], "Done."], {
        what: "the inputs run, and the turn's text",
        advice: "Act on the decision of tool:pre: deny means that the call is not run, and the turn goes on.",
      });
      const told = JSON.stringify(resultsIn(opened));
      demand(told.includes("Not today."), {
        expected: "the reason in what the model is told",
        seen: told,
        advice: "Store a result that says that the call was denied, and why.",
      });
    });
  },

  "runs a call with the input that a hook made of it": async (subject) => {
    const ran: unknown[] = [];
    const hooks: readonly InlineHook["events"][] = [
      { "tool:pre": (_, data) => ({ action: "modify", data: { ...data, tool_input: { zone: "Rome" } } }) },
    ];
    await inSession(subject, { script: SCRIPT, tools: [clockTool(ran)], hooks }, async (opened) => {
      await opened.turn("Time?");
      const pre = (await opened.log()).find((event) => event.type === "tool:pre");
      demandEqual([ran, pre?.data.tool_input], [[{ zone: "Rome" }], { zone: "Rome" }], {
        what: "the inputs run, and the input in the log",
        advice: "Use the data of the decision, not the data you raised.",
      });
    });
  },

  "runs a call that a hook asks about only with the person's yes": async (subject) => {
    const ran: unknown[] = [];
    const script = [SCRIPT[0], toolCall("c2", "clock", { zone: "Rome" }), text("Done.")];
    const hooks: readonly InlineHook["events"][] = [{ "tool:pre": () => ({ action: "ask_user" }) }];
    const replies = ["Deny", "Allow"];
    await inSession(subject, { script, tools: [clockTool(ran)], hooks, replies }, async ({ session, turn }) => {
      const { events } = await turn("Time?");
      demandEqual([ran, session.lastTurn?.text], [[{ zone: "Rome" }], "Done."], {
        what: "the inputs run, and the turn's text",
        advice: "Carry the decision out with coordinator.processDecision before the call runs: it asks the person.",
      });
      const asked = events.map(({ type }) => type).filter((type) => type.startsWith("approval:"));
      const wanted = ["approval:required", "approval:denied", "approval:required", "approval:granted"];
      demandEqual(asked, wanted, {
        what: "the approval events",
        advice: "processDecision raises them; ask once a call.",
      });
    });
  },

  "hands on the result that a hook made of it": async (subject) => {
    const hooks: readonly InlineHook["events"][] = [
      {
        "tool:post": (_, data) => ({ action: "modify", data: { ...data, result: { success: true, output: "Late." } } }),
      },
    ];
    await inSession(subject, { script: SCRIPT, tools: [clockTool()], hooks }, async (opened) => {
      await opened.turn("Time?");
      demandEqual(resultsIn(opened), [{ role: "tool", content: "Late.", tool_call_id: "c1" }], {
        what: "what the model is told",
        advice: "Use the data of tool:post's decision.",
      });
    });
  },

  "withholds a result that is denied": (subject) =>
    inSession(
      subject,
      { script: SCRIPT, tools: [clockTool()], hooks: [{ "tool:post": () => DENY }] },
      async (opened) => {
        await opened.turn("Time?");
        const told = JSON.stringify(resultsIn(opened));
        demand(!told.includes("12:00") && told !== "[]", {
          expected: "a result without what the tool gave",
          seen: told,
          advice: "Act on the decision of tool:post: deny withholds the result.",
        });
      },
    ),

  "puts ephemeral text into one request, and stored text into the conversation": (subject) => {
    let asked = 0;
    const inject = (): HookResult => ({
      action: "inject_context",
      context_injections: [
        { content: "Only now.", role: "user", ephemeral: true },
        { content: "For good.", role: "user" },
      ],
    });
    const hooks = [{ "provider:request": () => (asked++ === 0 ? inject() : undefined) }];
    return inSession(subject, { script: SCRIPT, tools: [clockTool()], hooks }, async (opened) => {
      await opened.turn("Time?");
      const has = (said: unknown): readonly boolean[] =>
        ["Only now.", "For good."].map((part) => JSON.stringify(said).includes(part));
      const seen = [...opened.requests(), await opened.conversation()].map(has);
      demandEqual(
        seen,
        [
          [true, true],
          [false, true],
          [false, true],
        ],
        {
          what: "ephemeral and stored text in the first request, the second, and the conversation",
          advice: "Carry out decisions with coordinator.processDecision; what it leaves is for the next request only.",
        },
      );
    });
  },

  "goes on when a hook throws": (subject) => {
    const hooks = [
      {
        "execution:start": broken,
        "prompt:submit": broken,
        "provider:request": broken,
        "tool:pre": broken,
        "tool:post": broken,
        "execution:end": broken,
      },
    ];
    return inSession(subject, { script: SCRIPT, tools: [clockTool()], hooks }, async ({ session, turn }) => {
      await turn("Time?");
      const advice = "Raise events through input.hooks only; it skips handlers that fail.";
      demandEqual(session.lastTurn?.text, "Done.", { what: "the turn's text", advice });
    });
  },
};

function broken(): never {
  throw new Error("The hook is broken.");
}

function denied(subject: TurnSubject, event: Extract<EventType, "prompt:submit" | "provider:request">): Promise<void> {
  return inSession(subject, { script: [], hooks: [{ [event]: () => DENY }] }, async ({ session, turn, provider }) => {
    await turn("Hi");
    demandEqual([provider.calls.length, session.lastTurn?.status], [0, "denied"], {
      what: "the model calls and the status",
      advice: `Act on the decision of ${event}: deny ends the turn with status denied.`,
    });
  });
}
