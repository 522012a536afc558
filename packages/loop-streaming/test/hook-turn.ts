/**
 * One turn that hooks act upon, always the same: "Go", a call of a tool while the answer still streams, "Done". A test says
 * what its hooks make different; everything else, every event, message and request, has to be as it is without them.
 */
import type { EventType, HookResult, InlineHook, InterceptableEvent, Message } from "amplifier-core";
import {
  answer,
  checkConversation,
  FAKE_CLOCK_START_MS,
  gate,
  type Gate,
  outlineEvents,
  outlineMessage,
  type RecordedTurn,
  recordTurn,
  text,
  toolCall,
} from "amplifier-testkit";
import { expect } from "vitest";
import { type LoopSession, loopSession, type LoopSetup } from "./loop-session.ts";
import { untilSettled } from "./recovered-turn.ts";
import { clockTool } from "./test-tools.ts";

/** The events at which hooks have a say, in the order of a turn. */
export const INTERCEPTABLE: readonly InterceptableEvent[] = [
  "prompt:submit",
  "provider:request",
  "tool:pre",
  "tool:post",
];

type Lines = readonly string[];

/** What the turn tells where no hook acts. */
export const SUBMIT = 'prompt:submit "Go"';
export const SAID = 'context:message user: "Go"';
export const PRE = 'tool:pre c1 run {"zone":"Oslo"}';
export const POST = 'tool:post c1 "12:00 in Oslo"';
export const RESULT = 'context:message tool(c1): "12:00 in Oslo"';

/** What hooks make different. What is left out is as without them. */
export interface Difference {
  /** From `execution:start` to the first request. */
  readonly prompt?: Lines;
  /** Around the n-th request, 1 or 2. */
  readonly request?: (n: number) => Lines;
  /** From the end of the call's block to the end of its answer. */
  readonly call?: Lines;
  /** From the stored answer to the second request. */
  readonly results?: Lines;
  /** What the n-th request holds, made of the conversation so far. */
  readonly sent?: (n: number, conversation: Lines) => Lines;
  /** Where the turn ends as denied, and why. */
  readonly denied?: { readonly at: "prompt" | "request"; readonly reason: string };
}

/** The whole turn. */
export interface ToldTurn {
  readonly events: Lines;
  readonly conversation: Lines;
  /** The messages of each request, behind the model where it is not the provider's own. */
  readonly requests: readonly Lines[];
}

/** The turn with these differences. */
export function turnWith({ sent, denied, ...told }: Difference): ToldTurn {
  const { prompt = [SUBMIT, SAID], call = [PRE, POST], results = [RESULT] } = told;
  const { request = (n) => [`provider:request #${n}`] } = told;
  const start = ["session:start", 'execution:start "Go"', ...prompt];
  if (denied?.at === "prompt") return deniedTurn(start, 0, denied.reason);
  const asked = [...start, ...request(1)];
  if (denied?.at === "request") return deniedTurn(asked, 1, denied.reason);
  const again = [...asked, ...CALL, ...call, ...CALLED, ...results, ...request(2)];
  const events = [...again, ...LAST_ANSWER, ...ending("success", "Done", 2)];
  const requests = [asked, again].map(messagesIn).map((lines, n) => sent?.(n + 1, lines) ?? lines);
  return { events, conversation: messagesIn(events), requests };
}

function deniedTurn(events: Lines, turns: number, reason: string): ToldTurn {
  const end = ending("denied", `Operation denied: ${reason}`, turns);
  return { events: [...events, ...end], conversation: messagesIn(events), requests: [] };
}

/** The answer that calls the tool, up to the end of the call's block. */
export const CALL: Lines = [
  "content_block:start 0 tool_call c1",
  'content_block:delta 0 "{\\"zone\\":\\"Oslo\\"}"',
  'content_block:end 0 call c1 clock{"zone":"Oslo"}',
];

/** The rest of it. */
export const CALLED: Lines = [
  "provider:response #1 tool_calls",
  'context:message assistant: call c1 clock{"zone":"Oslo"}',
];

const LAST_ANSWER: Lines = [
  "content_block:start 0 text",
  'content_block:delta 0 "Done"',
  'content_block:end 0 "Done"',
  "provider:response #2 stop",
  'context:message assistant: "Done"',
];

function ending(status: "success" | "denied", response: string, turns: number): Lines {
  const said = `${status} ${JSON.stringify(response)}`;
  const reason = status === "success" ? " stop" : "";
  return [
    `execution:end ${said}${reason}`,
    `orchestrator:complete ${status} turns=${turns}`,
    `prompt:complete ${said}`,
  ];
}

/** What is told to have entered the conversation, in its order. */
export function messagesIn(events: Lines): Lines {
  const told = "context:message ";
  return events.filter((line) => line.startsWith(told)).map((line) => line.slice(told.length));
}

/** A question of hook `name` and how it ended: `granted Allow`, `denied no answer` ... */
export function asked(ending: string, { name = "hook", prompt = "May I?" } = {}): Lines {
  return [`approval:required ${name} ${JSON.stringify(prompt)}`, `approval:${ending.replace(" ", ` ${name} `)}`];
}

/** How a turn is set up and what happens in it from outside. */
export interface HookTurn extends Omit<LoopSetup, "script"> {
  /** How long nobody answers. Milliseconds. */
  readonly waitMs?: number;
  /** Called when nothing goes on any more without somebody, or time. `end` is what the first answer ends behind. */
  readonly interfere?: (made: LoopSession, end: Gate) => void | Promise<void>;
}

/** A played turn, as `ToldTurn` tells it, and all there is besides. */
export interface PlayedHookTurn extends LoopSession, RecordedTurn {
  readonly told: ToldTurn;
  /** How long it took. */
  readonly tookMs: number;
}

/** Plays the turn to its end. */
export async function playHookTurn({ waitMs, interfere, ...setup }: HookTurn): Promise<PlayedHookTurn> {
  // The answer ends once its tool has settled: hooks and questions of a call come while the model still streams.
  const end = gate();
  const script = [answer(toolCall("c1", "clock", { zone: "Oslo" }), end), answer(text("Done"))];
  const made = await loopSession({ tools: [clockTool], ...setup, script });
  const turn = recordTurn(made.session, "Go");
  await made.clock.advance(0);
  await interfere?.(made, end);
  await made.clock.advance(waitMs ?? 0);
  end.open();
  const played = await untilSettled(turn, made.clock);
  const messages = await made.context.getMessages();
  expect(checkConversation(messages)).toEqual([]);
  const { provider } = made;
  if (provider.calls.length < script.length) provider.dropRest();
  const told = {
    events: outlineEvents(played.events),
    conversation: outlined(messages),
    requests: provider.requests.map(({ model, messages: sent }) => [
      ...(model === undefined ? [] : [`model ${model}`]),
      ...outlined(sent),
    ]),
  };
  return { ...made, ...played, told, tookMs: made.clock.now() - FAKE_CLOCK_START_MS };
}

function outlined(messages: readonly Message[]): Lines {
  return messages.map(outlineMessage);
}

/** A hook on one event that answers as `act` says. Named `hook` unless it says otherwise. */
export function hookOn(
  event: EventType,
  act: (data: Readonly<Record<string, unknown>>) => HookResult | undefined | Promise<HookResult | undefined>,
  fields: Partial<InlineHook> = {},
): InlineHook {
  const handler = (_event: string, data: object) => act(data as Readonly<Record<string, unknown>>);
  return { name: "hook", ...fields, events: { [event]: handler } };
}
