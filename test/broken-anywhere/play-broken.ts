/**
 * Owns one turn whose answer breaks, and what has to hold of it: the consumer gets the whole text once, each call runs once,
 * what is stored is what was shown, and the API takes the next prompt.
 */
import {
  type Clock,
  type ContentBlock,
  createSession,
  defineTool,
  type Event,
  MemoryEventLog,
  type ModuleConfig,
  type Provider,
  textOf,
} from "amplifier-core";
import { createLoopConfig, StreamingOrchestrator } from "amplifier-module-loop-streaming";
import { ArrayContext, assertInvariants, checkConversation, readLog, recordTurn } from "amplifier-testkit";
import { expect } from "vitest";
import { NEXT, NEXT_PROMPT, PROMPT, resultOf, type Speech, wholeText } from "./truthful-model.ts";

/** How a turn is set up. */
export interface BrokenTurn {
  readonly provider: Provider;
  readonly speech: Speech;
  readonly clock: Clock;
  readonly config: ModuleConfig;
}

/** Plays the turn and the one behind it, and judges both. Resolves with the ids of the calls that ran. */
export async function playBroken({ provider, speech, clock, config }: BrokenTurn): Promise<readonly string[]> {
  const runs: { readonly path: string; readonly id: string }[] = [];
  const context = new ArrayContext();
  const log = new MemoryEventLog();
  const orchestrator = new StreamingOrchestrator(createLoopConfig({ retry: { base_delay: 0 }, ...config }));
  const plan = { session: { orchestrator, context }, providers: [provider], tools: [saver(runs)] };
  const session = await createSession(plan, { clock, log });
  const { events, failure } = await recordTurn(session, PROMPT);
  expect(failure?.error).toBeUndefined();
  const shown = shownText(events);
  expect(shown.filter(endsInHalf)).toEqual([]);
  expect(shown.join("")).toBe(wholeText(speech));
  expect(runs.map(({ path }) => path)).toEqual(speech.paths);
  expect(cutCalls(events).filter((id) => runs.some((run) => run.id === id))).toEqual([]);
  const stored = await context.getMessages();
  expect(checkConversation(stored)).toEqual([]);
  const answers = stored.filter(({ role }) => role === "assistant");
  expect(answers.map(({ content }) => textOf(content)).join("")).toBe(wholeText(speech));
  expect(answers.flatMap(({ content }) => content as readonly ContentBlock[]).filter(isCutText)).toEqual([]);
  expect(session.lastTurn).toMatchObject({ status: "success", text: textOf(answers.at(-1)?.content ?? "") });
  expect(await session.execute(NEXT_PROMPT)).toBe(NEXT);
  assertInvariants(await readLog(log), { source: "log" });
  return runs.map(({ id }) => id);
}

function saver(runs: { readonly path: string; readonly id: string }[]) {
  return defineTool({
    name: "save",
    description: "Saves a file",
    // Nothing is required, so that a call without its arguments would run.
    inputSchema: { type: "object", properties: { path: { type: "string" } } },
    execute: ({ path = "nothing" }, { callId }) => {
      runs.push({ path, id: callId });
      return resultOf(path);
    },
  });
}

function isCutText({ type, interrupted }: ContentBlock): boolean {
  return type === "text" && interrupted === true;
}

function shownText(events: readonly Event[]): readonly string[] {
  return events.flatMap(({ type, data }) =>
    type === "content_block:delta" && data.block_type === "text" ? [data.delta] : [],
  );
}

/** Whether a delta ends with the first half of a character. */
function endsInHalf(delta: string): boolean {
  return /[\ud800-\udbff]$/.test(delta);
}

function cutCalls(events: readonly Event[]): readonly string[] {
  return events.flatMap(({ type, data }) =>
    type === "content_block:end" && data.interrupted === true && data.block.type === "tool_call" ? [data.block.id] : [],
  );
}
