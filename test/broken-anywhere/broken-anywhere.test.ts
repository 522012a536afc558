/**
 * An answer is cut after each of its bytes, on both wires, and the model goes on in every manner it may: the consumer gets
 * the whole text, no word twice and none missing, and every call runs once. All of it in memory; the file beside this one
 * cuts a real socket.
 */
import { FakeClock } from "amplifier-testkit";
import { describe, expect, test } from "vitest";
import { untilSettled } from "../../packages/loop-streaming/test/recovered-turn.ts";
import { translateStream } from "../../packages/providers/src/http/translate-stream.ts";
import { eventsOf, type Replay } from "../../packages/providers/test/wire/replay.ts";
import { bytePayloads, type Ending, ENDINGS } from "./byte-payloads.ts";
import { type Cuts, MemoryModel } from "./memory-model.ts";
import { playBroken } from "./play-broken.ts";
import { type Manner, MANNERS, PROMPT, type Speech } from "./truthful-model.ts";
import { type BothEnds, CHAT, finishOf, messagesOf } from "./wires.ts";

interface Subject {
  readonly name: string;
  readonly ends: BothEnds;
  readonly speech: Speech;
}

/** A fence, white space at the end of a delta, a character of four bytes, and one whose halves come apart. */
const DELTAS = [
  "Run this **once** \u{1f389}",
  ":\n\n",
  "```js\nconst a = 1 <",
  " 2;\n``",
  "`\n\nIt prints true \ud83d",
  "\ude80, and ends.",
];
const THOUGHT = ["They want a", " snippet \u{1f914}."];
const PREFILLED = messagesOf("claude-sonnet-4-5");

const SUBJECTS: readonly Subject[] = [
  { name: "Chat, text", ends: CHAT, speech: { deltas: DELTAS, paths: [] } },
  { name: "Chat, text and a call", ends: CHAT, speech: { deltas: DELTAS, paths: ["a"] } },
  { name: "Chat, text and two calls", ends: CHAT, speech: { deltas: DELTAS, paths: ["a", "b"] } },
  { name: "Messages with a prefill, text", ends: PREFILLED, speech: { deltas: DELTAS, paths: [] } },
  { name: "Messages with a prefill, text and a call", ends: PREFILLED, speech: { deltas: DELTAS, paths: ["a"] } },
  { name: "Messages, thinking and text", ends: PREFILLED, speech: { deltas: DELTAS, paths: [], thought: THOUGHT } },
  {
    name: "Messages, thinking, text and a call",
    ends: PREFILLED,
    speech: { deltas: DELTAS, paths: ["a"], thought: THOUGHT },
  },
  {
    name: "Messages, thinking, text and two calls",
    ends: messagesOf("claude-opus-4-6"),
    speech: { deltas: DELTAS, paths: ["a", "b"], thought: THOUGHT },
  },
];

/** How many bytes a read brings: a few, so that what is whole has its effects before the rest breaks; or all of them. */
const PIECE: Readonly<Record<Ending, number>> = { "the connection breaks": 23, "the body ends": Infinity };

interface Break {
  /** So many bytes came. */
  readonly at: number;
  /** The word for why the answer ended is among them. */
  readonly isFinished: boolean;
  /** What the adapter made of them. */
  readonly replay: Replay;
}

/** Cuts an answer after each of its bytes; where the adapter makes the same of two in a row, the first stands for both. */
async function breaksOf({ ends, speech }: Subject, ending: Ending): Promise<readonly Break[]> {
  const model = new MemoryModel(ends, { speech, manner: "exactly" }, { after: [], ending, size: 1 });
  const bytes = model.answerTo({ messages: [{ role: "user", content: PROMPT }] });
  const finish = finishOf(bytes);
  const breaks: Break[] = [];
  let before = "";
  for (let at = 0; at <= bytes.length; at++) {
    const body = { bytes: bytes.subarray(0, at), size: Infinity, ending: at < bytes.length ? ending : null };
    const replay = await eventsOf(translateStream(bytePayloads(body), ends.translator()));
    const made = JSON.stringify([replay.events, nameOf(replay.error)]);
    if (made !== before) breaks.push({ at, isFinished: at >= finish, replay });
    before = made;
  }
  return breaks;
}

/** A beginning of the whole answer and an error that says so: what was said is never taken back. Behind its finish, all. */
function expectBeginnings(breaks: readonly Break[]): void {
  const whole = breaks.at(-1)?.replay.events ?? [];
  for (const { replay, isFinished } of breaks) {
    const { events, error } = replay;
    const isWhole = events.at(-1)?.type === "end";
    expect(nameOf(error)).toBe(isWhole ? undefined : "StreamError");
    expect(isWhole || !isFinished).toBe(true);
    if (!isWhole) expect(events).toEqual(whole.slice(0, events.length));
  }
  expect(whole.at(-1)).toMatchObject({ type: "end" });
}

const nameOf = (error: unknown): string | undefined => (error as Error | undefined)?.name;

async function play({ ends, speech }: Subject, manner: Manner, cuts: Cuts) {
  const provider = new MemoryModel(ends, { speech, manner }, cuts);
  const clock = new FakeClock();
  const config = speech.thought === undefined ? {} : { reasoning_effort: "medium" };
  const turn = playBroken({ provider, speech, clock, config });
  const ran = await untilSettled(turn, clock);
  clock.assertIdle();
  return { ran, asked: provider.asked };
}

/** Plays the turn in every manner: with the one cut, and with another one somewhere in what comes next. */
async function problemsAfter(subject: Subject, broken: Break, ending: Ending): Promise<readonly string[]> {
  const problems: string[] = [];
  const { at } = broken;
  for (const [n, manner] of MANNERS.entries()) {
    const cuts = (...after: readonly number[]): Cuts => ({ after, ending, size: PIECE[ending] });
    const once = play(subject, manner, cuts(at)).then((played) => expect(played).toEqual(due(subject, broken)));
    await once.catch((error: unknown) => problems.push(`after ${at} bytes, ${manner}: ${String(error)}`));
    const next = ((at * 31 + n * 367) % 1500) + 1;
    const twice = play(subject, manner, cuts(at, next));
    await twice.catch((error: unknown) => problems.push(`after ${at} and ${next} bytes, ${manner}: ${String(error)}`));
  }
  return problems;
}

/** Nothing that came whole is asked for again, and what did not is asked for once. */
function due({ speech: { paths } }: Subject, { replay }: Break): Awaited<ReturnType<typeof play>> {
  const cameWhole = replay.events.flatMap((event) =>
    event.type === "block_end" && event.block.type === "tool_call" ? [event.block.id] : [],
  );
  const isWhole = replay.error === undefined || (paths.length > 0 && cameWhole.length === paths.length);
  const ran = paths.map((path, n) => cameWhole[n] ?? `call_${path}_2`);
  // The answer, the one behind the tools, and the one to the next prompt.
  return { ran, asked: (isWhole ? 0 : 1) + (paths.length > 0 ? 3 : 2) };
}

describe.each(SUBJECTS)("$name", (subject) => {
  test.each(ENDINGS)("%s after any byte, and the turn is whole", { timeout: 30_000 }, async (ending) => {
    const breaks = await breaksOf(subject, ending);
    expectBeginnings(breaks);
    const problems: string[] = [];
    for (const each of breaks) problems.push(...(await problemsAfter(subject, each, ending)));
    expect(problems).toEqual([]);
  });
});
