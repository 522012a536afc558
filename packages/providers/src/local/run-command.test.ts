import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { runCommand, tellingLine, type Command } from "./run-command.ts";

const node = (script: string): Command => [process.execPath, "-e", script];
const options = { cwd: tmpdir(), env: {}, signal: new AbortController().signal };

test("a program that succeeds is ok, whatever it prints", async () => {
  expect(await runCommand(node("console.log('x')"), options)).toEqual({ status: "ok" });
});

test("a program that fails tells what it said", async () => {
  const end = await runCommand(node("console.error('npm error no room'); process.exitCode = 3"), options);
  expect(end).toEqual({ status: "failed", said: "npm error no room" });
});

test("a program that fails silently tells its exit code", async () => {
  expect(await runCommand(node("process.exitCode = 3"), options)).toEqual({ status: "failed", said: "ended with 3" });
});

test("a program that does not exist is missing", async () => {
  expect(await runCommand(["no-such-program-anywhere"], options)).toEqual({ status: "missing" });
});

test("an abort kills it and rejects with the reason", async () => {
  const controller = new AbortController();
  const running = runCommand(node("setInterval(() => {}, 1000)"), { ...options, signal: controller.signal });
  controller.abort(new Error("stopped"));
  await expect(running).rejects.toThrow("stopped");
});

test.each([
  ["npm error code ENOTFOUND\nnpm error syscall getaddrinfo", "the network cannot be reached"],
  ["npm error code E404\nnpm error 404 Not Found - GET x", "npm error 404 Not Found - GET x"],
  ["WARNING: old\nERROR: No matching distribution found for x\n", "ERROR: No matching distribution found for x"],
  ["one\ntwo\n\n", "two"],
  ["", "it said nothing"],
])("of %j the telling line is %j", (said, line) => {
  expect(tellingLine(said)).toBe(line);
});
