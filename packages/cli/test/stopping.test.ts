/** A signal ends the program whatever it is doing: mounting, reading, asking for a plan. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { emptyFolder, runCli, startCli, stopAll, type CliProcess } from "./support/cli-process.ts";

afterEach(stopAll);

/** A session whose only tool says that it is being mounted, and never is. */
function startMounting(mount: string): CliProcess {
  const cwd = emptyFolder();
  const plan = { session: { orchestrator: "loop-streaming" }, tools: [{ module: "slow", source: "./slow.mjs" }] };
  writeFileSync(join(cwd, "p.json"), JSON.stringify(plan));
  writeFileSync(join(cwd, "slow.mjs"), `export const moduleType = "tool"; export const mount = () => ${mount};`);
  return startCli(["run", "--plan", "p.json", "--provider", "demo", "-q", "hi"], { cwd });
}

const NEVER = '{ console.error("mounting"); setInterval(() => undefined, 1000); return new Promise(() => undefined); }';

test.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
  ["SIGHUP", 129],
] as const)("%s ends it while a module is mounted that never will be", async (signal, code) => {
  const cli = startMounting(NEVER);
  await cli.sees("mounting", "stderr");
  cli.kill(signal);
  expect(await cli.finished).toEqual({ code, stdout: "", stderr: "mounting\n" });
});

test("a module that waits for nothing at all while it is loaded is told", async () => {
  const { code, stderr } = await startMounting("undefined; await new Promise(() => undefined)").finished;
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: "amplifier-ts: A module waits for something that never comes; the program cannot go on.\n",
  });
});

test("a plan that is a pipe is refused in one line, and is not waited for", async () => {
  const cwd = emptyFolder();
  execFileSync("mkfifo", [join(cwd, "p.toml")]);
  const { code, stderr } = await runCli(["run", "--plan", "p.toml", "hi"], { cwd });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: "amplifier-ts: Plan p.toml: this is a pipe or a device. Give the name of a TOML, YAML or JSON file.\n",
  });
});
