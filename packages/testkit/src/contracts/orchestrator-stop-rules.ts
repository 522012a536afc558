/**
 * Owns the rules of stopping: a turn ends at once, with its closing events, what came is kept, and the next prompt works.
 */
import type { Event, Tool } from "amplifier-core";
import { gate } from "../gate.ts";
import { hangs, text, toolCall, unfinished } from "../provider/answer-part.ts";
import { answer } from "../provider/answer.ts";
import { type ContractSession, ended, inSession, type TurnSubject } from "./contract-session.ts";
import type { Rules } from "./contract-test.ts";
import { demand, demandEqual } from "./demand.ts";
import { clockTool } from "./orchestrator-tool-rules.ts";

/** It stops in the middle of a block, or behind one. */
const IN_A_BLOCK = [answer(unfinished(text("Once upon")), hangs()), text("Hello.")];
const BEHIND_A_BLOCK = [answer(text("Once upon"), hangs()), text("Hello.")];

/** Ways to stop a turn, and what each leaves behind. */
export const STOPS: Rules<TurnSubject> = {
  "ends normally when it is cancelled in the middle of an answer, and keeps what came": (subject) =>
    inSession(subject, { script: IN_A_BLOCK }, async (opened) => {
      const { session } = opened;
      const { failure } = await opened.turn("Tell", { onEvent: whenTextCame(() => session.cancel()) });
      demandEqual([session.lastTurn?.status, failure], ["cancelled", undefined], {
        what: "status and failure of a cancelled turn",
        advice: "Listen to coordinator.cancellation.signal; a cancelled turn is no error.",
      });
      await demandKept(opened);
    }),

  "rejects when its caller's signal is aborted, behind the closing events": (subject) =>
    inSession(subject, { script: IN_A_BLOCK }, async (opened) => {
      const stop = new AbortController();
      const options = { signal: stop.signal, onEvent: whenTextCame(() => stop.abort()) };
      const { failure, events } = await opened.turn("Tell", options);
      demand(failure !== undefined && events.some(({ type }) => type === "orchestrator:complete"), {
        expected: "the closing events, then a throw",
        seen: [failure?.error, events.map(({ type }) => type)],
        advice: "Listen to input.signal, close the turn, and throw.",
      });
      await demandKept(opened);
    }),

  "stops when its reader leaves, and has closed the turn by then": (subject) =>
    inSession(subject, { script: BEHIND_A_BLOCK }, async (opened) => {
      await ended(subject, leaveAtText(opened.session.stream("Tell")));
      const types = (await opened.log()).filter(({ turn_id }) => turn_id !== null).map(({ type }) => type);
      demandEqual(types.slice(-2), ["execution:end", "orchestrator:complete"], {
        what: "the last events of a turn that was left",
        advice: "Leaving is an immediate stop: the closing events come before return() resolves.",
      });
      await demandKept(opened);
    }),

  "lets running tools finish when it is cancelled gracefully, and asks the model no more": async (subject) => {
    const held = gate();
    const slow = clockTool([], async (zone) => {
      await held.pass();
      return `12:00 in ${zone}`;
    });
    const script = [toolCall("c1", "clock", { zone: "Oslo" }), text("Hello.")];
    await inSession(subject, { script, tools: [slow] }, async (opened) => {
      const running = opened.turn("Time?");
      await ended(subject, held.reached);
      opened.session.cancel("graceful");
      held.open();
      const { failure } = await running;
      demandEqual(
        [opened.session.lastTurn?.status, failure, opened.provider.calls.length],
        ["cancelled", undefined, 1],
        {
          what: "status, failure and model calls of a turn cancelled gracefully",
          advice: "Stop before the next model call; the tools listen to cancellation.immediateSignal.",
        },
      );
      const result = (await opened.conversation()).find(({ role }) => role === "tool");
      demandEqual(result?.content, "12:00 in Oslo", {
        what: "the result of the tool that was running",
        advice: "Wait for running tools after a graceful request, and keep what they give.",
      });
      await demandNextTurn(opened);
    });
  },

  "aborts a running tool, and keeps the results of those that are done": async (subject) => {
    const held = gate();
    let told = false;
    const wait = async ({ signal }: { readonly signal: AbortSignal }): Promise<void> => {
      signal.addEventListener("abort", () => {
        told = true;
      });
      await held.pass(signal);
    };
    const slow: Tool = { ...clockTool(), name: "slow", execute: (_, context) => wait(context) };
    const calls = answer(toolCall("c1", "clock", { zone: "Oslo" }), toolCall("c2", "slow", { zone: "Rome" }));
    await inSession(subject, { script: [calls, text("Hello.")], tools: [clockTool(), slow] }, async (opened) => {
      const running = opened.turn("Time?");
      await ended(subject, held.reached);
      opened.session.cancel();
      await running;
      const results = (await opened.conversation()).filter(({ role }) => role === "tool");
      demandEqual(
        [results[0], results.map(({ tool_call_id }) => tool_call_id)],
        [{ role: "tool", content: "12:00 in Oslo", tool_call_id: "c1" }, ["c1", "c2"]],
        {
          what: "the stored results",
          advice: "Keep what is done; give each call that was stopped a result that says so.",
        },
      );
      const advice = "Give each tool a signal that a stop aborts.";
      demandEqual(told, true, { what: "whether the running tool was told to stop", advice });
      await demandNextTurn(opened);
    });
  },
};

async function demandKept(opened: ContractSession): Promise<void> {
  const kept = (await opened.conversation()).filter(({ role }) => role === "assistant");
  demand(JSON.stringify(kept).includes("Once upon"), {
    expected: "the text that had come in the stored conversation",
    seen: kept,
    advice: "Store the partial answer, its open block marked interrupted: true.",
  });
  demandEqual(opened.provider.calls[0]?.over, true, {
    what: "whether the model's answer was left",
    advice: "Abort the provider's signal and return() its stream: one that has just given something hears no signal.",
  });
  await demandNextTurn(opened);
}

async function demandNextTurn({ session, turn }: ContractSession): Promise<void> {
  await turn("Go on");
  demandEqual([session.lastTurn?.text, session.lastTurn?.status], ["Hello.", "success"], {
    what: "text and status of the next turn",
    advice: "Leave no state of a turn behind.",
  });
}

function whenTextCame(run: () => void): (event: Event) => void {
  return ({ type }) => {
    if (type === "content_block:delta") run();
  };
}

async function leaveAtText(events: AsyncIterable<Event>): Promise<void> {
  for await (const { type } of events) if (type === "content_block:delta") return;
}
