/**
 * Owns what one model call is asked: the system prompt, the conversation as the context gives it, what hooks add for this
 * one request, the tools, and the caller's options.
 */
import {
  ABORTED,
  type ChatRequest,
  type ContextInjection,
  type Message,
  type Provider,
  type Tool,
  type ToolSpec,
} from "amplifier-core";
import type { NamedProvider } from "../select-provider.ts";
import type { Turn } from "../turn/turn.ts";

const WRAP_UP =
  "Stop here: you cannot call tools any more in this turn. Answer now with what you have. " +
  "Say what is done and what is still open, without mentioning this instruction.";

/** Raises `provider:request`. False when a hook denied it, which is noted. */
export async function raiseRequest(turn: Turn, { name, provider }: NamedProvider, wrapUp: boolean): Promise<boolean> {
  const model = modelOf(turn, { name, provider });
  const iteration = turn.state.iteration + (wrapUp ? 0 : 1);
  let denied: string | null = null;
  await turn.ask(
    "provider:request",
    { provider: name, model, iteration, ...(wrapUp ? { max_reached: true } : {}) },
    {
      stored: (decision) => {
        if (decision.action === "deny") denied = decision.reason ?? "No reason given";
        return decision.data;
      },
    },
  );
  await turn.addInjections();
  if (denied !== null) turn.note({ type: "fact:denied", reason: denied });
  return denied === null;
}

/** The model this turn asks for, as far as it is known before the answer. */
export function modelOf(turn: Turn, { provider }: NamedProvider): string | null {
  return turn.input.options?.model ?? provider.getInfo().defaultModel;
}

/** What the model is asked, or null when the turn was stopped. Rejects with what the context throws. */
export async function prepareRequest(turn: Turn, provider: Provider, wrapUp: boolean): Promise<ChatRequest | null> {
  if (turn.stopped) return null;
  const { context, options, tools } = turn.input;
  const stored = await turn.bounded(context.getMessagesForRequest({ provider }), turn.stop.signal);
  if (stored === ABORTED) return null;
  await turn.bounded(turn.hooks.commit(), turn.stop.signal);
  if (turn.stopped) return null;
  const messages = place(turn.ephemeral.splice(0), stored);
  if (turn.input.system !== undefined) messages.unshift({ role: "system", content: turn.input.system });
  if (wrapUp) messages.push({ role: "user", content: WRAP_UP });
  const specs = provider.getInfo().tools === false ? [] : [...tools.values()].map(specOf);
  return {
    ...options,
    messages,
    ...(specs.length > 0 ? { tools: specs } : {}),
    ...(wrapUp && specs.length > 0 ? { tool_choice: "none" as const } : {}),
  };
}

function specOf(tool: Tool): ToolSpec {
  return { name: tool.name, description: tool.description, parameters: tool.inputSchema ?? { type: "object" } };
}

function place(injections: readonly ContextInjection[], stored: readonly Message[]): Message[] {
  const messages = [...stored];
  for (const { role, content, append_to_last_tool_result } of injections) {
    const last = messages.at(-1);
    if (append_to_last_tool_result && last?.role === "tool" && typeof last.content === "string") {
      messages[messages.length - 1] = { ...last, content: `${last.content}\n\n${content}` };
    } else messages.push({ role, content });
  }
  return messages;
}
