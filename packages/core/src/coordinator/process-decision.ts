/**
 * Owns carrying a decision out: persistent injections enter the context, messages are shown, a question is asked.
 * What cannot be done here (placing ephemeral text, acting on a denial) is left in the decision that comes back.
 */
import type { EventType } from "../events/event-map.ts";
import type { ContextManager } from "../ports/context-manager.ts";
import type { ContextInjection, Decision } from "../ports/hook-registry.ts";
import type { DisplaySystem } from "../ports/approval-system.ts";
import { askPerson, type Asking } from "./ask-person.ts";
import { addMessage } from "../context-messages.ts";
import type { Clock } from "../clock.ts";
import type { Message } from "../messages/message.ts";
import { sanitizeText } from "../messages/sanitize-text.ts";
import type { InjectionAccount } from "./injection-limits.ts";

/** The session's ports a decision may need. */
export interface DecisionPorts extends Asking {
  readonly context: ContextManager | null;
  readonly displaySystem: DisplaySystem | null;
  /** Counts and limits injections; null: no limits. */
  readonly account: InjectionAccount | null;
  /** Leaves persistent injections in the result too: the caller adds them later (after a batch of tool results). */
  readonly holdInjections: boolean;
}

/** Carries `decision` out and returns what is left: `continue`, `inject_context` (ephemeral text) or `deny`. */
export async function processDecision<K extends EventType>(
  decision: Decision<K>,
  ports: DecisionPorts,
): Promise<Decision<K>> {
  for (const { message, level, source } of decision.messages) ports.displaySystem?.showMessage(message, level, source);
  const injections = await keptInjections(decision, ports);
  const rest: Decision<K> = { ...decision, injections, messages: [] };
  if (decision.action === "deny") return rest;
  if (decision.action === "ask_user" && decision.question !== undefined) {
    const answer = await askPerson(decision.question, ports);
    const withdrawn = !answer.allowed && answer.withdrawn ? { withdrawn: true as const } : {};
    if (!answer.allowed) return { ...rest, action: "deny", reason: answer.reason, ...withdrawn };
  }
  return { ...rest, action: injections.length > 0 ? "inject_context" : "continue" };
}

/** Adds what may be added now; the rest is the caller's to place. */
async function keptInjections(decision: Decision, ports: DecisionPorts): Promise<readonly ContextInjection[]> {
  const kept: ContextInjection[] = [];
  for (const injection of decision.injections) {
    const clean = { ...injection, content: sanitizeText(injection.content) };
    if (!(await admit(clean, ports))) continue;
    if (clean.ephemeral || ports.holdInjections || ports.context === null) kept.push(clean);
    else await addMessage(injectionMessage(clean, ports.clock), { context: ports.context, hooks: ports.hooks });
  }
  return kept;
}

/** Counts an injection. One over the limit is refused: an event and a message say so, and the turn goes on without it. */
async function admit({ content, hook_name, event }: ContextInjection, ports: DecisionPorts): Promise<boolean> {
  const admission = ports.account?.admit(content);
  if (admission === undefined) return true;
  if (!admission.admitted) {
    const { size, limit } = admission;
    const message = `Hook "${hook_name}" tried to inject ${size} characters; injection_size_limit is ${limit}. Nothing was injected.`;
    ports.displaySystem?.showMessage(message, "error", `hook:${hook_name}`);
    await ports.hooks.emit("policy:violation", {
      policy: "injection_size_limit",
      hook_name,
      event,
      limit,
      actual: size,
    });
  } else if (admission.overBudget !== null) {
    const { tokens, budget } = admission.overBudget;
    const message = `Hooks have injected ${tokens} tokens in this turn; injection_budget_per_turn is ${budget}.`;
    ports.displaySystem?.showMessage(message, "warning", `hook:${hook_name}`);
  }
  return admission.admitted;
}

/** The message that a persistent injection becomes. */
export function injectionMessage({ role, content, hook_name, event }: ContextInjection, clock: Clock): Message {
  const timestamp = new Date(clock.now()).toISOString();
  return { role, content, metadata: { source: "hook", hook_name, event, timestamp } };
}
