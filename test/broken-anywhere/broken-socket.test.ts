/**
 * The same over a real socket: the strict server of each wire closes it in the middle of a short answer, one after each of
 * its bytes. The provider, its transport and the loop are what users have; time is real, and nothing waits for it.
 */
import { type Provider, systemClock } from "amplifier-core";
import { createAnthropicProvider } from "amplifier-providers/anthropic";
import { createOpenAIProvider } from "amplifier-providers/openai";
import { cutAfter, reply, startAnthropicServer, startChatServer } from "amplifier-testkit/servers";
import { expect, onTestFinished, test } from "vitest";
import { playBroken } from "./play-broken.ts";
import { type Manner, MANNERS, PROMPT, says, type Speech } from "./truthful-model.ts";
import { type BothEnds, bytesOf, CHAT, finishOf, messagesOf } from "./wires.ts";

const SPEECH: Speech = { deltas: ["Run `a()`:\n\n```js\na(", '"\u{1f680}");\n```\n\nIt prints it.'], paths: [] };

interface Wire {
  readonly name: string;
  readonly ends: BothEnds;
  /** From one cut to the next, in bytes. */
  readonly step: number;
  readonly start: typeof startChatServer;
  readonly provider: (config: { base_url: string; api_key: string; model: string }) => Provider;
}

const WIRES: readonly Wire[] = [
  {
    name: "Messages, after every byte",
    ends: messagesOf("claude-opus-4-6"),
    step: 1,
    start: startAnthropicServer,
    provider: createAnthropicProvider,
  },
  { name: "Chat, after every fifth byte", ends: CHAT, step: 5, start: startChatServer, provider: createOpenAIProvider },
];

/** A model behind a socket that is closed `next.at` bytes into its first answer. */
async function serverOf({ ends, start, provider }: Wire) {
  const next: { at: number; manner: Manner; asked: number } = { at: 0, manner: "exactly", asked: 0 };
  const server = await start({
    models: [ends.model],
    script: ({ body }) => {
      const whole = reply(...says(SPEECH, next.manner, { number: ++next.asked, messages: body["messages"] }));
      return next.asked === 1 ? cutAfter(next.at, whole) : whole;
    },
  });
  onTestFinished(() => server.close());
  return { next, provider: provider({ base_url: server.baseUrl, api_key: "test", model: ends.model }) };
}

test.each(WIRES)("a socket that is closed leaves the turn whole: $name", { timeout: 60_000 }, async (wire) => {
  const bytes = firstAnswer(wire);
  const { next, provider } = await serverOf(wire);
  const problems: string[] = [];
  for (let at = 0, n = 0; at < bytes.length; at += wire.step, n++) {
    Object.assign(next, { at, manner: MANNERS[n % MANNERS.length], asked: 0 });
    const turn = playBroken({ provider, speech: SPEECH, clock: systemClock, config: {} });
    // The answer and the one to the next prompt, and one more for what was cut.
    const judged = turn.then(() => expect(next.asked).toBe(at < finishOf(bytes) ? 3 : 2));
    await judged.catch((error: unknown) => problems.push(`after ${at} bytes, ${next.manner}: ${String(error)}`));
  }
  expect(problems).toEqual([]);
});

/** What the server would send, byte by byte the same as in memory. */
function firstAnswer({ ends }: Wire): Buffer {
  const messages = [{ role: "user" as const, content: PROMPT }];
  return bytesOf(ends, ends.bodyOf({ messages }), says(SPEECH, "exactly", { number: 1, messages }));
}
