/**
 * A random answer, broken at random places and gone on with in every way a model does, is one text for the consumer and
 * one block in the conversation: the model's text, every character once, none of them in halves.
 */
import { type ChatRequest, type ProviderEvent, textOf } from "amplifier-core";
import { ANSWER_USAGE, recordTurn } from "amplifier-testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { loopSession } from "./loop-session.ts";
import { dropped, finishTurn, STEADY } from "./recovered-turn.ts";

/** How a model goes on with what it is shown of its text. */
type Way = "prefill" | "goes_on" | "repeats" | "restarts";

/** How one of its answers ends before it is whole: after this share of it, by the output limit or by a broken stream. */
interface Cut {
  readonly share: number;
  readonly isLimit: boolean;
}

interface Speech {
  readonly whole: string;
  readonly way: Way;
  readonly cuts: readonly Cut[];
  /** Characters a delta: also of half a character. */
  readonly size: number;
}

// Each is numbered, so that nothing is said twice: else nobody could tell an overlap from what is new.
const WORDS = ["naïve", "😀", "👩‍🚀", "```ts\n", "\n\n", " ", "日本語", "const", "fox", "e\u0301"];

const speech: fc.Arbitrary<Speech> = fc.record({
  whole: fc
    .array(fc.constantFrom(...WORDS), { minLength: 10, maxLength: 60 })
    .map((words) => words.map((word, n) => `${n.toString(36)}${word}`).join("")),
  way: fc.constantFrom<Way>("prefill", "goes_on", "repeats", "restarts"),
  cuts: fc.array(fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), isLimit: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  }),
  size: fc.integer({ min: 1, max: 40 }),
});

/** What the model was shown of its text; empty when it is asked as if for the first time. */
function given({ messages }: ChatRequest): string {
  const last = messages.findLast(({ role }) => role === "assistant");
  return last === undefined ? "" : textOf(last.content);
}

/** What it says then. */
function said({ whole, way }: Speech, before: string): string {
  if (before === "" || way === "restarts") return whole;
  const from = way === "repeats" ? before.length - 24 : before.length;
  return withoutHalf(whole.slice(Math.max(from, 0)));
}

const withoutHalf = (text: string): string => text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/gu, "");

/** One answer of the model, one delta a read. */
async function* speak(speech: Speech, before: string, cut: Cut | undefined): AsyncGenerator<ProviderEvent[]> {
  const all = said(speech, before);
  // No output limit is so short that what comes until then says nothing of where it belongs.
  const least = cut?.isLimit ? 30 : 1;
  const part = cut === undefined ? all : all.slice(0, Math.max(least, Math.floor(cut.share * all.length)));
  const text = cut?.isLimit ? withoutHalf(part) : part;
  yield [{ type: "block_start", index: 0, block: { type: "text" } }];
  for (let at = 0; at < text.length; at += speech.size) {
    yield [{ type: "block_delta", index: 0, delta: text.slice(at, at + speech.size) }];
  }
  if (cut?.isLimit === false) throw dropped;
  yield [{ type: "block_end", index: 0, block: { type: "text", text } }];
  yield [
    { type: "usage", usage: ANSWER_USAGE },
    { type: "end", finish_reason: cut === undefined ? "stop" : "length" },
  ];
}

async function consume(speech: Speech) {
  const made = await loopSession({
    script: [],
    config: STEADY,
    listModels: () => Promise.resolve([{ id: "scripted-1", supportsPrefill: speech.way === "prefill" }]),
  });
  const requests: ChatRequest[] = [];
  made.provider.stream = (request) => {
    requests.push(request);
    return speak(speech, given(request), speech.cuts[requests.length - 1]);
  };
  return { ...(await finishTurn(made, recordTurn(made.session, "Hi"))), requests };
}

const HALF = /^[\udc00-\udfff]|[\ud800-\udbff]$/u;

test("the consumer's text is the model's", async () => {
  await fc.assert(
    fc.asyncProperty(speech, async (model) => {
      const { shown, events, context, session, requests } = await consume(model);
      expect(shown).toBe(model.whole);
      const deltas = events.map(({ type, data }) => (type === "content_block:delta" ? data.delta : ""));
      expect(deltas.filter((delta) => HALF.test(delta))).toEqual([]);
      const block = { type: "text", text: model.whole };
      expect((await context.getMessages())[1]).toEqual({ role: "assistant", content: [block] });
      expect(session.lastTurn).toMatchObject({ status: "success", text: model.whole });
      expect(requests).toHaveLength(model.cuts.length + 1);
    }),
    { numRuns: 200 },
  );
});
