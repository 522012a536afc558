/**
 * Owns the two wires as these tests take them apart: what a request becomes on its way out, what the API would refuse in
 * it, how an answer looks in bytes, and the adapter's translator that reads them.
 */
import type { ChatRequest } from "amplifier-core";
import { type Reply, reply, type WirePart } from "amplifier-testkit/servers";
import { resolveAnthropicConfig } from "../../packages/providers/src/anthropic/anthropic-config.ts";
import { AnswerTranslator } from "../../packages/providers/src/anthropic/answer-translator.ts";
import { toWireRequest } from "../../packages/providers/src/anthropic/to-wire-request.ts";
import type { HttpRequest } from "../../packages/providers/src/http/http-request.ts";
import type { Translator } from "../../packages/providers/src/http/translate-stream.ts";
import { toChatBody } from "../../packages/providers/src/openai/chat/chat-request.ts";
import { ChatTranslator } from "../../packages/providers/src/openai/chat/chat-translator.ts";
import { resolveOpenAIConfig } from "../../packages/providers/src/openai/openai-config.ts";
import { ANTHROPIC_WIRE } from "../../packages/testkit/src/servers/anthropic/anthropic-wire.ts";
import type { JsonObject } from "../../packages/testkit/src/servers/json.ts";
import { CHAT_WIRE } from "../../packages/testkit/src/servers/openai-chat/chat-wire.ts";
import type { ServerFacts, Wire } from "../../packages/testkit/src/servers/wire.ts";

/** One wire, with an adapter of ours on one end and a strict server's words on the other. */
export interface BothEnds {
  readonly model: string;
  readonly wire: Wire;
  /** The body that the adapter sends. */
  readonly bodyOf: (request: ChatRequest) => JsonObject;
  /** What reads the answer; a new one for each. */
  readonly translator: () => Translator;
}

const CALL: HttpRequest = { url: "http://127.0.0.1/", headers: {}, provider: "model", model: undefined, keyName: "" };
const OPENAI = resolveOpenAIConfig({ api_key: "test", model: "gpt-4.1" }, {});

/** OpenAI's Chat Completions; the model takes no prefill. */
export const CHAT: BothEnds = {
  model: OPENAI.model,
  wire: CHAT_WIRE,
  bodyOf: (request) => toChatBody(request, OPENAI),
  translator: () => new ChatTranslator({ ...CALL, model: OPENAI.model }, { seed: "", warning: null }),
};

/** Anthropic's Messages; models before 4.6 take a prefill when they do not think. */
export function messagesOf(model: string): BothEnds {
  const { defaults } = resolveAnthropicConfig({ api_key: "test", model }, {});
  return {
    model,
    wire: ANTHROPIC_WIRE,
    bodyOf: (request) => toWireRequest(request, defaults).body,
    translator: () => new AnswerTranslator({ ...CALL, model }),
  };
}

/** The bytes of an answer to `body`. */
export function bytesOf({ wire }: BothEnds, body: JsonObject, parts: readonly WirePart[]): Buffer {
  const { steps, usage }: Reply = reply(...parts);
  const encoder = wire.encoder({ body, usage });
  const frames = steps.flatMap((step) => {
    if (step.kind !== "read") throw new TypeError(`"${step.kind}" has no bytes.`);
    return step.events.map((event) => encoder.event(event));
  });
  return Buffer.from(encoder.start() + frames.join(""));
}

/** How many bytes of an answer there are when its finish has come: what is behind it says nothing that is missed. */
export function finishOf(bytes: Buffer): number {
  return bytes.indexOf("\n\n", bytes.indexOf('_reason":"')) + 2;
}

/** What the API would refuse in `body`. `signedThinking`: what it has signed so far. */
export function refusals(
  { wire }: BothEnds,
  body: JsonObject,
  signedThinking: ServerFacts["signedThinking"],
): readonly string[] {
  const facts = { takesPrefill: (model: string) => wire.takesPrefill(model), signedThinking };
  return wire.problems(body, facts).map(({ message }) => message);
}
