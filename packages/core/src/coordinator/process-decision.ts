/**
 * Owns carrying a decision out: persistent injections enter the context, messages are shown, a question is asked.
 * What cannot be done here (placing ephemeral text, acting on a denial) is left in the decision that comes back.
 */
import type { EventType } from "../events/event-map.ts";
import type { ContextManager } from "../ports/context-manager.ts";
import type { ApprovalQuestion, ContextInjection, Decision } from "../ports/hook-registry.ts";
import type { DisplaySystem } from "../ports/approval-system.ts";
import { askPerson, type Asking } from "./ask-person.ts";
import { addMessage } from "../context-messages.ts";
import type { Clock } from "../clock.ts";
import type { Message } from "../messages/message.ts";
import { untilAborted } from "../until-aborted.ts";
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
  const { action, questions = [], hook_name, ...said } = decision;
  const injections = await keptInjections(decision, ports);
  for (const { message, level, source } of decision.messages) ports.displaySystem?.showMessage(message, level, source);
  const rest = { ...said, injections, messages: [] };
  if (action === "deny") return { ...rest, action, ...(hook_name === undefined ? {} : { hook_name }) };
  if (action === "ask_user") {
    const denial = await askAll(questions, ports);
    if (denial !== null) return { ...rest, ...denial };
  }
  return { ...rest, action: injections.length > 0 ? "inject_context" : "continue" };
}

/** Asks one question after the other; the first no ends it. Null when each was answered with a yes. */
async function askAll(
  questions: readonly ApprovalQuestion[],
  ports: DecisionPorts,
): Promise<(Pick<Decision, "reason" | "hook_name" | "withdrawn"> & { readonly action: "deny" }) | null> {
  // Only a registry that is not ours can say so; what should have been asked is not known, and so nobody has allowed it.
  if (questions.length === 0) return { action: "deny", reason: "A hook wanted to ask, and gave no question" };
  for (const question of questions) {
    const answer = await askPerson(question, ports);
    if (answer.allowed) continue;
    const denial = { action: "deny", reason: answer.reason, hook_name: question.hook_name } as const;
    return answer.withdrawn ? { ...denial, withdrawn: true } : denial;
  }
  return null;
}

/** Adds what may be added now; the rest is the caller's to place. */
async function keptInjections(decision: Decision, ports: DecisionPorts): Promise<readonly ContextInjection[]> {
  const kept: ContextInjection[] = [];
  for (const injection of decision.injections) {
    const clean = { ...injection, content: sanitizeText(injection.content) };
    // No API takes a message without content.
    if (clean.content === "" || !(await admit(clean, ports))) continue;
    if (clean.ephemeral || ports.holdInjections || ports.context === null) kept.push(clean);
    else await untilAborted(addNow(clean, ports, ports.context), ports.signal);
  }
  return kept;
}

function addNow(injection: ContextInjection, ports: DecisionPorts, context: ContextManager): Promise<void> {
  return addMessage(injectionMessage(injection, ports.clock), { context, hooks: ports.hooks });
}

/** Counts an injection. One over the limit is refused: an event and a message say so, and the turn goes on without it. */
async function admit({ content, hook_name, event }: ContextInjection, ports: DecisionPorts): Promise<boolean> {
  const admission = ports.account?.admit(content);
  if (admission === undefined) return true;
  if (!admission.admitted) {
    const { size, limit } = admission;
    const message = `Hook "${hook_name}" tried to inject ${size} characters; injection_size_limit is ${limit}. Nothing was injected.`;
    ports.displaySystem?.showMessage(message, "error", `hook:${hook_name}`);
    const data = { policy: "injection_size_limit", hook_name, event, limit, actual: size } as const;
    const turn = ports.turnId === undefined ? {} : { turnId: ports.turnId };
    await ports.hooks.emit("policy:violation", data, { signal: ports.signal, ...turn });
  } else if (admission.overBudget !== null) {
    const { tokens, budget } = admission.overBudget;
    const message = `Hooks have injected ${tokens} tokens in this turn; injection_budget_per_turn is ${budget}.`;
    ports.displaySystem?.showMessage(message, "warning", `hook:${hook_name}`);
  }
  return admission.admitted;
}

/** The message that a persistent injection becomes; its metadata, Amplifier's, says where it came from. */
export function injectionMessage({ role, content, hook_name, event }: ContextInjection, clock: Clock): Message {
  const timestamp = new Date(clock.now()).toISOString();
  const life = { requested_role: role, ephemeral: false, persisted: true };
  return { role, content, metadata: { source: "hook", hook_name, event, timestamp, ...life } };
}
