import { setImmediate as nextRound } from "node:timers/promises";
import { LLMError, type Event, type TurnStatus } from "amplifier-core";
import { expect, test } from "vitest";
import { delta, turnEnd } from "../../test/support/events.ts";
import { fakeIo, type FakeIo } from "../../test/support/fake-io.ts";
import { App } from "../app.ts";
import { parseArguments } from "../arguments/parse-arguments.ts";
import { runTurn, type TurnRun } from "./run-turn.ts";
import { textView } from "./text-view.ts";

interface Turn {
  readonly app: App;
  readonly io: FakeIo;
  readonly cancels: string[];
  readonly prompts: unknown[];
  readonly session: TurnRun["session"];
}

/** A session whose one turn yields `events` and ends as told; a turn that hangs ends when it is cancelled. */
function turn(
  events: readonly Event[],
  options: {
    readonly status?: TurnStatus;
    readonly error?: Error;
    readonly hangs?: boolean;
    readonly argv?: readonly string[];
  } = {},
): Turn {
  const io = fakeIo();
  const app = new App(io, parseArguments(options.argv ?? []));
  const cancels: string[] = [];
  const prompts: unknown[] = [];
  let wake: () => void = () => undefined;
  async function* stream(prompt: unknown, call: unknown): AsyncGenerator<Event, undefined> {
    prompts.push([prompt, call]);
    try {
      yield* events;
      if (options.hangs === true && cancels.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      if (options.error !== undefined) throw options.error;
    } finally {
      cancels.push("returned");
    }
  }
  const session = {
    stream: stream as TurnRun["session"]["stream"],
    cancel: (mode = "immediate") => {
      cancels.push(mode);
      wake();
    },
    lastTurn: { text: "", status: options.status ?? "success", usage: {}, finish_reason: null } as never,
  };
  return { app, io, cancels, prompts, session };
}

function run({ app, session }: Turn): Promise<number> {
  return runTurn(app, {
    session,
    prompt: "hi",
    options: { model: "m" },
    view: textView(app.output, { thinking: true }),
  });
}

test("a turn that succeeds is 0: the text on stdout, the numbers on stderr", async () => {
  const one = turn([delta("Hello"), turnEnd()]);
  expect(await run(one)).toBe(0);
  expect(one.io.stdout.text).toBe("Hello\n");
  expect(one.io.stderr.text).toBe("12 tokens in, 3 out, first token after 0.00 s, 0.00 s in all\n");
  expect(one.prompts).toEqual([["hi", { model: "m" }]]);
});

test.each([
  ["incomplete", 3],
  ["denied", 4],
  ["cancelled", 130],
  ["timeout", 124],
  ["error", 1],
] as const)("a turn that ends as %s exits with %i", async (status, exitCode) => {
  expect(await run(turn([turnEnd({ status })], { status }))).toBe(exitCode);
});

test("an error is one line after what had come, and its own exit code", async () => {
  const one = turn([delta("Hel"), turnEnd({ status: "error" })], {
    error: new LLMError("RateLimitError", "Slow\ndown."),
  });
  expect(await run(one)).toBe(1);
  expect(one.io.stdout.text).toBe("Hel\n");
  expect(one.io.stderr.text).toMatch(/^error: Slow down\.\n12 tokens in/);
});

test("the first Ctrl-C stops gracefully, the second at once, the third ends the process", async () => {
  const one = turn([delta("Hel")], { hangs: true, status: "cancelled" });
  const stopListening = one.app.listen();
  one.session.cancel = (mode) => one.cancels.push(mode ?? "immediate");
  const running = run(one);
  await nextRound();
  for (let press = 0; press < 3; press += 1) {
    one.io.send("SIGINT");
    one.io.send("SIGINT");
    one.io.clock.advance(1000);
  }
  expect(one.cancels).toEqual(["graceful", "immediate"]);
  expect(one.io.exits).toEqual([130]);
  stopListening();
  void running;
});

test("SIGTERM stops the turn at once", async () => {
  const one = turn([delta("Hel")], { hangs: true, status: "cancelled" });
  one.app.listen();
  const running = run(one);
  await nextRound();
  one.io.send("SIGTERM");
  await running;
  expect(one.cancels[0]).toBe("immediate");
  expect(one.app.exitCode).toBe(143);
});

test("when the reader of stdout goes away the turn is left quietly", async () => {
  const one = turn([delta("Hel"), delta("lo"), turnEnd()]);
  one.io.stdout._write = (_chunk, _encoding, done) => done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  expect(await run(one)).toBe(141);
  expect(one.cancels).toContain("returned");
  expect(one.io.stderr.text).toBe("");
});
