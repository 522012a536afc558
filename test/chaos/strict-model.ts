/**
 * Owns a model behind the strict servers of the testkit: it says what the plan's lines say, does faults that other servers
 * cannot, and refuses every request that the real API would refuse.
 */
import { breaksOff, finish, inFragments, text, toolCall, unfinished } from "amplifier-testkit";
import {
  cutAfter,
  cuts,
  errorFrame,
  type ModelServerOptions,
  raw,
  refuses,
  reply,
  responds,
  type ScriptedAnswer,
  startAnthropicServer,
  startChatServer,
  type WirePart,
} from "amplifier-testkit/servers";
import type { ChaosModel } from "./chaos-model.ts";
import type { ChaosPlan, Fault, FaultKind } from "./chaos-plan.ts";
import { chatMessages } from "./chat-messages.ts";
import { CHUNK, cutByLimit, toldAnswer, type ToldAnswer } from "./told-answer.ts";

/** The faults it can do. */
export const STRICT_FAULTS = [
  "none",
  "refused_connection",
  "server_error",
  "overloaded",
  "rate_limited",
  "no_json",
  "truncated",
  "ended_early",
  "output_limit",
  "error_frame",
  "malformed_frame",
] as const satisfies readonly FaultKind[];

/** Starts the model on a free port of loopback; `wire` is the one it speaks. */
export async function startStrict(plan: ChaosPlan, model: string, wire: "chat" | "messages"): Promise<ChaosModel> {
  const asked = new Map<number, number>();
  const script: ModelServerOptions["script"] = ({ body }) => {
    const told = toldAnswer(plan, chatMessages(body["messages"]));
    const count = asked.get(told.line.number) ?? 0;
    asked.set(told.line.number, count + 1);
    return answerWith(told, told.line.faults[count] ?? { kind: "none", share: 0 });
  };
  const options = { script, models: [model] };
  const server = await (wire === "chat" ? startChatServer(options) : startAnthropicServer(options));
  return { origin: new URL(server.baseUrl).origin, close: () => server.close() };
}

/** How each fault looks. `share`: of the fault. */
const ANSWERS: Readonly<Record<(typeof STRICT_FAULTS)[number], (told: ToldAnswer, share: number) => ScriptedAnswer>> = {
  none: (told) => reply(...whole(told)),
  refused_connection: () => reply(cuts()),
  server_error: () => refuses("server_error"),
  overloaded: () => refuses("overloaded"),
  rate_limited: (_told, share) => refuses("rate_limit", { retryAfter: Math.round(share * 2) }),
  no_json: () => responds({ status: 200, body: "<h1>Hello</h1>" }),
  truncated: (told, share) => cutAfter(Math.ceil(share * 40 * told.text.length), reply(...whole(told))),
  ended_early: (told, share) => reply(...begun(told, share), breaksOff()),
  output_limit: ({ text: said }, share) => reply(text(...pieces(cutByLimit(said, share))), finish("length")),
  error_frame: (told, share) => reply(...begun(told, share), errorFrame()),
  malformed_frame: (told, share) => reply(...begun(told, share), raw('data: {"choices":[{"del\n\n'), breaksOff()),
};

function answerWith(told: ToldAnswer, { kind, share }: Fault): ScriptedAnswer {
  if (kind === "late" || kind === "drips")
    throw new Error(`The strict servers wait for nothing by themselves: ${kind}.`);
  return ANSWERS[kind](told, share);
}

function whole({ text: said, call, line }: ToldAnswer): WirePart[] {
  const calls =
    call === null ? [] : [inFragments(toolCall(call.id, "look", { line: line.number, note: call.note }), 9)];
  return [...(said === "" ? [] : [text(...pieces(said))]), ...calls];
}

function begun({ text: said }: ToldAnswer, share: number): WirePart[] {
  const some = pieces(said.slice(0, Math.ceil(said.length * share)));
  return some.length === 0 ? [] : [unfinished(text(...some))];
}

function pieces(said: string): string[] {
  return Array.from({ length: Math.ceil(said.length / CHUNK) }, (_, n) => said.slice(n * CHUNK, (n + 1) * CHUNK));
}
