/**
 * Owns the contract suite of the orchestrator port: what a session relies on in any `Orchestrator`, driven by a scripted
 * model through a real session. This file has the rules of plain turns; tools, hooks and stops are in the files beside it.
 */
import { gate } from "../gate.ts";
import { fails, text, toolCall } from "../provider/answer-part.ts";
import { answer } from "../provider/answer.ts";
import { ended, inSession, type OrchestratorSubject, type TurnSubject } from "./contract-session.ts";
import { type ContractTest, contractTests, type Rules } from "./contract-test.ts";
import { demand, demandEqual } from "./demand.ts";
import { ALONE } from "./orchestrator-alone-rules.ts";
import { HOOKS } from "./orchestrator-hook-rules.ts";
import { STOPS } from "./orchestrator-stop-rules.ts";
import { clockTool, TOOLS } from "./orchestrator-tool-rules.ts";

/** The rules of the orchestrator port for one orchestrator. */
export function orchestratorContract(subject: OrchestratorSubject): readonly ContractTest[] {
  return contractTests(subject, { ...TURNS, ...TOOLS, ...HOOKS, ...STOPS, ...ALONE });
}

const HELLO = { role: "assistant", content: [{ type: "text", text: "Hello." }] } as const;

const TURNS: Rules<TurnSubject> = {
  "answers a prompt, and stores both": (subject) =>
    inSession(subject, { script: [text("Hel", "lo.")] }, async ({ session, turn, requests, conversation }) => {
      const { failure } = await turn("Hi");
      demandEqual([session.lastTurn?.text, session.lastTurn?.status, failure], ["Hello.", "success", undefined], {
        what: "text, status and failure of a plain turn",
        advice: "Report both in execution:end.",
      });
      demandEqual(requests(), [[{ role: "user", content: "Hi" }]], {
        what: "the request",
        advice: "Store the prompt first, then ask the context for the messages.",
      });
      demandEqual(await conversation(), [{ role: "user", content: "Hi" }, HELLO], {
        what: "the conversation behind the turn",
        advice: "Store the answer's blocks as one assistant message.",
      });
    }),

  "opens a turn with execution:start and prompt:submit, and closes it with execution:end and orchestrator:complete": (
    subject,
  ) =>
    inSession(subject, { script: [text("Hello.")] }, async ({ turn }) => {
      const types = (await turn("Hi")).events.filter(({ turn_id }) => turn_id !== null).map(({ type }) => type);
      demandEqual(
        [...types.slice(0, 2), ...types.slice(-2)],
        ["execution:start", "prompt:submit", "execution:end", "orchestrator:complete"],
        { what: "the first and the last two events of the turn", advice: "Raise them yourself, on every way out." },
      );
    }),

  "shows the text that it stores": (subject) =>
    inSession(subject, { script: [text("Hel", "lo.")] }, async ({ turn }) => {
      const shown = (await turn("Hi")).events.map((event) =>
        event.type === "content_block:delta" ? event.data.delta : "",
      );
      const advice = "Raise content_block:start, :delta and :end for every block of an answer.";
      demandEqual(shown.join(""), "Hello.", { what: "the text of all deltas", advice });
    }),

  "puts the system prompt in front of every request and stores it never": (subject) =>
    inSession(
      subject,
      { script: [toolCall("c1", "clock", { zone: "Oslo" }), text("Noon.")], system: "Be terse.", tools: [clockTool()] },
      async ({ turn, requests, conversation }) => {
        await turn("Time?");
        const first = requests().map(([message]) => message);
        const system = { role: "system", content: "Be terse." };
        demandEqual(first, [system, system], {
          what: "the first message of both requests",
          advice: "Put input.system in front of what the context gives, each time.",
        });
        const stored = (await conversation()).filter(({ role }) => role === "system");
        demandEqual(stored, [], { what: "the system messages stored", advice: "It belongs to the request." });
      },
    ),

  "hands the model the conversation of earlier turns": (subject) =>
    inSession(subject, { script: [text("Hello."), text("Yes.")] }, async ({ turn, requests }) => {
      await turn("Hi");
      await turn("Still there?");
      const wanted = [{ role: "user", content: "Hi" }, HELLO, { role: "user", content: "Still there?" }];
      demandEqual(requests()[1], wanted, { what: "the second turn's request", advice: "Ask the context for it." });
    }),

  "rejects with the provider's own error, behind the closing events, and takes the next prompt": async (subject) => {
    const error = new Error("The model is gone.");
    await inSession(subject, { script: [fails(error), text("Hello.")] }, async ({ session, turn }) => {
      const { failure } = await turn("Hi");
      demand(failure?.error === error, {
        expected: "the very error that the provider threw",
        seen: failure?.error,
        advice: "Throw it as it is, behind execution:end and orchestrator:complete: its type says what to do.",
      });
      demandEqual(session.lastTurn?.status, "error", { what: "the status", advice: "Report it in execution:end." });
      await turn("Again");
      demandEqual(session.lastTurn?.text, "Hello.", { what: "the next turn's text", advice: "Leave no state behind." });
    });
  },

  "runs several sessions at once without mixing them": async (subject) => {
    const orchestrator = await subject.create();
    const held = gate();
    const script = [answer(text("First."), held)];
    await inSession(subject, { script, orchestrator }, async (first) => {
      const running = first.turn("One");
      await ended(subject, held.reached);
      await inSession(subject, { script: [text("Second.")], orchestrator }, async (second) => {
        await second.turn("Two");
        demandEqual(second.session.lastTurn?.text, "Second.", {
          what: "the second session's text",
          advice: IN_THE_TURN,
        });
      });
      held.open();
      await running;
      demandEqual(first.session.lastTurn?.text, "First.", { what: "the first session's text", advice: IN_THE_TURN });
    });
  },
};

const IN_THE_TURN = "Keep the state of a turn in the turn, never on the orchestrator.";
