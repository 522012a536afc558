/** The suite of the provider port: the scripted provider keeps its rules, and it notices what it is there to notice. */
import {
  type ChatRequest,
  LLMError,
  type Message,
  type ModelInfo,
  type Provider,
  type ProviderEvent,
  type ProviderInfo,
} from "amplifier-core";
import {
  answer,
  fails,
  hangs,
  providerContract,
  type ProviderSubject,
  ScriptedProvider,
  text,
} from "amplifier-testkit";
import { describe, it } from "vitest";
import { showThatItFails } from "./broken-subjects.ts";

describe("ScriptedProvider", () => {
  const hello = answer(text("Hel", "lo."));
  const tests = providerContract({
    create: () => new ScriptedProvider([hello, hello]),
    createHanging: () => new ScriptedProvider([answer(text("Hel"), hangs())]),
    createFailing: () => new ScriptedProvider([fails(new LLMError("RateLimitError", "Slow down."))]),
    createBroken: () =>
      new ScriptedProvider([answer(text("Hel"), fails(new LLMError("StreamError", "It broke off.")))]),
  });
  for (const { name, run } of tests) it(name, run);
});

describe("a provider that can only answer whole", () => {
  const complete = async () => ({ content: [{ type: "text", text: "Hello." }], finish_reason: "stop" }) as const;
  const create = () => ({ ...sound(), stream: undefined, complete }) as never;
  for (const { name, run } of providerContract({ create })) it(name, run);
});

type Stream = Provider["stream"];
type Batches = AsyncGenerator<readonly ProviderEvent[]>;

const HELLO: readonly ProviderEvent[] = [
  { type: "block_start", index: 0, block: { type: "text" } },
  { type: "block_delta", index: 0, delta: "Hel" },
  { type: "block_delta", index: 0, delta: "lo." },
  { type: "block_end", index: 0, block: { type: "text", text: "Hello." } },
  { type: "usage", usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 } },
  { type: "end", finish_reason: "stop", metadata: { id: "msg_1" } },
];

/** The calls under way of the provider that was made last. */
let calls = { running: 0 };

/** Gives one event a step, and listens to its signal. */
async function* hello({ signal }: { readonly signal: AbortSignal }, events = HELLO): Batches {
  const own = calls;
  own.running++;
  try {
    for (const event of events) {
      await Promise.resolve();
      if (signal.aborted) throw new LLMError("AbortError", "Stopped.");
      yield [event];
    }
  } finally {
    own.running--;
  }
}

/** Waits for its signal behind the first events. */
async function* waiting({ signal }: { readonly signal: AbortSignal }): Batches {
  yield* hello({ signal }, HELLO.slice(0, 2));
  await new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new LLMError("AbortError", "Stopped.")));
  });
}

async function* deaf(): Batches {
  yield HELLO.slice(0, 1);
  await new Promise(() => undefined);
}

function sound(): Provider {
  calls = { running: 0 };
  const info: ProviderInfo = { id: "hello", displayName: "Hello", defaultModel: "hello-1" };
  const models: readonly ModelInfo[] = [{ id: "hello-1", contextWindow: 1000, pricing: { input: "0.5", output: "1" } }];
  return {
    name: "hello",
    getInfo: () => info,
    listModels: () => Promise.resolve(models),
    stream: (_, options) => hello(options),
  };
}

function subject(over: Partial<Provider>, more: Partial<ProviderSubject> = {}): ProviderSubject {
  return {
    create: () => ({ ...sound(), ...over }),
    createHanging: () => ({ ...sound(), stream: (_, options) => waiting(options) }),
    createFailing: () => ({ ...sound(), stream: () => failing(new LLMError("RateLimitError", "Slow down.")) }),
    createBroken: () => ({ ...sound(), stream: () => failing(new LLMError("StreamError", "It broke off."), HELLO[0]) }),
    idle: () => {
      if (calls.running > 0) throw new Error(`${calls.running} calls are under way`);
    },
    timeoutMs: 200,
    ...more,
  };
}

const streams = (stream: Stream): ProviderSubject => subject({ stream });
const says = (events: readonly ProviderEvent[]): ProviderSubject => streams((_, options) => hello(options, events));
const informs = (info: object): ProviderSubject => subject({ getInfo: () => ({ ...sound().getInfo(), ...info }) });
const lists = (...models: readonly object[]): ProviderSubject =>
  subject({ listModels: async () => models as readonly ModelInfo[] });

async function* failing(thrown: Error, first?: ProviderEvent): Batches {
  await Promise.resolve();
  if (first) yield [first];
  throw thrown;
}

const NAME = "has a name, and a priority that is a number or absent";
const INFO = "says what it is at once, and the same each time";
const MODELS = "lists its models, each once";
const WHOLE = "streams blocks in order, each ended, and one `end` behind them";
const JSON_ONLY = "streams events of plain JSON, in lists that are not empty";
const COUNTS = "counts tokens, and says why the model stopped";
const REQUEST = "leaves its request as it was";
const TWO = "answers two requests at once, each whole";
const ABORTED = "throws when its signal is aborted before it begins";
const MIDDLE = "throws when its signal is aborted in the middle of its answer";
const LEFT = "stops when its reader leaves";
const OTHER = "goes on with one answer when another is stopped";
const HANGING = "throws at once when its signal is aborted while it waits for the model";
const HANGING_LEFT = "stops when its reader leaves in the middle of an answer";
const FAILS = "throws an LLMError when the call fails";
const BREAKS = "throws an LLMError that a retry may help when its stream stops too soon";

/** Every rule that reads a whole answer and looks at its order. */
const ORDER = [WHOLE, TWO, OTHER];
const usage = (count: number): ProviderEvent => ({
  type: "usage",
  usage: { input_tokens: count, output_tokens: 2, total_tokens: 3 },
});
let asked = 0;
let busy = false;

showThatItFails({
  contract: providerContract,
  sound: subject({}),
  broken: [
    { what: "has no name", subject: subject({ name: "" }), breaks: [NAME] },
    { what: "has a priority in words", subject: subject({ priority: "high" as never }), breaks: [NAME] },
    { what: "has an id that is no text", subject: informs({ id: 1 }), breaks: [INFO] },
    { what: "has no default model and does not say so", subject: informs({ defaultModel: undefined }), breaks: [INFO] },
    { what: "answers about itself in words", subject: informs({ tools: "yes" }), breaks: [INFO] },
    {
      what: "is another one each time",
      subject: subject({ getInfo: () => ({ id: `id-${asked++}`, displayName: "Hello", defaultModel: null }) }),
      breaks: [INFO],
    },
    { what: "promises to say what it is", subject: subject({ getInfo: (async () => ({})) as never }), breaks: [INFO] },
    { what: "lists a model twice", subject: lists({ id: "a" }, { id: "a" }), breaks: [MODELS] },
    { what: "has a model without an id", subject: lists({}), breaks: [MODELS] },
    { what: "counts a context in text", subject: lists({ id: "a", contextWindow: "8k" }), breaks: [MODELS] },
    { what: "has prices in numbers", subject: lists({ id: "a", pricing: { input: 1, output: 2 } }), breaks: [MODELS] },
    {
      what: "never lists its models",
      subject: subject({ listModels: () => new Promise(() => undefined) }),
      breaks: [MODELS],
    },
    {
      what: "counts blocks from one",
      subject: says(HELLO.map((event) => ("index" in event ? { ...event, index: 1 } : event))),
      breaks: ORDER,
    },
    {
      what: "gives no delta but the whole",
      subject: says(HELLO.filter(({ type }) => type !== "block_delta")),
      breaks: ORDER,
    },
    { what: "ends no block", subject: says(HELLO.filter(({ type }) => type !== "block_end")), breaks: ORDER },
    { what: "ends without its end", subject: says(HELLO.slice(0, -1)), breaks: ORDER },
    { what: "goes on behind its end", subject: says([...HELLO, usage(1)]), breaks: ORDER },
    { what: "says nothing", subject: says(HELLO.slice(-2)), breaks: [WHOLE] },
    {
      what: "gives empty lists",
      subject: streams(async function* (_, options) {
        for await (const batch of hello(options)) {
          yield batch;
          yield [];
        }
      }),
      breaks: [JSON_ONLY],
    },
    {
      what: "has metadata that is no JSON",
      subject: says([...HELLO.slice(0, -1), { type: "end", finish_reason: "stop", metadata: { at: new Date() } }]),
      breaks: [JSON_ONLY],
    },
    { what: "counts half a token", subject: says([usage(0.5), ...HELLO]), breaks: [COUNTS] },
    {
      what: "stops for a reason of its own",
      subject: says([...HELLO.slice(0, -1), { type: "end", finish_reason: "end_turn" as never }]),
      breaks: [COUNTS],
    },
    {
      what: "adds to its request",
      subject: streams((request: ChatRequest, options) => {
        (request.messages as Message[]).push({ role: "user", content: "Be brief." });
        return hello(options);
      }),
      breaks: [REQUEST],
    },
    {
      what: "can do one thing at a time and does not wait",
      subject: streams(async function* (_, options) {
        if (busy) throw new LLMError("InvalidRequestError", "I am busy.");
        busy = true;
        try {
          yield* hello(options);
        } finally {
          busy = false;
        }
      }),
      breaks: [TWO, OTHER],
    },
    {
      what: "ends quietly when it is stopped",
      subject: streams(async function* (_, options) {
        for await (const batch of hello({ signal: new AbortController().signal })) {
          if (options.signal.aborted) return;
          yield batch;
        }
      }),
      breaks: [ABORTED, MIDDLE],
    },
    {
      what: "does not look at its signal",
      subject: streams(() => hello({ signal: new AbortController().signal })),
      breaks: [ABORTED, MIDDLE],
    },
    {
      what: "closes its connection only when it is read to the end",
      subject: streams(async function* (_, options) {
        calls.running++;
        yield* hello(options);
        calls.running--;
      }),
      breaks: [ABORTED, MIDDLE, LEFT],
    },
    {
      what: "hangs when it is stopped while it waits",
      subject: subject({}, { createHanging: () => ({ ...sound(), stream: () => deaf() }) }),
      breaks: [HANGING],
    },
    {
      what: "cannot be left while it waits",
      subject: subject(
        {},
        {
          createHanging: () => ({
            ...sound(),
            stream: (_, options) => {
              const stream = waiting(options);
              const next = () => stream.next();
              return { [Symbol.asyncIterator]: () => ({ next, return: () => new Promise(() => undefined) }) };
            },
          }),
        },
      ),
      breaks: [HANGING_LEFT],
    },
    {
      what: "fails in its own words",
      subject: subject({}, { createFailing: () => ({ ...sound(), stream: () => failing(new Error("429")) }) }),
      breaks: [FAILS],
    },
    {
      what: "tells a failure as an answer",
      subject: subject({}, { createFailing: () => sound() }),
      breaks: [FAILS],
    },
    {
      what: "gives a short answer for a whole one",
      subject: subject(
        {},
        { createBroken: () => ({ ...sound(), stream: (_, options) => hello(options, HELLO.slice(0, 2)) }) },
      ),
      breaks: [BREAKS],
    },
    {
      what: "breaks off for good",
      subject: subject(
        {},
        { createBroken: () => ({ ...sound(), stream: () => failing(new LLMError("InvalidRequestError", "No.")) }) },
      ),
      breaks: [BREAKS],
    },
  ],
});
