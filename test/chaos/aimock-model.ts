/**
 * Owns a model behind `@copilotkit/aimock`, an API server of other people's making: it says what the plan's lines say, over
 * both wires, and does the faults of the plan with the faults it knows. It uses no chance of its own: its rates are 0 or 1.
 */
import { type ChatCompletionRequest, type Fixture, type FixtureResponse, LLMock } from "@copilotkit/aimock";
import type { ChaosPlan, Fault, FaultKind, Line } from "./chaos-plan.ts";
import type { ChaosModel } from "./chaos-model.ts";
import { CHUNK, cutByLimit, lineAskedFor, toldAnswer, type ToldAnswer } from "./told-answer.ts";

/** The faults it can do. */
export const AIMOCK_FAULTS = [
  "none",
  "refused_connection",
  "server_error",
  "overloaded",
  "no_json",
  "rate_limited",
  "late",
  "drips",
  "truncated",
  "output_limit",
] as const satisfies readonly FaultKind[];

/** Starts the model on a free port of loopback. */
export async function startAimock(plan: ChaosPlan, model: string): Promise<ChaosModel> {
  const mock = new LLMock({ host: "127.0.0.1", port: 0, chunkSize: CHUNK, journalMaxEntries: 0, logLevel: "silent" });
  mock.addFixtures([...plan.lines.values()].flatMap((line) => fixturesOf(plan, line, model)));
  const origin = await mock.start();
  return {
    origin,
    close: async () => {
      const unanswered = mock.getRequests().filter(({ response }) => response.fixture === null);
      await mock.stop();
      if (unanswered.length === 0) return;
      throw new Error(`aimock could not answer ${unanswered.length} requests: ${JSON.stringify(unanswered[0])}`);
    },
  };
}

/** One fixture for each disturbed answer of the line, and one for all behind them. */
function fixturesOf(plan: ChaosPlan, line: Line, model: string): Fixture[] {
  const predicate = ({ messages }: ChatCompletionRequest): boolean => lineAskedFor(plan, messages) === line;
  const response = (fault: Fault) => (request: ChatCompletionRequest) =>
    respond(toldAnswer(plan, request.messages), fault);
  const disturbed = line.faults.map((fault, sequenceIndex): Fixture => ({
    match: { predicate, model, sequenceIndex },
    response: response(fault),
    ...faultFields(fault, line),
  }));
  return [...disturbed, { match: { predicate, model }, response: response({ kind: "none", share: 0 }) }];
}

function faultFields(fault: Fault, line: Line): Partial<Fixture> {
  switch (fault.kind) {
    case "refused_connection":
      return { chaos: { disconnectRate: 1 } };
    case "server_error":
      return { chaos: { dropRate: 1 } };
    case "no_json":
      return { chaos: { malformedRate: 1 } };
    case "late":
      return { chaos: { latencyMs: Math.ceil(fault.share * 20) } };
    case "drips":
      return { latency: Math.ceil(fault.share * 3) };
    case "truncated":
      return { truncateAfterChunks: 1 + Math.floor(fault.share * chunksOf(line)) };
    default:
      return {};
  }
}

/** Of the first answer to the line, about. */
function chunksOf({ thought, text, call }: Line): number {
  const length = (thought ?? "").length + (call === null ? text.length : call.preface.length + call.note.length);
  return Math.ceil(length / CHUNK) + 3;
}

function respond({ thought, text, call, line }: ToldAnswer, fault: Fault): FixtureResponse {
  if (fault.kind === "overloaded") return { error: { message: "Overloaded", type: "overloaded_error" }, status: 529 };
  if (fault.kind === "rate_limited") {
    return {
      error: { message: "Slow down", type: "rate_limit_error" },
      status: 429,
      retryAfter: Math.round(fault.share * 2),
    };
  }
  const reasoning = thought === null ? {} : { reasoning: thought };
  if (fault.kind === "output_limit") {
    return { ...reasoning, content: cutByLimit(text, fault.share), finishReason: "length" };
  }
  if (call === null) return { ...reasoning, content: text };
  const toolCalls = [{ id: call.id, name: "look", arguments: JSON.stringify({ line: line.number, note: call.note }) }];
  return text === "" ? { ...reasoning, toolCalls } : { ...reasoning, content: text, toolCalls };
}
