/**
 * Owns the rules of tools in a turn: what they return reaches the model, in the order of the calls, and nothing that goes
 * wrong with one of them ends the turn.
 */
import type { Tool } from "amplifier-core";
import { drainMicrotasks } from "../drain-microtasks.ts";
import { text, toolCall } from "../provider/answer-part.ts";
import { answer } from "../provider/answer.ts";
import { type ContractSession, inSession, type SaidMessage, type TurnSubject } from "./contract-session.ts";
import type { Rules } from "./contract-test.ts";
import { demand, demandEqual } from "./demand.ts";

/** A tool that tells the time in the zone it needs. `calls` gets each input it ran with. */
export function clockTool(
  calls: unknown[] = [],
  tell = async (zone: string): Promise<unknown> => `12:00 in ${zone}`,
): Tool {
  return {
    name: "clock",
    description: "The time in a zone",
    inputSchema: { type: "object", properties: { zone: { type: "string" } }, required: ["zone"] },
    execute: (input) => {
      calls.push(input);
      return tell((input as { readonly zone: string }).zone);
    },
  };
}

/** What the model was told of the calls in the request that came last. */
export function resultsIn({ requests }: ContractSession): readonly SaidMessage[] {
  return (requests().at(-1) ?? []).filter(({ role }) => role === "tool");
}

const DONE = text("Done.");

/** What becomes of the calls of an answer. */
export const TOOLS: Rules<TurnSubject> = {
  "runs the tools of an answer and hands their results on in the order of the calls": async (subject) => {
    const ran: unknown[] = [];
    const slow = clockTool(ran, async (zone) => {
      for (let n = 0; n < (zone === "Oslo" ? 10 : 0); n++) await drainMicrotasks();
      return `12:00 in ${zone}`;
    });
    const calls = [toolCall("c1", "clock", { zone: "Oslo" }), toolCall("c2", "clock", { zone: "Rome" })];
    await inSession(subject, { script: [answer(...calls), DONE], tools: [slow] }, async (opened) => {
      await opened.turn("Time?");
      demandEqual(ran, [{ zone: "Oslo" }, { zone: "Rome" }], { what: "the inputs run", advice: "Run each call once." });
      const request = opened.requests()[1]?.slice(1);
      const wanted = [
        { role: "assistant", content: calls.map(({ block }) => block) },
        { role: "tool", content: "12:00 in Oslo", tool_call_id: "c1" },
        { role: "tool", content: "12:00 in Rome", tool_call_id: "c2" },
      ];
      demandEqual(request, wanted, {
        what: "what the model is told behind its calls",
        advice: "Store the results in the order of the calls, whichever came first, as the tool gave them.",
      });
    });
  },

  "goes on until an answer calls no tool, and counts its model calls": (subject) => {
    const script = [1, 2, 3].map((n) => toolCall(`c${n}`, "clock", { zone: `Zone ${n}` }));
    return inSession(subject, { script: [...script, DONE], tools: [clockTool()] }, async ({ session, turn }) => {
      const { events } = await turn("Time?");
      const complete = events.find((event) => event.type === "orchestrator:complete");
      demandEqual([session.lastTurn?.text, complete?.data.turn_count], ["Done.", 4], {
        what: "the text and the turn_count",
        advice: "Ask the model again with the results; count each iteration.",
      });
    });
  },

  "tells the model that a tool does not exist": async (subject) => {
    await toldOfFailure(subject, { call: toolCall("c1", "calendar"), tool: clockTool(), what: "an unknown tool" });
  },

  "tells the model that its input is invalid, and does not run it": async (subject) => {
    const ran: unknown[] = [];
    await toldOfFailure(subject, { call: toolCall("c1", "clock", {}), tool: clockTool(ran), what: "invalid input" });
    demandEqual(ran, [], { what: "the inputs run", advice: "Check the input with checkValue before any hook or run." });
  },

  "tells the model that a tool threw, and why": async (subject) => {
    const tool = clockTool([], () => Promise.reject(new Error("The clock has stopped.")));
    const told = await toldOfFailure(subject, { call: CALL, tool, what: "a tool that throws" });
    demand(told.includes("The clock has stopped."), {
      expected: "the error's message in what the model is told",
      seen: told,
      advice: "A throw is a failed result: toToolResult(error).",
    });
  },

  "tells the model that a tool's result is no JSON": async (subject) => {
    const tool = clockTool([], () => Promise.resolve(() => "noon"));
    await toldOfFailure(subject, { call: CALL, tool, what: "a result that is no JSON" });
  },
};

const CALL = toolCall("c1", "clock", { zone: "Oslo" });

/** Runs a turn whose call fails; gives what the model was told. @throws Error when the turn does not go on as if nothing was */
async function toldOfFailure(
  subject: TurnSubject,
  { call, tool, what }: { readonly call: typeof CALL; readonly tool: Tool; readonly what: string },
): Promise<string> {
  let told = "";
  await inSession(subject, { script: [call, DONE], tools: [tool] }, async (opened) => {
    const { failure } = await opened.turn("Time?");
    demandEqual([opened.session.lastTurn?.status, failure], ["success", undefined], {
      what: `status and failure of a turn with ${what}`,
      advice: "Nothing a tool does ends a turn: the model is told, and goes on.",
    });
    const [result] = resultsIn(opened);
    told = typeof result?.content === "string" ? result.content : JSON.stringify(result?.content ?? "");
    demand(result?.tool_call_id === "c1" && told !== "" && told !== '""', {
      expected: `a result for the call of ${what}`,
      seen: result,
      advice: "Store a tool message that says what went wrong.",
    });
    const failed = (await opened.log()).some(
      ({ type, data }) => type === "tool:error" || (type === "tool:post" && !data.result.success),
    );
    demand(failed, {
      expected: "a tool:error, or a tool:post without success",
      seen: failed,
      advice: "Tell those who watch as well.",
    });
  });
  return told;
}
