/**
 * Owns the contract suite of the provider port: what the loop relies on in any `Provider`, whatever API is behind it. It asks
 * one small question; what is sent to the API is the provider's own tests' business.
 */
import { frozenCopy, isLLMError, type ProviderEvent } from "amplifier-core";
import { checkProviderEvents } from "../provider/check-provider-events.ts";
import { type ContractTest, contractTests, type Patience, type Patient, type Rules } from "./contract-test.ts";
import { demand, demandEqual, demandNothing, rejection, resolved, settled, type Wait } from "./demand.ts";
import { jsonProblem } from "./json-problem.ts";
import { countProblem, infoProblem, modelsProblem } from "./provider-shapes.ts";
import { type Asked, beginAnswer, type MakeProvider, makeProvider, readRest, type Stream } from "./read-answer.ts";

/** The provider under test. One with only `complete` is adapted, as a session does it. */
export interface ProviderSubject extends Patience, Asked {
  /** Makes a provider that answers `request` well, any number of times; asked once per test. */
  readonly create: MakeProvider;
  /** Makes one whose answer begins and never goes on, until it is stopped. */
  readonly createHanging?: MakeProvider;
  /** Makes one whose call is refused or fails. */
  readonly createFailing?: MakeProvider;
  /** Makes one whose stream stops before its answer is finished. */
  readonly createBroken?: MakeProvider;
  /** Resolves once no call is under way any more: connections closed, generations ended. */
  readonly idle?: () => void | Promise<void>;
}

type Subject = Patient<ProviderSubject>;

/** The rules of the provider port for one provider. Optional fields of the subject add the rules that need them. */
export function providerContract(subject: ProviderSubject): readonly ContractTest[] {
  return contractTests(subject, {
    ...DECLARATION,
    ...ANSWERS,
    ...STOPPING,
    ...(subject.createHanging === undefined ? {} : hanging(subject.createHanging)),
    ...(subject.createFailing === undefined ? {} : failing(subject.createFailing)),
    ...(subject.createBroken === undefined ? {} : broken(subject.createBroken)),
  });
}

const DECLARATION: Rules<Subject> = {
  "has a name, and a priority that is a number or absent": async ({ create }) => {
    const { name, priority } = await makeProvider(create);
    demand(typeof name === "string" && name !== "", {
      expected: "a name",
      seen: name,
      advice: "Events and the plan call the provider by it.",
    });
    demand(priority === undefined || Number.isFinite(priority), {
      expected: "priority to be a number or absent",
      seen: priority,
      advice: "The provider with the smallest is asked first; 100 when absent.",
    });
  },

  "says what it is at once, and the same each time": async ({ create }) => {
    const provider = await makeProvider(create);
    const info = provider.getInfo();
    demandNothing(infoProblem(info), {
      what: "getInfo() to give a ProviderInfo",
      advice: "Give { id, displayName, defaultModel } in plain JSON, without asking anybody.",
    });
    demandEqual(provider.getInfo(), info, {
      what: "getInfo() asked again",
      advice: "It is known without asking; make it a constant.",
    });
  },

  "lists its models, each once": async ({ create, timeoutMs }) => {
    const provider = await makeProvider(create);
    const advice = "Give an empty list where there is none.";
    const models = await resolved(provider.listModels(), { what: "listModels() to resolve", timeoutMs, advice });
    demandNothing(modelsProblem(models), {
      what: "listModels() to give ModelInfos",
      advice: "Contexts count on these numbers; leave out what is not known.",
    });
  },
};

const ANSWERS: Rules<Subject> = {
  "streams blocks in order, each ended, and one `end` behind them": async (subject) => {
    const events = await wholeAnswer(subject);
    const said = events.some(({ type }) => type === "block_end");
    const advice = "Give the suite a request that is answered with something.";
    demand(said, { expected: "an answer with at least one block", seen: events, advice });
  },

  "streams events of plain JSON, in lists that are not empty": async (subject) => {
    const batches = await answerOf(subject);
    demand(
      batches.every((batch) => Array.isArray(batch) && batch.length > 0),
      {
        expected: "each step to give a list of events",
        seen: batches,
        advice: "Yield all events of one network read together, and nothing for a read without events.",
      },
    );
    demandNothing(jsonProblem(batches.flat(), "events"), {
      what: "events of plain JSON",
      advice: "Blocks and metadata are stored and handed back; make them plain data.",
    });
  },

  "counts tokens, and says why the model stopped": async (subject) => {
    const problems = (await answerOf(subject)).flat().map(countProblem);
    const what = "usage in whole tokens and a known finish_reason";
    const advice = 'See Usage and FinishReason in amplifier-core; a word you do not know is "unknown".';
    demandNothing(
      problems.find((problem) => problem !== undefined),
      { what, advice },
    );
  },

  "leaves its request as it was": async (subject) => {
    const request = subject.request === undefined ? {} : { request: frozenCopy(subject.request) };
    const provider = await makeProvider(subject.create);
    await resolved(readRest(beginAnswer(provider, { ...request, frozen: true })), {
      what: "a deeply frozen request to be answered",
      timeoutMs: subject.timeoutMs,
      advice: "Copy what you change: the same request may be sent again, to another provider.",
    });
  },

  "answers two requests at once, each whole": async (subject) => {
    const provider = await makeProvider(subject.create);
    const reading = [1, 2].map(() => readRest(beginAnswer(provider, subject)));
    await resolved(Promise.allSettled(reading), answering(subject));
    for (const answer of reading) demandWhole((await resolved(answer, together(subject))).flat());
  },
};

const STOPPING: Rules<Subject> = {
  "throws when its signal is aborted before it begins": async (subject) => {
    const provider = await makeProvider(subject.create);
    await rejection(readRest(beginAnswer(provider, { ...subject, signal: AbortSignal.abort() })), stopping(subject));
    await demandIdle(subject);
  },

  "throws when its signal is aborted in the middle of its answer": async (subject) => {
    const provider = await makeProvider(subject.create);
    const stop = new AbortController();
    const stream = beginAnswer(provider, { ...subject, signal: stop.signal });
    const first = await resolved(stream.next(), answering(subject));
    stop.abort();
    // An answer that came in one piece has no middle.
    if (!isEnd(first)) await rejection(readRest(stream), stopping(subject));
    await demandIdle(subject);
  },

  "stops when its reader leaves": async (subject) => {
    const stream = beginAnswer(await makeProvider(subject.create), subject);
    await resolved(stream.next(), answering(subject));
    await demandLeft(stream, subject);
  },

  "goes on with one answer when another is stopped": async (subject) => {
    const provider = await makeProvider(subject.create);
    const stop = new AbortController();
    const stopped = beginAnswer(provider, { ...subject, signal: stop.signal });
    const begun = stopped.next();
    // It may wait for its turn: a model in this process can do one thing at a time.
    const other = readRest(beginAnswer(provider, subject));
    await resolved(begun, answering(subject));
    stop.abort();
    await settled(readRest(stopped), stopping(subject));
    demandWhole((await resolved(other, together(subject))).flat());
  },
};

function hanging(create: MakeProvider): Rules<Subject> {
  return {
    "throws at once when its signal is aborted while it waits for the model": async (subject) => {
      const stop = new AbortController();
      const stream = beginAnswer(await makeProvider(create), { ...subject, signal: stop.signal });
      await resolved(stream.next(), answering(subject));
      const waiting = readRest(stream);
      stop.abort();
      await rejection(waiting, stopping(subject));
      await demandIdle(subject);
    },

    "stops when its reader leaves in the middle of an answer": async (subject) => {
      const stream = beginAnswer(await makeProvider(create), subject);
      await resolved(stream.next(), answering(subject));
      await demandLeft(stream, subject);
    },
  };
}

function failing(create: MakeProvider): Rules<Subject> {
  return {
    "throws an LLMError when the call fails": async (subject) => {
      const provider = await makeProvider(create);
      const error = await rejection(readRest(beginAnswer(provider, subject)), {
        what: "a call that fails to throw",
        timeoutMs: subject.timeoutMs,
        advice: "Throw an LLMError out of the stream; an answer that looks whole is believed.",
      });
      demand(isLLMError(error), {
        expected: "an LLMError",
        seen: error,
        advice: "Retry and failover decide by its kind; see LLMError in amplifier-core.",
      });
      await demandIdle(subject);
    },
  };
}

function broken(create: MakeProvider): Rules<Subject> {
  return {
    "throws an LLMError that a retry may help when its stream stops too soon": async (subject) => {
      const provider = await makeProvider(create);
      const error = await rejection(readRest(beginAnswer(provider, subject)), {
        what: "a stream without its finish to throw",
        timeoutMs: subject.timeoutMs,
        advice: "Throw LLMError StreamError; a short answer is never a whole one.",
      });
      demand(isLLMError(error) && error.retryable, {
        expected: "a StreamError, or another LLMError with retryable",
        seen: error,
        advice: "The loop continues a broken answer only when its error says so.",
      });
      await demandIdle(subject);
    },
  };
}

async function answerOf(subject: Subject): Promise<readonly (readonly ProviderEvent[])[]> {
  return resolved(readRest(beginAnswer(await makeProvider(subject.create), subject)), answering(subject));
}

async function wholeAnswer(subject: Subject): Promise<readonly ProviderEvent[]> {
  const events = (await answerOf(subject)).flat();
  demandWhole(events);
  return events;
}

function demandWhole(events: readonly ProviderEvent[]): void {
  const check = checkProviderEvents();
  try {
    for (const event of events) check(event);
  } catch (error) {
    const advice = "See ProviderEvent in amplifier-core for the order of events.";
    throw new Error(`Expected a well-formed answer, but it is none: ${(error as Error).message} ${advice}`, {
      cause: error,
    });
  }
  demand(events.at(-1)?.type === "end", {
    expected: "`end` as the last event",
    seen: events.at(-1),
    advice: 'End a whole answer with { type: "end", finish_reason }; throw a StreamError when it broke off.',
  });
}

async function demandLeft(stream: Stream, subject: Subject): Promise<void> {
  await resolved(stream.return(undefined), {
    what: "return() of the stream to resolve",
    timeoutMs: subject.timeoutMs,
    advice: "Close the connection in a finally block of the generator, and wait for nobody.",
  });
  await demandIdle(subject);
}

async function demandIdle({ idle, timeoutMs }: Subject): Promise<void> {
  await resolved((async () => idle?.())(), {
    what: "nothing to be left running",
    timeoutMs,
    advice: "Close the connection and end the generation as soon as nobody reads the answer.",
  });
}

function isEnd({ done, value }: IteratorResult<readonly ProviderEvent[] | undefined>): boolean {
  return done === true || value?.some(({ type }) => type === "end") === true;
}

function answering({ timeoutMs }: Subject): Wait {
  const advice = "Make the answer come, or give the suite a shorter request or a longer timeoutMs.";
  return { what: "the answer to come", timeoutMs, advice };
}

function together({ timeoutMs }: Subject): Wait {
  const advice = "Keep the state of a call, its connection too, inside the call; let a second one wait if it has to.";
  return { what: "an answer to come beside another", timeoutMs, advice };
}

function stopping({ timeoutMs }: Subject): Wait {
  const advice =
    "Hand the signal on to the connection, and throw LLMError AbortError: a stopped answer is not a whole one.";
  return { what: "a stopped stream to throw", timeoutMs, advice };
}
