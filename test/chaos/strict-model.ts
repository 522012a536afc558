/**
 * Owns a model behind the strict servers of the testkit: it says what the plan's lines say, does faults that other servers
 * cannot, and refuses every request that the real API would refuse.
 */
import { breaksOff, finish, inFragments, signed, text, thinking, toolCall, unfinished } from "amplifier-testkit";
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

const CALL_PIECES = 9;

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
  truncated: (told, share) => cutAfter(cutBytes(told, share), reply(...whole(told))),
  ended_early: (told, share) => reply(...begun(told, share), breaksOff()),
  output_limit: (told, share) =>
    reply(...thought(told), text(...pieces(cutByLimit(told.text, share))), finish("length")),
  error_frame: (told, share) => reply(...begun(told, share), errorFrame()),
  malformed_frame: (told, share) => reply(...begun(told, share), raw('data: {"choices":[{"del\n\n'), breaksOff()),
};

function answerWith(told: ToldAnswer, { kind, share }: Fault): ScriptedAnswer {
  if (kind === "late" || kind === "drips")
    throw new Error(`The strict servers wait for nothing by themselves: ${kind}.`);
  return ANSWERS[kind](told, share);
}

/** Bytes of a body: a piece takes up to 350 of them. Beyond the body's end nothing is cut. */
function cutBytes({ thought: thinks, text: said, call }: ToldAnswer, share: number): number {
  const count = pieces(`${thinks ?? ""}${said}`).length + (call === null ? 0 : CALL_PIECES);
  return Math.ceil(share * 350 * (count + 1));
}

function whole(told: ToldAnswer): WirePart[] {
  const { text: said, call, line } = told;
  const calls =
    call === null ? [] : [inFragments(toolCall(call.id, "look", { line: line.number, note: call.note }), CALL_PIECES)];
  return [...thought(told), ...(said === "" ? [] : [text(...pieces(said))]), ...calls];
}

/** The first `share` of the answer; a small one is but a thought that breaks off. */
function begun(told: ToldAnswer, share: number): WirePart[] {
  if (told.thought !== null && share < 0.3) return [unfinished(thinking(...pieces(told.thought)))];
  const some = pieces(told.text.slice(0, Math.ceil(told.text.length * share)));
  return [...thought(told), ...(some.length === 0 ? [] : [unfinished(text(...some))])];
}

function thought({ thought: said, line }: ToldAnswer): WirePart[] {
  return said === null ? [] : [signed(thinking(...pieces(said)), btoa(`thought ${line.number}`))];
}

function pieces(said: string): string[] {
  return Array.from({ length: Math.ceil(said.length / CHUNK) }, (_, n) => said.slice(n * CHUNK, (n + 1) * CHUNK));
}
