import { mkdirSync, writeFileSync } from "node:fs";
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
  [["serve"], /^amplifier-ts: Unknown command "serve"; commands are run, chat, plan, /],
  [["run", "--plan", "no.toml", "hi"], /^amplifier-ts: Plan no\.toml: there is no such file\./],
  [["run", "--provider", "nope", "hi"], /^amplifier-ts: Module "provider-nope" not found/],
  [["run", "--provider", "anthropic", "hi"], /^amplifier-ts: No provider could be mounted\. .*ANTHROPIC_API_KEY/],
  [["run", "--provider", "ollama", "hi"], /^amplifier-ts: No Ollama with a model that can chat answers/],
  [
    ["run", "--system", "@no.md", "--provider", "demo", "hi"],
    /^amplifier-ts: --system: cannot read no\.md: there is no such file/,
  ],
  [
    ["run", "-q", "--model", "m-2", "hi"],
    /^amplifier-ts: --model m-2: nobody is there who has it\. Set ANTHROPIC_API_KEY/,
  ],
  [["run", "--model", "m-2", "--provider", "local", "hi"], /^amplifier-ts: --model m-2: nobody is there who has it\./],
  [["run"], /^amplifier-ts: The prompt on standard input is empty\./],
])("%j is refused with one line and exit code 2", async (args, message) => {
  const { code, stdout, stderr } = await runCli(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

test("a named model's file that is no model is an error, and the demo does not answer for it", async () => {
  const cwd = emptyFolder();
  writeFileSync(join(cwd, "m.gguf"), "no model");
  const { code, stdout, stderr } = await runCli(["run", "-q", "--model", "m.gguf", "hi"], {
    cwd,
    // Nothing listens there, so nothing is fetched.
    env: { npm_config_registry: "http://127.0.0.1:1/" },
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^amplifier-ts: The local model cannot be had: .*\n$/);
});

test("more than 32 MB on standard input are refused", async () => {
  const { code, stderr } = await runCli(["run"], { stdin: "x".repeat(32 * 1024 * 1024 + 1) });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr:
      "amplifier-ts: Standard input is larger than 32 MB. Give the agent the name of a file instead, or a part of it.\n",
  });
});

test("a current folder that is gone is told in one line", async () => {
  const cwd = join(emptyFolder(), "gone");
  mkdirSync(cwd);
  const through = (command: readonly string[]): readonly string[] => [
    "bash",
    "-c",
    'rmdir "$PWD" && "$@"',
    "bash",
    ...command,
  ];
  const { code, stdout, stderr } = await runCli(["run", "hi"], { cwd, through });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^amplifier-ts: The current folder is not there any more\. .*\n$/);
});

test("help and version go to stdout", async () => {
  expect(await runCli(["--version"])).toEqual({ code: 0, stdout: "0.1.0\n", stderr: "" });
  const help = await runCli(["run", "--help"]);
  expect(help).toMatchObject({ code: 0, stderr: "" });
  expect(help.stdout).toMatch(/^Usage: amplifier-ts run /);
});
