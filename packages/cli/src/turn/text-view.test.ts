import type { Event } from "amplifier-core";
import { expect, test } from "vitest";
import { delta, event, request, toolError, toolReturned, toolRuns } from "../../test/support/events.ts";
import { fakeIo, type FakeIo } from "../../test/support/fake-io.ts";
import { Output } from "../terminal/output.ts";
import { jsonView } from "./json-view.ts";
import { textView } from "./text-view.ts";

async function show(events: readonly Event[], options: { tty?: boolean; thinking?: boolean } = {}): Promise<FakeIo> {
  const io = fakeIo({ tty: options.tty === true });
  const view = textView(new Output(io), { thinking: options.thinking !== false });
  for (const each of events) await view.show(each);
  await view.end();
  return io;
}

const TURN = [
  request(1),
  delta("I think", "thinking"),
  delta("Let me "),
  delta("look."),
  delta('{"command"', "tool_call"),
  toolRuns("bash", { command: "ls -la" }),
  toolReturned("bash", { success: true, output: "x" }),
  request(2),
  delta("Two files."),
];

test("in a pipe stdout has the text alone, each iteration on lines of its own", async () => {
  const io = await show(TURN);
  expect(io.stdout.text).toBe("Let me look.\nTwo files.\n");
  expect(io.stderr.text).toBe("· bash ls -la\n");
});

test("on a terminal the thinking is shown too, and everything stands in its order", async () => {
  const io = await show(TURN, { tty: true });
  expect(io.screen.join("")).toBe("I think\nLet me look.\n· bash ls -la\nTwo files.\n");
});

test("thinking can be left out", async () => {
  expect((await show(TURN, { tty: true, thinking: false })).screen.join("")).not.toContain("I think");
});

test("a call that fails says so in one more line, cut to the terminal's width", async () => {
  const io = await show([
    toolRuns("read_file", { path: "a.txt", offset: 3 }),
    toolReturned("read_file", { success: false, error: { message: "no such\nfile" } }),
    toolError("bash", "denied", "User denied: rm"),
    toolRuns("bash", { command: `echo ${"x".repeat(100)}` }),
    toolRuns("now", {}),
  ]);
  expect(io.stderr.text.split("\n")).toEqual([
    '· read_file {"path":"a.txt","offset":3}',
    "· read_file failed: no such file",
    "· bash denied: User denied: rm",
    `· bash echo ${"x".repeat(64)}…`,
    "· now",
    "",
  ]);
});

const problem = { type: "RateLimitError", msg: "Slow\ndown." };
const request_id = "r";

test("a retry, another provider, and an answer that broke off are one line each; a steer is none", async () => {
  const failed = { provider: "p", model: "m", iteration: 1, request_id, error: problem, recovered: true };
  const io = await show([
    request(1),
    event("provider:retry", { ...failed, attempt: 1, max_attempts: 3, delay_ms: 1540 }),
    event("provider:error", failed),
    event("provider:fallback", { from: "p", to: "q", iteration: 1, error: problem }),
    event("provider:request", { provider: "q", model: "m", iteration: 1, again: true }),
    delta("Hel"),
    event("llm:stream_aborted", { request_id, error: problem }),
    event("provider:error", failed),
    event("provider:request", { provider: "q", model: "m", iteration: 1, again: true }),
    delta("lo"),
    event("llm:stream_aborted", { request_id, error: { type: "AbortError", msg: "Steered" } }),
    event("provider:error", { ...failed, error: { type: "AbortError", msg: "Steered" } }),
  ]);
  expect(io.stdout.text).toBe("Hello\n");
  expect(io.stderr.text.split("\n")).toEqual([
    "Slow down. Trying again in 1.5 s (attempt 2 of 3).",
    "p failed (Slow down.); asking q instead",
    "The model's stream broke, going on: Slow down.",
    "",
  ]);
});

test("a call that does not run is told by its error alone", async () => {
  const call = { tool_call_id: "c", parallel_group_id: "g", tool_name: "bash", tool_input: {} };
  expect((await show([event("tool:pre", { ...call, decision: "denied" })])).stderr.text).toBe("");
});

test("--json is every event as one line, as it is in the log", async () => {
  const io = fakeIo();
  const view = jsonView(new Output(io));
  for (const each of TURN) await view.show(each);
  await view.end();
  expect(
    io.stdout.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual(TURN);
  expect(io.stderr.text).toBe("");
});
