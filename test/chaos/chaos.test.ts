/**
 * The whole loop over real sockets, against models that fail in every way their servers know. All chance is from a seed,
 * which every failure names. AMPLIFIER_CHAOS_SEED repeats a run, AMPLIFIER_CHAOS_TURNS makes it longer.
 */
import { createSession, defineTool, type EventLog, MemoryEventLog, type Session } from "amplifier-core";
import * as loopStreaming from "amplifier-module-loop-streaming";
import * as contextSimple from "amplifier-modules/context-simple";
import * as anthropic from "amplifier-providers/anthropic";
import * as openai from "amplifier-providers/openai";
import { assertInvariants, readLog } from "amplifier-testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { AIMOCK_FAULTS, startAimock } from "./aimock-model.ts";
import { type ChaosPlan, planChaos, type PlannedTurn } from "./chaos-plan.ts";
import { fastClock } from "./fast-clock.ts";
import { judge, type Outcome, playTurn } from "./run-chaos.ts";
import { startStrict, STRICT_FAULTS } from "./strict-model.ts";

const SEED = Number(process.env["AMPLIFIER_CHAOS_SEED"] ?? Date.now() % 1_000_000);
/** Of each run. */
const TURNS = Number(process.env["AMPLIFIER_CHAOS_TURNS"] ?? 40);
/** Turns of one conversation. */
const SESSION_TURNS = 10;
const SPEED = 50;

const MESSAGES = { wire: "messages", provider: "provider-anthropic", path: "" } as const;
const WIRES = [
  { wire: "chat", provider: "provider-openai", path: "/v1", model: "gpt-4.1", effort: null, thinks: true },
  // It goes on with an answer that it is shown.
  { ...MESSAGES, model: "claude-sonnet-4-5", effort: null, thinks: false },
  // So it does not when it thinks; and a round of tools must begin with its thinking.
  { ...MESSAGES, model: "claude-sonnet-4-5", effort: "low", thinks: true },
  // It never does.
  { ...MESSAGES, model: "claude-opus-4-6", effort: "low", thinks: true },
] as const;
type Wire = (typeof WIRES)[number];

const SERVERS = [
  { server: "aimock", faults: AIMOCK_FAULTS, start: startAimock },
  { server: "the strict servers", faults: STRICT_FAULTS, start: startStrict },
] as const;

const RUNS = SERVERS.flatMap((server) => WIRES.map((wire) => ({ ...server, ...wire }))).map((run, index) => ({
  ...run,
  seed: SEED + index,
}));

/** The sources: found on disk, modules would be those that were built last. */
const MODULES: Readonly<Record<string, unknown>> = {
  "loop-streaming": loopStreaming,
  "context-simple": contextSimple,
  "provider-openai": openai,
  "provider-anthropic": anthropic,
};

interface Opened {
  readonly session: Session;
  readonly log: EventLog;
}

async function openSession(origin: string, { provider, path, model, effort }: Wire, calls: unknown[]): Promise<Opened> {
  const look = defineTool({
    name: "look",
    description: "Looks something up",
    inputSchema: {
      type: "object",
      properties: { line: { type: "integer" }, note: { type: "string" } },
      required: ["line", "note"],
    },
    execute: (input) => {
      calls.push(input);
      return "It is so.";
    },
  });
  const log = new MemoryEventLog();
  const session = await createSession(
    {
      session: {
        orchestrator: {
          module: "loop-streaming",
          config: { buffer_size: 1, ...(effort === null ? {} : { reasoning_effort: effort }) },
        },
      },
      providers: [{ module: provider, config: { base_url: origin + path, api_key: "test", model } }],
      tools: [look],
    },
    { clock: fastClock(SPEED), log, findModule: ({ id }) => Promise.resolve(MODULES[id]) },
  );
  onTestFinished(() => session.close());
  return { session, log };
}

/** No call ran with arguments that had not come whole. */
function expectWholeCalls(plan: ChaosPlan, calls: readonly unknown[]): void {
  for (const input of calls) {
    const { line } = input as { line: number };
    expect(input).toEqual({ line, note: plan.lines.get(line)?.call?.note });
  }
}

function judgeTurn(
  plan: ChaosPlan,
  seed: number,
  played: { readonly turn: PlannedTurn; readonly outcome: Outcome },
): void {
  const { turn, outcome } = played;
  try {
    judge(plan, turn, outcome);
  } catch (error) {
    const { messages, summary } = outcome;
    const what = JSON.stringify({ seed, ...turn, summary, messages });
    throw new Error(`${what} ${String(outcome.error)}`, { cause: error });
  }
}

describe.each(RUNS)("$server, $wire, $model, effort $effort", (run) => {
  it(`${TURNS} turns end, and none is silently short (seed ${run.seed})`, { timeout: 120_000 }, async () => {
    const plan = planChaos({ seed: run.seed, turns: TURNS, faults: run.faults, thinks: run.thinks, interference: 0.4 });
    const model = await run.start(plan, run.model, run.wire);
    const calls: unknown[] = [];
    for (let first = 0; first < TURNS; first += SESSION_TURNS) {
      const { session, log } = await openSession(model.origin, run, calls);
      for (const turn of plan.turns.slice(first, first + SESSION_TURNS)) {
        judgeTurn(plan, run.seed, { turn, outcome: await playTurn(session, turn) });
      }
      assertInvariants(await readLog(log), { source: "log" });
      await session.close();
    }
    expectWholeCalls(plan, calls);
    await model.close();
  });
});
