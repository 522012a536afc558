import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { emptyFolder, runCli, stopAll, type Finished } from "./support/cli-process.ts";

afterEach(stopAll);

/** Runs a plan that must be refused. */
async function runPlan(text: string, args: readonly string[] = []): Promise<Finished> {
  const cwd = emptyFolder();
  writeFileSync(join(cwd, "plan.toml"), text);
  return runCli(["run", "--plan", "plan.toml", "--provider", "demo", "-q", ...args, "hi"], { cwd });
}

const SESSION = '[session]\norchestrator = "loop-streaming"\n';

test.each([
  ["wrong TOML", "a = 1\nb = = 2\n", /^amplifier-ts: plan\.toml:2:5: not valid TOML: invalid value\.$/],
  ["no session", "", /session is missing/],
  ["an unknown key", `${SESSION}colour = "red"\n`, /session\.colour is not a known key; known are orchestrator, /],
  ["an unknown section", `${SESSION}[orchestre]\n`, /orchestre is not a known key; known are session, /],
  ["a value of the wrong type", `${SESSION}system = 5\n`, /session\.system is 5, must be string/],
  ["a section of the wrong type", `hooks = "all"\n${SESSION}`, /hooks is "all", must be array/],
  ["a missing key", `${SESSION}[[tools]]\nsource = "./x.mjs"\n`, /tools\[0\]\.module is missing/],
  ["an unknown module", `${SESSION}[[tools]]\nmodule = "tool-nope"\n`, /Module "tool-nope" not found.*npm install/],
  [
    "a source that is not there",
    `${SESSION}[[tools]]\nmodule = "x"\nsource = "./x.mjs"\n`,
    /its source "\.\/x\.mjs" is no file/,
  ],
  [
    "a bad value",
    `${SESSION}[orchestrator.config]\nmax_turns = "ten"\n`,
    /orchestrator\.config\.max_turns .*(number|integer)/,
  ],
  ["an unknown config key", `${SESSION}[orchestrator.config]\nmax_turn = 10\n`, /max_turn.*known are .*max_turns/],
])("a plan with %s is refused with one line and exit code 2", async (_what, text, message) => {
  const { code, stdout, stderr } = await runPlan(text);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr.trimEnd()).toMatch(message);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test("--debug shows where it comes from", async () => {
  const { code, stderr } = await runPlan("a = = 1\n", ["--debug"]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^amplifier-ts: plan\.toml:1:5: .*\nAmplifierError: .*\n {4}at /);
});

test.each([
  [["--nope"], /^amplifier-ts: Unknown option --nope; allowed are --plan, /],
  [["serve"], /^amplifier-ts: Unknown command "serve"; commands are run, chat, plan\./],
  [["run", "--plan", "no.toml", "hi"], /^amplifier-ts: Plan no\.toml: there is no such file\./],
  [["run", "--provider", "nope", "hi"], /^amplifier-ts: Module "provider-nope" not found/],
  [["run", "--provider", "anthropic", "hi"], /^amplifier-ts: No provider could be mounted\. .*ANTHROPIC_API_KEY/],
  [["run", "--provider", "ollama", "hi"], /^amplifier-ts: No Ollama with a model that can chat answers/],
  [
    ["run", "--system", "@no.md", "--provider", "demo", "hi"],
    /^amplifier-ts: --system: cannot read no\.md: there is no such file/,
  ],
  [["run"], /^amplifier-ts: The prompt on standard input is empty\./],
])("%j is refused with one line and exit code 2", async (args, message) => {
  const { code, stdout, stderr } = await runCli(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

test("help and version go to stdout", async () => {
  expect(await runCli(["--version"])).toEqual({ code: 0, stdout: "0.1.0\n", stderr: "" });
  const help = await runCli(["run", "--help"]);
  expect(help).toMatchObject({ code: 0, stderr: "" });
  expect(help.stdout).toMatch(/^Usage: amplifier-ts run /);
});
