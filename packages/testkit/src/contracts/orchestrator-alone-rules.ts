/**
 * Owns the rules of an orchestrator without a session: the call works with what the port requires and nothing more, and its
 * own stream, where it has one, is the same turn.
 */
import {
  EventPublisher,
  type Event,
  type Orchestrator,
  SessionHooks,
  systemClock,
  type TurnInput,
} from "amplifier-core";
import { drainMicrotasks } from "../drain-microtasks.ts";
import { assertInvariants } from "../invariants/check-invariants.ts";
import { hangs, text, toolCall } from "../provider/answer-part.ts";
import { type Answer, answer } from "../provider/answer.ts";
import { ScriptedProvider } from "../provider/scripted-provider.ts";
import { ArrayContext } from "../session/array-context.ts";
import { normalizeEvents } from "../session/outline-events.ts";
import { ended, type TurnSubject } from "./contract-session.ts";
import type { Rules } from "./contract-test.ts";
import { demand, demandEqual, resolved } from "./demand.ts";
import { clockTool } from "./orchestrator-tool-rules.ts";

const SCRIPT = [
  answer(text("Wait."), toolCall("c1", "clock", { zone: "Oslo" })),
  answer(text("It is ", "noon.")),
] as const;

/** A turn without a coordinator, and by the orchestrator's own stream. */
export const ALONE: Rules<TurnSubject> = {
  "needs no coordinator, and resolves with the last answer's text": async (subject) => {
    const orchestrator = await subject.create();
    const { input, provider } = alone(SCRIPT);
    const said = await resolved(orchestrator.execute(input), {
      what: "execute to resolve without a coordinator",
      timeoutMs: subject.timeoutMs,
      advice: "The coordinator is optional; do without what it offers.",
    });
    demandEqual(said, "It is noon.", {
      what: "what execute resolves with",
      advice: "Resolve with the text of the last answer, not of all of them.",
    });
    provider.assertDone();
  },

  "gives the same turn by its own stream, if it has one": async (subject) => {
    const orchestrator = await subject.create();
    if (orchestrator.stream === undefined) return;
    const [executed, streamed] = [alone(SCRIPT), alone(SCRIPT)];
    await ended(subject, orchestrator.execute(executed.input));
    const events = await ended(subject, drained(orchestrator.stream(streamed.input)));
    assertInvariants(events, { source: "orchestrator" });
    const seen = [whole(events), await streamed.input.context.getMessages()];
    demandEqual(seen, [whole(executed.events), await executed.input.context.getMessages()], {
      what: "events and conversation of stream, beside those of execute,",
      advice: "Write one way: execute is the same turn as stream, drained.",
    });
  },

  "runs nothing before its stream's first step": async (subject) => {
    const orchestrator = await subject.create();
    const { input, provider, events } = alone(SCRIPT);
    orchestrator.stream?.(input);
    await drainMicrotasks();
    demandEqual([events, provider.calls.length], [[], 0], {
      what: "the events and model calls of a stream that nobody reads",
      advice: "Begin the turn in the first next().",
    });
  },

  "has closed the turn when its stream is left": async (subject) => {
    const orchestrator = await subject.create();
    if (orchestrator.stream === undefined) return;
    const { input, provider, events } = alone([answer(text("Once upon"), hangs())]);
    await ended(subject, leftAtText(orchestrator, input));
    demandEqual(events.at(-1)?.type, "orchestrator:complete", {
      what: "the type of the last event of a stream that was left",
      advice: "return() stops the turn at once, and resolves behind the closing events.",
    });
    demand(provider.calls[0]?.over === true, {
      expected: "the model's answer to be left as well",
      seen: "an answer under way",
      advice: "Abort the provider's signal and return() its stream.",
    });
  },
};

interface Alone {
  readonly input: TurnInput;
  readonly provider: ScriptedProvider;
  /** What was published so far. */
  readonly events: readonly Event[];
}

function alone(script: readonly Answer[]): Alone {
  const provider = new ScriptedProvider(script);
  const publisher = new EventPublisher({ log: null, sessionId: "contract", clock: systemClock });
  const hooks = new SessionHooks({ publisher, clock: systemClock, report: () => undefined });
  const events: Event[] = [];
  hooks.attach({ push: (event) => void events.push(event), room: () => undefined });
  const input = {
    prompt: "What time is it?",
    context: new ArrayContext(),
    providers: new Map([[provider.name, provider]]),
    tools: new Map([["clock", clockTool()]]),
    hooks,
  };
  return { input, provider, events };
}

/** The events without deltas: in how many of them a text is shown may depend on time. */
function whole(events: readonly Event[]): readonly unknown[] {
  return normalizeEvents(events).filter(({ type }) => type !== "content_block:delta");
}

async function drained(stream: AsyncIterable<Event>): Promise<readonly Event[]> {
  const events: Event[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

async function leftAtText(orchestrator: Orchestrator, input: TurnInput): Promise<void> {
  for await (const { type } of orchestrator.stream?.(input) ?? []) if (type === "content_block:delta") return;
}
