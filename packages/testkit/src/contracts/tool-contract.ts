/**
 * Owns the contract suite of the tool port: what the loop, the model and other processes rely on in any `Tool`. It calls the
 * tool as the loop does; what the tool is for is its author's own tests' business.
 */
import { checkValue, frozenCopy, looseCopy, type Tool, type ToolResult, toToolResult } from "amplifier-core";
import { drainMicrotasks } from "../drain-microtasks.ts";
import { type ContractTest, contractTests, type Patience, type Patient, type Rules } from "./contract-test.ts";
import { demand, demandEqual, type Settled, settled } from "./demand.ts";
import { jsonProblem } from "./json-problem.ts";

/** The tool under test, and what it may be called with. */
export interface ToolSubject extends Patience {
  /** Makes the tool; asked once per test. Set up and clean up what it needs in your runner's own hooks. */
  readonly create: () => Tool | Promise<Tool>;
  /** Input with which a call succeeds; used once or twice per test. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Input that the schema must refuse. */
  readonly invalidInput?: unknown;
  /** Input that the schema takes and the call fails on, such as a file that is not there. */
  readonly failingInput?: Readonly<Record<string, unknown>>;
  /** Input of a call that runs until it is stopped. */
  readonly slowInput?: Readonly<Record<string, unknown>>;
}

type Subject = Patient<ToolSubject>;

/** The rules of the tool port for one tool. Optional inputs of the subject add the rules that need them. */
export function toolContract(subject: ToolSubject): readonly ContractTest[] {
  return contractTests(subject, {
    ...DECLARATION,
    ...(subject.invalidInput === undefined ? {} : INVALID),
    ...CALLS,
    ...(subject.failingInput === undefined ? {} : FAILING),
    ...STOPPING,
    ...(subject.slowInput === undefined ? {} : SLOW),
  });
}

const DECLARATION: Rules<Subject> = {
  "has a name that every model API takes": async ({ create }) => {
    const { name } = await create();
    demand(typeof name === "string" && /^[a-zA-Z0-9_-]{1,64}$/.test(name), {
      expected: "a name of 1 to 64 letters, digits, _ and -",
      seen: name,
      advice: "Rename the tool; APIs refuse a request with any other name.",
    });
  },

  "has a description that says something": async ({ create }) => {
    const { description } = await create();
    demand(typeof description === "string" && description.trim() !== "", {
      expected: "a description",
      seen: description,
      advice: "Say what the tool does and when to use it: it is all the model knows of it.",
    });
  },

  "has a schema of an object, in plain JSON": async ({ create }) => {
    const { inputSchema } = await create();
    const problem = jsonProblem(inputSchema, "inputSchema");
    demand(problem === undefined, {
      expected: "a schema of plain JSON",
      seen: problem,
      advice: "Write the schema as a literal; it is sent to the model.",
    });
    demand(inputSchema.type === "object", {
      expected: 'inputSchema.type to be "object"',
      seen: inputSchema.type,
      advice: "A tool's input is always an object; put a single value into a property.",
    });
  },

  "describes its native form, if it has one, in plain JSON with a type": async ({ create }) => {
    const { nativeSpec } = await create();
    if (nativeSpec === undefined) return;
    demand(typeof nativeSpec.type === "string" && jsonProblem(nativeSpec) === undefined, {
      expected: "nativeSpec to be plain JSON with a type",
      seen: nativeSpec,
      advice: "Write it as the API wants it; providers that do not know the type use name, description and schema.",
    });
  },

  "says of itself what it says, however often it is read": async (subject) => {
    const tool = await subject.create();
    const before = frozenCopy(declared(tool));
    await call(tool, subject.input, subject);
    demandEqual(declared(tool), before, {
      what: "name, description, schema and flags after a call",
      advice: "They are read once, before the first turn; make them constants.",
    });
  },

  "has flags that are true, false or absent": async ({ create }) => {
    const { idempotent, exclusive, cancellable, writes } = await create();
    for (const [flag, value] of Object.entries({ idempotent, exclusive, cancellable, writes })) {
      demand(value === undefined || typeof value === "boolean", {
        expected: `${flag} to be true, false or absent`,
        seen: value,
        advice: "The loop decides by it what may run together and what may run again.",
      });
    }
  },

  "takes the valid input by its own schema": async ({ create, input }) => {
    const { inputSchema } = await create();
    demandEqual(checkValue(input, inputSchema), [], {
      what: "the problems of the valid input",
      advice:
        "Mend the schema, or the input that the suite was given: the loop never runs a call that its schema refuses.",
    });
  },
};

const INVALID: Rules<Subject> = {
  "refuses the invalid input by its own schema": async ({ create, invalidInput }) => {
    const { inputSchema } = await create();
    demand(checkValue(invalidInput, inputSchema).length > 0, {
      expected: "the schema to refuse the invalid input",
      seen: invalidInput,
      advice: "Say in the schema what is required and what is not allowed: it is the only check before the tool runs.",
    });
  },
};

const CALLS: Rules<Subject> = {
  "answers with a promise": async ({ create, input, timeoutMs }) => {
    const tool = await create();
    const answer: unknown = tool.execute(looseCopy(input), toolContext("call_1"));
    const advice = "Make execute async, or make the tool with defineTool.";
    demand(isThenable(answer), { expected: "execute to return a promise", seen: answer, advice });
    await settled(answer, { what: "it to settle", timeoutMs, advice: SHORTER });
  },

  "succeeds with the valid input, and its result is plain JSON": async (subject) => {
    const tool = await subject.create();
    const { raw, result } = await call(tool, subject.input, subject);
    demandSuccess(result);
    const problem = raw === undefined ? undefined : jsonProblem(raw, "result");
    demand(problem === undefined, {
      expected: "a result of plain JSON",
      seen: problem,
      advice: "Return a string or plain data; the result is stored, and the tool may live in another process.",
    });
  },

  "leaves its input as it was": async (subject) => {
    const tool = await subject.create();
    const { result } = await call(tool, subject.input, { ...subject, frozen: true });
    demand(result.success, {
      expected: "a call with a deeply frozen input to succeed",
      seen: result,
      advice: "Copy the input before you change it: it is what the log says the call was.",
    });
  },

  "lets two calls run at once, each with its own result": async (subject) => {
    const tool = await subject.create();
    // The loop never runs an exclusive tool beside anything.
    if (tool.exclusive === true) return;
    const calls = await Promise.all(
      ["call_1", "call_2"].map((callId) => call(tool, subject.input, { ...subject, callId })),
    );
    for (const { result } of calls) {
      demand(result.success, {
        expected: "each of two calls at once to succeed",
        seen: result,
        advice: "Keep the state of a call inside the call, or declare the tool exclusive.",
      });
    }
  },

  "shows progress as plain JSON, and none once its call has settled": async (subject) => {
    const tool = await subject.create();
    const shown: unknown[] = [];
    await call(tool, subject.input, { ...subject, progress: (value) => shown.push(value) });
    const during = shown.length;
    await drainMicrotasks();
    const problem = shown.map((value) => jsonProblem(value, "progress")).find((found) => found !== undefined);
    demand(problem === undefined, {
      expected: "progress of plain JSON",
      seen: problem,
      advice: "Show strings or plain data: progress is an event.",
    });
    demand(shown.length === during, {
      expected: "no progress behind the result",
      seen: shown.slice(during),
      advice: "Wait for everything the call started before it returns.",
    });
  },
};

const FAILING: Rules<Subject> = {
  "tells a failure to the model, by a throw or by a failed result": async (subject) => {
    const tool = await subject.create();
    const { result } = await call(tool, subject.failingInput, subject);
    demand(!result.success, {
      expected: "the failing input to give a failed result",
      seen: result,
      advice: "Throw an Error, or return { success: false, error: { message } }.",
    });
    const said = result.error?.message ?? result.output;
    demand(said !== undefined && said !== "" && said !== null, {
      expected: "a failed result to say why",
      seen: result,
      advice: "Say what happened and what the model may do about it.",
    });
  },
};

const STOPPING: Rules<Subject> = {
  "settles when its signal is aborted before it begins": async (subject) => {
    const tool = await subject.create();
    await outcome(tool, subject.input, { ...subject, signal: AbortSignal.abort() });
  },

  "settles when its signal is aborted as soon as it has begun": async (subject) => {
    const tool = await subject.create();
    const stop = new AbortController();
    const running = outcome(tool, subject.input, { ...subject, signal: stop.signal });
    stop.abort();
    await running;
  },
};

const SLOW: Rules<Subject> = {
  "settles when its signal is aborted in the middle of a long call": async (subject) => {
    const tool = await subject.create();
    const stop = new AbortController();
    let over = false;
    const running = tool.execute(looseCopy(subject.slowInput), toolContext("call_1", { signal: stop.signal }));
    const watched = Promise.allSettled([running]).then(([outcome]) => {
      over = true;
      return outcome;
    });
    for (let n = 0; n < TURNS_OF_A_SLOW_CALL; n++) await drainMicrotasks();
    demand(!over, {
      expected: "a call with the slow input to run until it is stopped",
      seen: over ? await watched : null,
      advice: "Give the suite an input that takes longer.",
    });
    stop.abort();
    await settled(watched, {
      what: "a stopped call to settle",
      timeoutMs: subject.timeoutMs,
      advice: ON_ABORT,
    });
  },
};

/** Turns of the event loop a slow call is left alone for. */
const TURNS_OF_A_SLOW_CALL = 10;

const SHORTER = "Give the suite an input that takes less time, or a longer timeoutMs.";

const ON_ABORT =
  "Listen to context.signal and hand it on to everything the call waits for; one that ignores it is left behind.";

interface CallOptions {
  readonly timeoutMs: number;
  readonly callId?: string;
  readonly frozen?: boolean;
  readonly signal?: AbortSignal;
  readonly progress?: (value: unknown) => void;
}

/** Runs a call to its end, as the loop does: a throw is a failed result. */
async function call(tool: Tool, input: unknown, options: CallOptions): Promise<{ raw: unknown; result: ToolResult }> {
  const end = await outcome(tool, input, options);
  return end.status === "fulfilled"
    ? { raw: end.value, result: toToolResult(end.value) }
    : { raw: end.reason, result: toToolResult(asError(end.reason)) };
}

function outcome(tool: Tool, input: unknown, options: CallOptions): Promise<Settled<unknown>> {
  const own = options.frozen === true ? frozenCopy(input) : looseCopy(input);
  // A throw in place of a promise has a rule of its own.
  const running = (async () => tool.execute(own, toolContext(options.callId ?? "call_1", options)))();
  return settled(running, {
    what: "a call to settle",
    timeoutMs: options.timeoutMs,
    advice: options.signal === undefined ? SHORTER : ON_ABORT,
  });
}

function toolContext(
  callId: string,
  given: Pick<CallOptions, "signal" | "progress"> = {},
): Parameters<Tool["execute"]>[1] {
  return {
    callId,
    signal: given.signal ?? new AbortController().signal,
    progress: given.progress ?? (() => undefined),
  };
}

// Named one by one: a class may have them on its prototype, where a spread does not look.
function declared(tool: Tool): object {
  const { name, description, inputSchema, nativeSpec, idempotent, exclusive, cancellable, writes } = tool;
  return { name, description, inputSchema, nativeSpec, idempotent, exclusive, cancellable, writes };
}

function demandSuccess(result: ToolResult): void {
  demand(result.success, {
    expected: "the valid input to succeed",
    seen: result,
    advice: "Give the suite an input that works, and set up what it needs before each test.",
  });
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
