/** The suite of the tool port notices what it is there to notice. */
import { defineTool, type Tool } from "amplifier-core";
import { toolContract, type ToolSubject } from "amplifier-testkit";
import { showThatItFails } from "./broken-subjects.ts";

const inputSchema = {
  type: "object",
  properties: { text: { type: "string" } },
  required: ["text"],
  additionalProperties: false,
} as const;

const sound = defineTool({
  name: "echo",
  description: "Gives the text back",
  inputSchema,
  execute: ({ text }, { signal, progress }) => {
    if (text === "fail") throw new Error("There is nothing to give back.");
    progress({ length: text.length });
    return text === "wait" ? aborted(signal) : { text };
  },
});

function aborted(signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve("stopped")));
}

const inputs = { input: { text: "a" }, invalidInput: {}, failingInput: { text: "fail" }, slowInput: { text: "wait" } };

function subject(over: Partial<Tool>, more: Partial<ToolSubject> = {}): ToolSubject {
  return { create: () => ({ ...sound, ...over }), ...inputs, timeoutMs: 200, ...more };
}

const execute = (run: Tool["execute"]): Partial<Tool> => ({
  execute: (input, context) => {
    const { text } = input as { text: string };
    return text === "a" ? run(input, context) : sound.execute(input, context);
  },
});
let reads = 0;
let running = 0;

showThatItFails({
  contract: toolContract,
  sound: subject({}),
  broken: [
    {
      what: "has a name with a space",
      subject: subject({ name: "my tool" }),
      breaks: ["has a name that every model API takes"],
    },
    {
      what: "describes nothing",
      subject: subject({ description: " " }),
      breaks: ["has a description that says something"],
    },
    {
      what: "does not say that it takes an object",
      subject: subject({ inputSchema: { required: ["text"] } }),
      breaks: ["has a schema of an object, in plain JSON"],
    },
    {
      what: "has a schema with a function",
      subject: subject({ inputSchema: { ...inputSchema, check: () => true } }),
      breaks: ["has a schema of an object, in plain JSON", "says of itself what it says, however often it is read"],
    },
    {
      what: "has a native form without a type",
      subject: subject({ nativeSpec: { name: "echo" } as never }),
      breaks: ["describes its native form, if it has one, in plain JSON with a type"],
    },
    {
      what: "describes itself anew each time",
      subject: {
        ...subject({}),
        create: () => ({
          ...sound,
          get description() {
            return `Description ${reads++}`;
          },
        }),
      },
      breaks: ["says of itself what it says, however often it is read"],
    },
    {
      what: "has a flag that is a word",
      subject: subject({ writes: "yes" as unknown as boolean }),
      breaks: ["has flags that are true, false or absent"],
    },
    {
      what: "refuses its own input",
      subject: subject({}, { input: { text: "a", more: 1 } }),
      breaks: ["takes the valid input by its own schema"],
    },
    {
      what: "takes anything",
      subject: subject({ inputSchema: { type: "object" } }),
      breaks: ["refuses the invalid input by its own schema"],
    },
    {
      what: "answers at once",
      subject: subject(execute(((input: unknown) => input) as Tool["execute"])),
      breaks: ["answers with a promise"],
    },
    {
      what: "gives a Map",
      subject: subject(execute(async () => new Map())),
      breaks: [
        "succeeds with the valid input, and its result is plain JSON",
        "leaves its input as it was",
        "lets two calls run at once, each with its own result",
      ],
    },
    {
      what: "changes its input",
      subject: subject(execute(async (input) => Object.assign(input as object, { text: "b" }))),
      breaks: ["leaves its input as it was"],
    },
    {
      what: "can do one thing at a time",
      subject: subject(
        execute(async () => {
          if (running > 0) throw new Error("I am busy.");
          running++;
          await new Promise((resolve) => setImmediate(resolve));
          running--;
        }),
      ),
      breaks: ["lets two calls run at once, each with its own result"],
    },
    {
      what: "goes on behind its result",
      subject: subject(execute(async (_, { progress }) => void setImmediate(() => progress("late")))),
      breaks: ["shows progress as plain JSON, and none once its call has settled"],
    },
    {
      what: "shows what is no JSON",
      subject: subject(execute(async (_, { progress }) => progress(new Date()))),
      breaks: ["shows progress as plain JSON, and none once its call has settled"],
    },
    {
      what: "never fails",
      subject: subject({}, { failingInput: { text: "a" } }),
      breaks: ["tells a failure to the model, by a throw or by a failed result"],
    },
    {
      what: "fails without a word",
      subject: subject(
        execute(async () => ({ success: false })),
        { input: { text: "b" }, failingInput: { text: "a" } },
      ),
      breaks: ["tells a failure to the model, by a throw or by a failed result"],
    },
    {
      what: "gives itself up",
      subject: subject(execute(async () => Promise.reject(new Error("I cannot.")))),
      breaks: [
        "succeeds with the valid input, and its result is plain JSON",
        "leaves its input as it was",
        "lets two calls run at once, each with its own result",
      ],
    },
    {
      what: "hangs on an aborted signal",
      subject: subject(
        execute((_, { signal }) => (signal.aborted ? new Promise(() => undefined) : Promise.resolve("a"))),
      ),
      breaks: ["settles when its signal is aborted before it begins"],
    },
    {
      what: "hangs when its signal is aborted at once",
      subject: subject(
        execute(async (_, { signal }) => {
          const before = signal.aborted;
          await Promise.resolve();
          if (signal.aborted && !before) await new Promise(() => undefined);
        }),
      ),
      breaks: ["settles when its signal is aborted as soon as it has begun"],
    },
    {
      what: "ignores its signal",
      subject: subject({
        execute: (input, context) =>
          (input as { text: string }).text === "wait" ? new Promise(() => undefined) : sound.execute(input, context),
      }),
      breaks: ["settles when its signal is aborted in the middle of a long call"],
    },
    {
      what: "is not slow with the slow input",
      subject: subject({}, { slowInput: { text: "a" } }),
      breaks: ["settles when its signal is aborted in the middle of a long call"],
    },
  ],
});
