/**
 * Owns what one model call is asked: the system prompt, the conversation as the context gives it, what hooks add for this
 * one request, the tools, and the caller's options.
 */
import { ABORTED, type ChatRequest, type ContextInjection, type Message, type ToolChoice } from "amplifier-core";
import { ORCHESTRATOR } from "../orchestrator-name.ts";
import type { NamedProvider } from "../select-provider.ts";
import type { CallKind } from "../turn/decide.ts";
import type { Turn } from "../turn/turn.ts";
import { continueAnswer } from "./continue-answer.ts";
import type { ModelCall } from "./model-call.ts";
import { toolSpec } from "./tool-spec.ts";

/** A hook denied the request. */
export const DENIED: unique symbol = Symbol("denied");

const WRAP_UP =
  "Stop here: you cannot call tools any more in this turn. Answer now with what you have. " +
  "Say what is done and what is still open, without mentioning this instruction.";

/** Models refuse a request that ends with what the assistant said, or take it for the beginning of their answer. */
const GO_ON = "Go on.";

/**
 * Raises `provider:request`. Resolves with the model to ask, which a hook may have changed (null: the provider's own), or
 * with `DENIED` when a hook denied the request, which is noted. Which provider is asked, and when, is the loop's alone.
 */
export async function raiseRequest(
  turn: Turn,
  { name, info }: NamedProvider,
  { kind, wrapUp }: { readonly kind: CallKind; readonly wrapUp: boolean },
): Promise<string | null | typeof DENIED> {
  // The caller's model is one of the provider that was meant; another one would not know it.
  const wanted = turn.state.lost.length === 0 ? turn.input.options?.model : undefined;
  let model = wanted ?? info.defaultModel;
  const iteration = turn.state.iteration + (kind === "iteration" ? 1 : 0);
  let denied = false;
  const data = {
    provider: name,
    model,
    iteration,
    ...(wrapUp ? { max_reached: true as const } : {}),
    ...(kind === "again" || kind === "continuation" ? { again: true as const } : {}),
  };
  await turn.ask("provider:request", data, {
    stored: (decision) => {
      denied = turn.noteDenial(decision);
      const { model: chosen } = decision.data;
      if (typeof chosen === "string" || chosen === null) model = chosen;
      return { ...data, model };
    },
  });
  await turn.addInjections();
  return denied ? DENIED : model;
}

/**
 * Builds what the call asks, once: its later attempts ask the same. Null when the turn was stopped. Rejects with what the
 * context throws.
 */
export async function buildRequest(turn: Turn, call: ModelCall): Promise<ChatRequest | null> {
  if (call.request !== null) return call.request;
  const stored = await readContext(turn, call);
  if (stored === null) return null;
  const continuation = await continueAnswer(turn, call);
  if (turn.stopped) return null;
  call.newJoin = continuation?.newJoin ?? null;
  const messages = place(ephemeralFor(turn, call), stored);
  if (turn.input.system !== undefined) messages.unshift({ role: "system", content: turn.input.system });
  if (call.wrapUp) messages.push({ role: "user", content: WRAP_UP });
  else if (endsWithHooksAnswer(messages, stored)) messages.push({ role: "user", content: GO_ON });
  messages.push(...(continuation?.messages ?? []));
  call.request = requestOf(turn, call, messages);
  return call.request;
}

async function readContext(turn: Turn, { selected }: ModelCall): Promise<readonly Message[] | null> {
  if (turn.stopped) return null;
  const { provider } = selected;
  const reading = (async () => turn.input.context.getMessagesForRequest({ provider }))();
  const stored = await turn.bounded(reading, turn.stop.signal);
  if (stored === ABORTED) return null;
  await turn.bounded(turn.hooks.commit(), turn.stop.signal);
  return turn.stopped ? null : stored;
}

// Text for one request is for all calls it takes to answer it; hooks of `provider:request` are asked by each of them.
function ephemeralFor(turn: Turn, { answer }: ModelCall): readonly ContextInjection[] {
  const kept = answer.ephemeral.filter(({ event }) => event !== "provider:request");
  answer.ephemeral = [...kept, ...turn.ephemeral.splice(0)];
  return answer.ephemeral;
}

function requestOf(turn: Turn, { selected, model, wrapUp }: ModelCall, messages: readonly Message[]): ChatRequest {
  const { info } = selected;
  const { tool_choice, model: _, ...options } = turn.input.options ?? {};
  const { reasoningEffort } = turn.config;
  return {
    ...options,
    ...(reasoningEffort === null ? {} : { reasoning_effort: reasoningEffort }),
    messages,
    ...(model === null || model === info.defaultModel ? {} : { model }),
    ...(info.tools === false || turn.input.tools.size === 0
      ? {}
      : toolFields(turn, choiceOf(turn, wrapUp, tool_choice))),
  };
}

// The caller's choice is for the first request: a model that has to call a tool each time never answers.
function choiceOf(turn: Turn, wrapUp: boolean, wanted: ToolChoice | undefined): ToolChoice | undefined {
  if (wrapUp) return "none";
  return turn.state.iteration === 1 ? wanted : undefined;
}

function toolFields(turn: Turn, choice: ToolChoice | undefined): Pick<ChatRequest, "tools" | "tool_choice"> {
  const { tools, coordinator } = turn.input;
  // Once a turn is enough to be told.
  const warn = (message: string): void => {
    if (turn.state.iteration === 1) coordinator?.displaySystem.showMessage(message, "warning", ORCHESTRATOR);
  };
  return {
    tools: [...tools.values()].map((tool) => toolSpec(tool, warn)),
    ...(choice === undefined ? {} : { tool_choice: choice }),
  };
}

/** Text for the last result is a message of its own where the conversation does not end with one. */
function place(injections: readonly ContextInjection[], stored: readonly Message[]): Message[] {
  const behind: Message[] = [];
  let last = stored.at(-1);
  for (const { role, content, append_to_last_tool_result } of injections) {
    if (append_to_last_tool_result && last?.role === "tool") last = withText(last, content);
    else behind.push({ role, content });
  }
  return [...stored.slice(0, -1), ...(last === undefined ? [] : [last]), ...behind];
}

/** The model's own unfinished answer may stand last; what a hook made the assistant say may not. */
function endsWithHooksAnswer(messages: readonly Message[], stored: readonly Message[]): boolean {
  const last = messages.at(-1);
  if (last?.role !== "assistant") return false;
  return last !== stored.at(-1) || last.metadata?.["source"] === "hook";
}

function withText(result: Message, text: string): Message {
  const { content } = result;
  if (typeof content === "string") return { ...result, content: `${content}\n\n${text}` };
  return { ...result, content: [...content, { type: "text", text }] };
}
