/**
 * Owns asking the person a hook's question: the events around it, its time limit, and what counts as a yes.
 */
import type { Clock } from "../clock.ts";
import type { ApprovalEventData } from "../events/event-map.ts";
import type { ApprovalSystem } from "../ports/approval-system.ts";
import type { ApprovalQuestion, HookRegistry } from "../ports/hook-registry.ts";
import { stopLimit, timeLimit } from "../stop-limit.ts";
import { ABORTED, untilAborted } from "../until-aborted.ts";

/** The person's answer, or why there is none. */
export type Answer =
  | { readonly allowed: true; readonly choice: string }
  | { readonly allowed: false; readonly reason: string; readonly withdrawn: boolean };

/** Who asks, on behalf of which event, and who is asked. */
export interface Asking {
  readonly hooks: HookRegistry;
  readonly approvalSystem: ApprovalSystem | null;
  readonly clock: Clock;
  readonly event: string;
  /** Aborted when the turn stops: the question is withdrawn. */
  readonly signal: AbortSignal;
  /** Whose turn the question belongs to. */
  readonly turnId?: string;
}

/** How much of a question the reason of a denial repeats: characters, never half of one. */
const HEAD = /^[^]{0,200}/u;

/** How long handlers may take to hear that a question is about to be asked. Milliseconds. */
const HEARD_MS = 10_000;
/** How long handlers may take to hear how a question ended that a stop withdrew. Milliseconds. */
const CLOSING_MS = 1000;

const YES: ReadonlySet<string> = new Set(["allow", "allow once", "allow always"]);

/**
 * Asks and waits. Emits `approval:required` first and `approval:granted` or `approval:denied` after. An answer that is
 * not one of allow, allow once, allow always (case ignored) is a no. Never rejects.
 */
export async function askPerson(question: ApprovalQuestion, asking: Asking): Promise<Answer> {
  const data: ApprovalEventData = {
    prompt: question.prompt,
    options: question.options,
    timeout: question.timeout,
    default: question.default,
    hook_name: question.hook_name,
    event: asking.event,
  };
  const emit = { signal: asking.signal, ...(asking.turnId === undefined ? {} : { turnId: asking.turnId }) };
  const heard = stopLimit([asking.signal], { clock: asking.clock, afterMs: 0, maxMs: HEARD_MS });
  await asking.hooks.emit("approval:required", data, { ...emit, signal: heard.signal });
  heard.clear();
  const { choice, reason } = await askWithin(question, asking);
  // Whoever shows the question has to hear how it ended, also when the stop ended it.
  const limit = asking.signal.aborted
    ? timeLimit(asking.clock, CLOSING_MS)
    : { signal: asking.signal, clear: () => undefined };
  const answer = await raiseAnswer(asking, { data, choice, reason, emit: { ...emit, signal: limit.signal } });
  limit.clear();
  return answer;
}

async function raiseAnswer(
  asking: Asking,
  {
    data,
    choice,
    reason,
    emit,
  }: {
    readonly data: ApprovalEventData;
    readonly choice: string | null;
    readonly reason: string;
    readonly emit: { readonly signal: AbortSignal; readonly turnId?: string };
  },
): Promise<Answer> {
  if (choice !== null && isYes(choice)) {
    await asking.hooks.emit("approval:granted", { ...data, choice }, emit);
    return { allowed: true, choice };
  }
  await asking.hooks.emit("approval:denied", { ...data, choice, reason }, emit);
  return { allowed: false, reason, withdrawn: asking.signal.aborted };
}

function isYes(choice: string): boolean {
  const words = choice.toLowerCase();
  return YES.has(words) || words.startsWith("allow once ") || words.startsWith("allow always ");
}

function headOf(prompt: string): string {
  return HEAD.exec(prompt)?.[0] ?? "";
}

async function askWithin(
  question: ApprovalQuestion,
  asking: Asking,
): Promise<{ readonly choice: string | null; readonly reason: string }> {
  const { approvalSystem } = asking;
  if (approvalSystem === null) return { choice: null, reason: "No approval system available" };
  if (asking.signal.aborted) return { choice: null, reason: "The turn was stopped before this was asked" };
  const limit = new AbortController();
  const stop = (): void => limit.abort();
  asking.signal.addEventListener("abort", stop, { once: true });
  const cancelTimer = asking.clock.schedule(stop, question.timeout * 1000);
  try {
    const { prompt, options } = question;
    const request = {
      prompt,
      options,
      timeoutMs: question.timeout * 1000,
      default: question.default,
      signal: limit.signal,
    };
    // One written in plain JavaScript may answer at once, and with anything.
    const answering = (async (): Promise<unknown> => approvalSystem.requestApproval(request))();
    const choice = await untilAborted(answering, limit.signal);
    if (choice !== ABORTED) return { choice: String(choice), reason: `User denied: ${headOf(prompt)}` };
    if (asking.signal.aborted) return { choice: null, reason: "The turn was stopped while this was being asked" };
    if (question.default === "allow") return { choice: "Allow", reason: "" };
    return { choice: null, reason: `Approval timeout - denied by default: ${headOf(prompt)}` };
  } catch (error) {
    return {
      choice: null,
      reason: `The question could not be asked: ${error instanceof Error ? error.message : String(error)}`,
    };
  } finally {
    cancelTimer();
    asking.signal.removeEventListener("abort", stop);
  }
}
