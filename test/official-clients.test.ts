/**
 * A third party's view of our providers: the vendors' own clients ask the same servers, and see the same text, thinking,
 * tool calls, counts of tokens and reason to stop. One client reads what another reads otherwise only where it says so.
 */
import type { Provider } from "amplifier-core";
import { createAnthropicProvider } from "amplifier-providers/anthropic";
import { createGeminiProvider } from "amplifier-providers/gemini";
import { createOpenAIProvider } from "amplifier-providers/openai";
import { finish, inFragments, signed, text, thinking, toolCall, usage } from "amplifier-testkit";
import { type ModelServer, type Reply, reply, startAnthropicServer, startChatServer } from "amplifier-testkit/servers";
import { afterEach, describe, expect, it } from "vitest";
import {
  askAnthropic,
  askChat,
  askGemini,
  askOurs,
  askResponses,
  type SeenAnswer,
} from "./support/official-clients.ts";
import { startRecordedAnswerServer } from "./support/recorded-answer-server.ts";

let stop: () => Promise<void>;
afterEach(() => stop());

const COUNTS = usage({ input_tokens: 21, output_tokens: 13, total_tokens: 34 });
const SAID = ["Sunny", " in “Oslo”", ",\n\n漢字 🙂", "."];
const INPUT = { city: 'Bergen "west"', days: [1, 2], note: "ö\n" };

/** The answers of the strict servers, with what a reader has to see of each. */
const ANSWERS: Readonly<Record<string, { readonly answer: Reply; readonly seen: Partial<SeenAnswer> }>> = {
  "plain text": {
    answer: reply(text(...SAID), COUNTS, finish("stop")),
    seen: { text: SAID.join(""), stop: "stop" },
  },
  thinking: {
    answer: reply(signed(thinking("The user", " asks."), "c2lnbmVk"), text(...SAID), COUNTS, finish("stop")),
    seen: { text: SAID.join(""), thinking: "The user asks.", stop: "stop" },
  },
  "tool calls in fragments": {
    answer: reply(
      text("Let me look."),
      inFragments(toolCall("call_1", "weather", INPUT), 9),
      inFragments(toolCall("call_2", "weather", {}), 2),
      COUNTS,
      finish("tool_calls"),
    ),
    seen: {
      text: "Let me look.",
      calls: [
        { id: "call_1", name: "weather", input: INPUT },
        { id: "call_2", name: "weather", input: {} },
      ],
      stop: "tool_calls",
    },
  },
  "a limit of length": {
    answer: reply(text("Cut before the"), COUNTS, finish("length")),
    seen: { text: "Cut before the", stop: "length" },
  },
};

interface Api {
  readonly start: (answer: Reply) => Promise<ModelServer>;
  readonly ours: (baseUrl: string) => Provider;
  readonly theirs: (baseUrl: string, model: string) => Promise<SeenAnswer>;
  readonly model: string;
}

const APIS: Readonly<Record<string, Api>> = {
  openai: {
    start: (answer) => startChatServer({ script: () => answer }),
    ours: (base_url) => createOpenAIProvider({ base_url, api_key: "test", api: "chat" }, {}),
    theirs: askChat,
    model: "gpt-6-sol",
  },
  "@anthropic-ai/sdk": {
    start: (answer) => startAnthropicServer({ script: () => answer }),
    ours: (base_url) => createAnthropicProvider({ base_url, api_key: "test" }, {}),
    theirs: askAnthropic,
    model: "claude-sonnet-5-5",
  },
};

describe.each(Object.entries(APIS))("%s and our provider see the same of", (_, { start, ours, theirs, model }) => {
  it.each(Object.entries(ANSWERS))("%s", async (_name, { answer, seen }) => {
    const server = await start(answer);
    stop = () => server.close();
    const expected = { thinking: "", calls: [], inputTokens: 21, outputTokens: 13, ...seen };
    expect(await theirs(server.baseUrl, model)).toEqual(expected);
    expect(await askOurs(ours(server.baseUrl), model)).toEqual(expected);
    expect(server.requests).toHaveLength(2);
  });
});

/** Google's client leaves a call without an id; ours gives it one. */
const withoutIds = (answer: SeenAnswer): SeenAnswer => ({
  ...answer,
  calls: answer.calls.map((call) => ({ ...call, id: "" })),
});

describe("@google/genai and our provider see the same of", () => {
  it.each([
    ["plain text", "gemini/text", { stop: "stop", outputTokens: 88 }],
    ["thinking and tool calls", "gemini/thinking-and-calls", { stop: "tool_calls", inputTokens: 40 }],
    ["a limit of length", "gemini/length", { stop: "length", text: "Cut before the end" }],
  ])("%s", async (_, recording, known) => {
    const server = await startRecordedAnswerServer(recording);
    stop = () => server.close();
    const theirs = await askGemini(server.url, "gemini-3.8-flash");
    const ours = await askOurs(createGeminiProvider({ base_url: server.url, api_key: "test" }, {}), "gemini-3.8-flash");
    expect(theirs).toMatchObject(known);
    expect(withoutIds(ours)).toEqual(withoutIds(theirs));
    const path = "/v1beta/models/gemini-3.8-flash:streamGenerateContent";
    expect(server.paths).toEqual([path, path]);
  });
});

describe("openai's Responses and our provider see the same of", () => {
  it.each([
    ["plain text", "openai-responses/text", { stop: "stop" }],
    ["reasoning and tool calls", "openai-responses/reasoning-and-calls", { stop: "tool_calls" }],
    ["a limit of length", "openai-responses/length", { stop: "length" }],
  ])("%s", async (_, recording, known) => {
    const server = await startRecordedAnswerServer(recording);
    stop = () => server.close();
    const theirs = await askResponses(`${server.url}/v1`, "gpt-6-sol");
    const provider = createOpenAIProvider({ base_url: `${server.url}/v1`, api_key: "test", api: "responses" }, {});
    expect(theirs).toMatchObject(known);
    expect(await askOurs(provider, "gpt-6-sol")).toEqual(theirs);
    expect(server.paths).toEqual(["/v1/responses", "/v1/responses"]);
  });
});
