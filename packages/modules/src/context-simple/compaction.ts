/**
 * Owns which messages of a conversation a smaller request carries, as pure functions: old tool results are shortened
 * first, then whole turns go, oldest first, then older steps of the running turn. It stores and asks nothing.
 * Invariants: a tool call and its results stay or go together; system and developer messages, the last user message and
 * the newest step always stay; the first user message, which says what it is all about, goes last of all.
 */
import type { Message } from "amplifier-core";

/** What is left out. A later one leaves out at least as much, so that what stays keeps its place in a prompt cache. */
export interface Compaction {
  /** Tool messages in front of this index are shortened. */
  readonly shortBefore: number;
  /** Messages in front of this index are left out, unless they always stay. */
  readonly cutBefore: number;
  readonly keepsFirst: boolean;
}

/** Everything is there. */
export const WHOLE: Compaction = { shortBefore: 0, cutBefore: 0, keepsFirst: true };

/** What the functions here need to know of single messages. Both must be cheap: they are called again and again. */
export interface Measure {
  tokens(message: Message): number;
  /** A tool's result with less text, or the same message. */
  shorten(message: Message): Message;
}

/** How far to go. Tokens. */
export interface CompactionGoal {
  /** Where it stops, if it can without giving up what comes last. */
  readonly target: number;
  /** What must be held if possible at all. */
  readonly limit: number;
  /** So many of the newest tool results are not shortened, unless the limit needs it. */
  readonly protectedResults: number;
}

/** A request's messages, and what they are estimated at. */
export interface View {
  readonly messages: Message[];
  readonly tokens: number;
}

/** The messages that `compaction` leaves, in order, with one notice where something is missing. */
export function viewOf(messages: readonly Message[], compaction: Compaction, measure: Measure): View {
  const stays = stayingIn(messages, compaction);
  const kept: Message[] = [];
  let gap = -1;
  let tokens = 0;
  for (const [index, message] of messages.entries()) {
    if (index < compaction.cutBefore && !stays(index)) {
      if (gap === -1) gap = kept.length;
      continue;
    }
    const shown = isResult(message) && index < compaction.shortBefore ? measure.shorten(message) : message;
    tokens += measure.tokens(shown);
    kept.push(shown);
  }
  if (gap === -1) return { messages: kept, tokens };
  const notice = noticeOf(messages.length - kept.length);
  kept.splice(gap, 0, notice);
  return { messages: kept, tokens: tokens + measure.tokens(notice) };
}

/** The least compaction, beginning at `from`, that reaches the goal; else the most there is. `from` itself if that is it. */
export function compact(
  messages: readonly Message[],
  from: Compaction,
  { goal, measure }: { readonly goal: CompactionGoal; readonly measure: Measure },
): Compaction {
  const tokensWith = (compaction: Compaction): number => viewOf(messages, compaction, measure).tokens;
  if (tokensWith(from) <= goal.target) return from;
  const steps = stepsFrom(from, messages, goal.protectedResults);
  const last = steps.at(-1) ?? from;
  const target = reachable(goal, tokensWith(last));
  const reached = steps[firstIndex(steps, (step) => tokensWith(step) <= target)] ?? last;
  const withoutFirst = { ...reached, keepsFirst: false };
  const most = { ...last, keepsFirst: false, shortBefore: messages.length };
  const tries = [reached, withoutFirst, { ...withoutFirst, shortBefore: messages.length }, most];
  // Where nothing holds the limit the smallest is it: a notice may be longer than what it stands for.
  return tries.find((each) => tokensWith(each) <= goal.limit) ?? smallest([from, ...tries], tokensWith);
}

function smallest(compactions: readonly Compaction[], tokensWith: (compaction: Compaction) => number): Compaction {
  return compactions.reduce((least, each) => (tokensWith(each) < tokensWith(least) ? each : least));
}

/** Each leaves out more than the one before. */
function stepsFrom(from: Compaction, messages: readonly Message[], protectedResults: number): readonly Compaction[] {
  const shortenings = shorteningsOf(messages, protectedResults)
    .filter((shortBefore) => shortBefore > from.shortBefore)
    .map((shortBefore) => ({ ...from, shortBefore }));
  const shortened = shortenings.at(-1) ?? from;
  const cuts = cutsOf(messages)
    .filter((cutBefore) => cutBefore > from.cutBefore)
    .map((cutBefore) => ({ ...shortened, cutBefore }));
  return [...shortenings, ...cuts];
}

// What stays in any case may be more than the target. All else would then be given up in vain: half of the room goes.
function reachable({ target, limit }: CompactionGoal, floor: number): number {
  return floor <= target ? target : (floor + limit) / 2;
}

/** Whether a message in front of the cut stays. */
function stayingIn(messages: readonly Message[], { keepsFirst }: Compaction): (index: number) => boolean {
  const isUser = ({ role }: Message): boolean => role === "user";
  const first = keepsFirst ? messages.findIndex(isUser) : -1;
  const last = messages.findLastIndex(isUser);
  return (index) => {
    const role = messages[index]?.role;
    return role === "system" || role === "developer" || index === first || index === last;
  };
}

/** Ends of the ranges that may be shortened, ascending: behind each tool result but the newest ones. */
function shorteningsOf(messages: readonly Message[], protectedResults: number): readonly number[] {
  const behind = messages.flatMap((message, index) => (isResult(message) ? [index + 1] : []));
  return behind.slice(0, Math.max(0, behind.length - protectedResults));
}

/**
 * Where the conversation may be cut, ascending: in front of each earlier turn, and of each step of the last one. A cut
 * never separates a call from its result, and leaves the newest step.
 */
function cutsOf(messages: readonly Message[]): readonly number[] {
  const lastUser = messages.findLastIndex(({ role }) => role === "user");
  const reach = reachOfCalls(messages);
  const cuts: number[] = [];
  let open = -1;
  for (const [index, message] of messages.entries()) {
    const isStart = index <= lastUser ? message.role === "user" : !isResult(message);
    if (index > 0 && isStart && open < index) cuts.push(index);
    open = Math.max(open, reach[index] ?? -1);
  }
  return cuts;
}

/** For each message with tool calls the index of the last of their results. Ids may be used again. */
function reachOfCalls(messages: readonly Message[]): readonly number[] {
  const reach: number[] = [];
  const madeAt = new Map<string, number>();
  for (const [index, message] of messages.entries()) {
    const { calls, results } = idsIn(message);
    for (const id of calls) madeAt.set(id, index);
    for (const id of results) reach[madeAt.get(id) ?? index] = index;
  }
  return reach;
}

// Conversations that come from elsewhere may carry results as blocks.
function idsIn({ content, tool_call_id: id }: Message): { readonly calls: string[]; readonly results: string[] } {
  const ids = { calls: [] as string[], results: id === undefined ? [] : [id] };
  if (typeof content === "string") return ids;
  for (const block of content) {
    if (block.type === "tool_call") ids.calls.push(block.id);
    else if (block.type === "tool_result") ids.results.push(block.tool_call_id);
  }
  return ids;
}

function isResult({ role }: Message): boolean {
  return role === "tool" || role === "function";
}

/** The first index whose step passes, where all behind a passing one pass as well; the length when none does. */
function firstIndex<T>(steps: readonly T[], passes: (step: T) => boolean): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passes(steps[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}

// Not a system message: several APIs take those only at the beginning. Adapters merge neighbouring user messages.
function noticeOf(count: number): Message {
  const what = count === 1 ? "1 earlier message was" : `${count} earlier messages were`;
  return Object.freeze({
    role: "user",
    content: `[${what} left out here to fit the context window. Do not guess what they said: look again, or ask.]`,
  });
}
