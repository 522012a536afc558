/** Compaction: what every view of every conversation holds to, and in which order things are left out. */
import { type ContentBlock, type Message, textOf } from "amplifier-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compact, type Compaction, type CompactionGoal, type Measure, viewOf, WHOLE } from "./compaction.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { shortenResult } from "./shorten-result.ts";

const measure: Measure = { tokens: estimateTokens, shorten: (message) => shortenResult(message, 20) };
const NOTICE = /^\[\d+ earlier messages? (?:was|were) left out here/u;

const user = (content: string): Message => ({ role: "user", content });
const says = (text: string): Message => ({ role: "assistant", content: [{ type: "text", text }] });
const calls = (...ids: string[]): Message => ({
  role: "assistant",
  content: ids.map((id): ContentBlock => ({ type: "tool_call", id, name: "look", input: {} })),
});
const result = (id: string, content: string): Message => ({ role: "tool", name: "look", tool_call_id: id, content });

const isNotice = ({ role, content }: Message): boolean =>
  role === "user" && typeof content === "string" && NOTICE.test(content);
const costOf = (messages: readonly Message[]): number =>
  messages.reduce((sum, message) => sum + estimateTokens(message), 0);
const outline = (messages: readonly Message[]): string[] =>
  messages.map((message) => {
    if (isNotice(message)) return "notice";
    const { role, content, tool_call_id: id } = message;
    if (role === "tool") return `${id}${textOf(content).includes("left out") ? " short" : ""}`;
    return typeof content === "string" ? content : content.map((b) => ("text" in b ? b.text : "call")).join("+");
  });

/** A step of the model: calls of tools and their results, whose ids may be used again later, as small servers do. */
const step = fc
  .array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.string({ maxLength: 400 })), { maxLength: 3 })
  .map((pairs): Message[] => {
    const unique = [...new Map(pairs)];
    if (unique.length === 0) return [says("Done.")];
    return [calls(...unique.map(([id]) => id)), ...unique.map(([id, content]) => result(id, content))];
  });
const other = fc.oneof(
  fc.string({ maxLength: 200 }).map((content): Message[] => [{ role: "system", content }]),
  fc.string({ maxLength: 200 }).map((content): Message[] => [{ role: "developer", content }]),
);
const said = fc.string({ minLength: 1, maxLength: 300 }).map((content): Message[] => [user(content)]);
const conversation = fc
  .array(fc.oneof({ arbitrary: step, weight: 4 }, { arbitrary: said, weight: 2 }, other), { maxLength: 30 })
  .map((parts) => parts.flat());
const goals = fc
  .record({ limit: fc.integer({ min: 1, max: 1500 }), share: fc.double({ min: 0.1, max: 1, noNaN: true }) })
  .chain(({ limit, share }) =>
    fc.integer({ min: 0, max: 6 }).map((protectedResults) => ({ limit, target: limit * share, protectedResults })),
  );

/** Each result stands behind the message with its call, nothing of another turn between them, none missing. */
function pairsAreWhole(messages: readonly Message[]): boolean {
  let waiting = new Set<string>();
  for (const { role, content, tool_call_id: id } of messages) {
    if (role === "tool") {
      if (!waiting.delete(id ?? "")) return false;
      continue;
    }
    if (waiting.size > 0) return false;
    if (role === "assistant" && typeof content !== "string")
      waiting = new Set(content.flatMap((block) => (block.type === "tool_call" ? [block.id] : [])));
  }
  return waiting.size === 0;
}

const isKept = (message: Message): boolean => message.role === "system" || message.role === "developer";

function newestStep(messages: readonly Message[]): readonly Message[] {
  return messages.slice(messages.findLastIndex(({ role }) => role !== "tool"));
}

describe("any compaction of any conversation", () => {
  it("gives a part of it in order, with every pair whole and at most one notice", () => {
    fc.assert(
      fc.property(conversation, goals, (messages, goal) => {
        const view = viewOf(messages, compact(messages, WHOLE, { goal, measure }), measure);
        const shown = view.messages.filter((message) => !isNotice(message));
        let from = 0;
        for (const message of shown) {
          const at = messages.findIndex(
            (each, index) => index >= from && (each === message || measure.shorten(each).content === message.content),
          );
          expect(at).toBeGreaterThanOrEqual(from);
          from = at + 1;
        }
        expect(pairsAreWhole(shown)).toBe(true);
        expect(view.messages.length - shown.length).toBe(shown.length < messages.length ? 1 : 0);
        expect(view.tokens).toBe(costOf(view.messages));
      }),
    );
  });

  it("keeps system and developer messages, the last user message and the newest step", () => {
    fc.assert(
      fc.property(conversation, goals, (messages, goal) => {
        const shown = viewOf(messages, compact(messages, WHOLE, { goal, measure }), measure).messages;
        expect(shown.filter(isKept)).toEqual(messages.filter(isKept));
        const lastUser = messages.findLast(({ role }) => role === "user");
        if (lastUser !== undefined) expect(shown).toContain(lastUser);
        const newest = newestStep(messages).map(({ role, tool_call_id: id }) => [role, id]);
        expect(shown.slice(shown.length - newest.length).map(({ role, tool_call_id: id }) => [role, id])).toEqual(
          newest,
        );
      }),
    );
  });

  it("holds the limit, or is no larger than what always stays with the notice beside it", () => {
    fc.assert(
      fc.property(conversation, goals, (messages, goal) => {
        const { tokens } = viewOf(messages, compact(messages, WHOLE, { goal, measure }), measure);
        // Leaving out a message shorter than the notice makes a request larger, so less than all may be given up.
        const cutBefore = messages.length - newestStep(messages).length;
        const most = { shortBefore: messages.length, cutBefore, keepsFirst: false };
        expect(tokens).toBeLessThanOrEqual(Math.max(goal.limit, viewOf(messages, most, measure).tokens));
      }),
      { numRuns: 500 },
    );
  });

  it("leaves out nothing that fits, and puts nothing back when the conversation goes on", () => {
    fc.assert(
      fc.property(conversation, conversation, goals, (messages, more, goal) => {
        const first = compact(messages, WHOLE, { goal, measure });
        if (costOf(messages) <= goal.target) expect(first).toEqual(WHOLE);
        const next = compact([...messages, ...more], first, { goal, measure });
        expect(next.cutBefore).toBeGreaterThanOrEqual(first.cutBefore);
        expect(next.shortBefore).toBeGreaterThanOrEqual(first.shortBefore);
        expect(Number(next.keepsFirst)).toBeLessThanOrEqual(Number(first.keepsFirst));
      }),
    );
  });
});

const LONG = "x".repeat(400);
const messages = [
  user("task"),
  calls("1"),
  result("1", LONG),
  says("one"),
  user("second"),
  calls("2"),
  result("2", LONG),
  says("two"),
  user("third"),
  calls("3"),
  result("3", LONG),
  calls("4"),
  result("4", LONG),
];

function shownWithin(limit: number, goal: Partial<CompactionGoal> = {}): string[] {
  const compaction: Compaction = compact(messages, WHOLE, {
    goal: { limit, target: limit, protectedResults: 1, ...goal },
    measure,
  });
  return outline(viewOf(messages, compaction, measure).messages);
}

describe("the order in which things are left out", () => {
  it("is: old results shorter, oldest first; whole turns; steps of the last one; the first message; new results", () => {
    const views: string[] = [];
    for (let limit = costOf(messages); limit > 0; limit--) {
      const view = shownWithin(limit).join(" ");
      if (view !== views.at(-1)) views.push(view);
    }
    expect(views).toEqual([
      "task call 1 one second call 2 two third call 3 call 4",
      "task call 1 short one second call 2 two third call 3 call 4",
      "task call 1 short one second call 2 short two third call 3 call 4",
      "task call 1 short one second call 2 short two third call 3 short call 4",
      "task notice second call 2 short two third call 3 short call 4",
      "task notice third call 3 short call 4",
      "task notice third call 4",
      "notice third call 4",
      "notice third call 4 short",
    ]);
  });

  it("gives up half of what can be given up when the target is below what stays in any case", () => {
    const least = costOf(messages.slice(-2)) + 40;
    expect(shownWithin(least + 140, { target: 1 }).join(" ")).toBe("task notice third call 3 short call 4");
    expect(shownWithin(costOf(messages), { target: 1 }).join(" ")).toBe(
      "task call 1 short one second call 2 short two third call 3 short call 4",
    );
  });
});
