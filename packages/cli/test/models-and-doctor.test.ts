/** `models` and `doctor` as a person runs them, with servers on this machine; no key is ever printed. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "amplifier-testkit";
import { type ModelServer, refuses, reply, startAnthropicServer, startChatServer } from "amplifier-testkit/servers";
import { afterEach, expect, test } from "vitest";
import { emptyFolder, runCli, stopAll, type Finished } from "./support/cli-process.ts";

const servers: ModelServer[] = [];
afterEach(async () => {
  await stopAll();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const SECRET = "sk-very-secret-4711";

/** Servers of both wires, and the environment that makes them the providers there are. */
async function environment(anthropic: Parameters<typeof startAnthropicServer>[0]): Promise<Record<string, string>> {
  const claude = await startAnthropicServer({ models: ["claude-test"], ...anthropic });
  const gpt = await startChatServer({ script: [reply(text("OK"))], models: ["gpt-test", "gpt-other"] });
  servers.push(claude, gpt);
  return {
    ANTHROPIC_API_KEY: SECRET,
    ANTHROPIC_BASE_URL: claude.baseUrl.replace("http://", "http://me:passw0rd@"),
    OPENAI_API_KEY: SECRET,
    OPENAI_BASE_URL: gpt.baseUrl,
    OLLAMA_HOST: "http://127.0.0.1:9",
  };
}

const table = ({ stdout }: Finished): string[][] =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/));

const withoutSecrets = ({ stdout, stderr }: Finished): void => {
  expect(stdout + stderr).not.toContain(SECRET);
  expect(stdout + stderr).not.toContain("passw0rd");
};

test("models lists what all providers of the environment offer", async () => {
  const env = await environment({ script: [] });
  const finished = await runCli(["models", "--provider", "anthropic,openai"], { env });
  expect(finished).toMatchObject({ code: 0, stderr: "" });
  expect(table(finished)).toEqual([
    ["PROVIDER", "MODEL", "CONTEXT", "OUTPUT", "$ IN", "$ OUT"],
    ["anthropic", "claude-test", expect.any(String), expect.any(String), "-", "-"],
    ["openai", "gpt-test", "-", "-", "-", "-"],
    ["openai", "gpt-other", "-", "-", "-", "-"],
  ]);
});

const PRICED = `export const moduleType = "provider";
export const mount = (coordinator) => coordinator.mount("providers", {
  name: "shop",
  getInfo: () => ({ id: "shop", displayName: "Shop", defaultModel: "m" }),
  listModels: async () => [
    { id: "m", contextWindow: 1050000, maxOutputTokens: 128000, pricing: { input: "0.1", output: "2" } },
  ],
  async *stream() { throw new Error("nobody asks"); },
});`;

test("models shows windows, limits and prices of the plan's providers, and has them as JSON", async () => {
  const cwd = emptyFolder();
  writeFileSync(join(cwd, "shop.js"), PRICED);
  const providers = [{ module: "shop", source: "./shop.js" }];
  writeFileSync(join(cwd, "plan.json"), JSON.stringify({ session: { orchestrator: "loop-streaming" }, providers }));
  const shown = await runCli(["models", "--plan", "plan.json"], { cwd });
  expect(table(shown)[1]).toEqual(["shop", "m", "1,050,000", "128,000", "0.1", "2"]);
  const { code, stdout } = await runCli(["models", "--plan", "plan.json", "--json"], { cwd });
  const pricing = { input: "0.1", output: "2" };
  const model = { provider: "shop", id: "m", contextWindow: 1_050_000, maxOutputTokens: 128_000, pricing };
  expect([code, JSON.parse(stdout)]).toEqual([0, [model]]);
});

test("models tells of a provider that does not answer, lists the others, and ends with 1", async () => {
  const env = await environment({ script: [] });
  const broken = { ...env, ANTHROPIC_BASE_URL: "http://me:passw0rd@127.0.0.1:9" };
  const finished = await runCli(["models", "--provider", "anthropic,openai"], { env: broken });
  expect(finished.code).toBe(1);
  expect(finished.stderr).toMatch(/^anthropic: Cannot reach http:\/\/127\.0\.0\.1:9\/v1\/models .*\n$/);
  expect(table(finished).map(([, model]) => model)).toEqual(["MODEL", "gpt-test", "gpt-other"]);
  withoutSecrets(finished);
});

test("doctor says what is found, asks no model, and shows no secret", async () => {
  const env = await environment({ script: [] });
  const cwd = emptyFolder();
  writeFileSync(join(cwd, "AGENTS.md"), "Be kind.");
  const finished = await runCli(["doctor"], { env, cwd });
  expect(finished).toMatchObject({ code: 0, stderr: "" });
  const rows = Object.fromEntries(table(finished).map(([status, what, detail]) => [what, `${status} ${detail}`]));
  expect(rows).toMatchObject({
    "Node.js": expect.stringContaining(process.version),
    plan: "ok built in",
    "AGENTS.md": expect.stringMatching(/AGENTS\.md \(8 bytes\)$/),
    ANTHROPIC_API_KEY: "ok set",
    ANTHROPIC_BASE_URL: expect.stringMatching(/^ok http:\/\/127\.0\.0\.1:\d+\/$/),
    GEMINI_API_KEY: "- not set",
    Ollama: expect.stringMatching(/^- does not answer/),
    "provider anthropic": expect.stringMatching(/^ok .*model claude-sonnet-5-5; not asked$/),
    "provider openai": expect.stringMatching(/^ok .*; not asked$/),
    "provider local": expect.stringMatching(/^- the local model is not installed/),
  });
  withoutSecrets(finished);
  expect(servers.flatMap(({ requests }) => requests)).toEqual([]);
});

test("doctor --live asks each provider once, and one that refuses makes it end with 1", async () => {
  const env = await environment({ script: [refuses("authentication")], expectsRefusals: true });
  const finished = await runCli(["doctor", "--live", "--json"], { env });
  withoutSecrets(finished);
  expect(finished.code).toBe(1);
  const findings = JSON.parse(finished.stdout) as readonly { what: string; status: string; detail: string }[];
  expect(findings.filter(({ what }) => what.startsWith("provider "))).toEqual([
    { what: "provider anthropic", status: "failed", detail: expect.stringContaining("ANTHROPIC_API_KEY") },
    {
      what: "provider openai",
      status: "ok",
      detail: expect.stringMatching(/: answered in \d+\.\d s \(stop, \d+ tokens\)$/),
    },
    { what: "provider local", status: "none", detail: expect.stringContaining("not installed") },
  ]);
  expect(servers.map(({ requests }) => requests.length)).toEqual([1, 1]);
});

test("doctor names a module that cannot be mounted, and how to mend it", async () => {
  const finished = await runCli(["doctor", "--provider", "anthropic"], { env: { OLLAMA_HOST: "http://127.0.0.1:9" } });
  expect(finished.code).toBe(1);
  expect(table(finished).at(-1)).toEqual([
    "failed",
    "provider provider-anthropic",
    expect.stringContaining("ANTHROPIC_API_KEY"),
  ]);
});

test.each([
  [["models", "gpt"], 'models takes options only; it was given "gpt".'],
  [["models", "--live"], "--live works with doctor only."],
  [["chat", "--json"], "--json works with run, models and doctor only."],
  [["doctor", "--model", "m"], "--model works with run and chat only."],
])("%j is refused with what is allowed", async (args, message) => {
  expect(await runCli(args)).toEqual({ code: 2, stdout: "", stderr: `amplifier-ts: ${message}\n` });
});
