import { expect, test } from "vitest";
import { selectProvider } from "./select-provider.ts";

const nobody = (): Promise<null> => Promise.resolve(null);
const ollama = (): Promise<{ model: string; baseUrl: string }> =>
  Promise.resolve({ model: "qwen3:8b", baseUrl: "http://127.0.0.1:11434/v1" });
const OLLAMA_ENTRY = {
  module: "provider-openai",
  instance_id: "ollama",
  config: { name: "ollama", base_url: "http://127.0.0.1:11434/v1", model: "qwen3:8b", api_key: "ollama" },
};

test.each([
  [{ ANTHROPIC_API_KEY: "k", OPENAI_API_KEY: "k" }, "provider-anthropic", "anthropic: ANTHROPIC_API_KEY is set"],
  [{ ANTHROPIC_BASE_URL: "http://x" }, "provider-anthropic", "anthropic: ANTHROPIC_BASE_URL is set"],
  [{ OPENAI_API_KEY: "k", ANTHROPIC_API_KEY: "" }, "provider-openai", "openai: OPENAI_API_KEY is set"],
  [{ OPENAI_BASE_URL: "http://x/v1" }, "provider-openai", "openai: OPENAI_BASE_URL is set"],
  [{ GEMINI_API_KEY: "k", OPENAI_API_KEY: "k" }, "provider-openai", "openai: OPENAI_API_KEY is set"],
  [{ GOOGLE_API_KEY: "k", GEMINI_API_KEY: "k" }, "provider-gemini", "gemini: GEMINI_API_KEY is set"],
  [{ GOOGLE_API_KEY: "k" }, "provider-gemini", "gemini: GOOGLE_API_KEY is set"],
  [{ GOOGLE_GEMINI_BASE_URL: "http://x" }, "provider-gemini", "gemini: GOOGLE_GEMINI_BASE_URL is set"],
])("the environment %j selects %s, and Ollama is not asked", async (env, module, reason) => {
  const findOllama = (): Promise<never> => Promise.reject(new Error("asked"));
  const choice = await selectProvider({ plan: {}, names: [], env, findOllama });
  expect(choice).toEqual({ providers: [{ module }], reason, named: false });
});

test("without a key Ollama is next, and never gets a key of the environment", async () => {
  const choice = await selectProvider({ plan: { providers: [] }, names: [], env: {}, findOllama: ollama });
  expect(choice?.providers).toEqual([OLLAMA_ENTRY]);
  expect(choice?.reason).toMatch(/^ollama, model qwen3:8b: no key is set/);
});

test("without anything it is the local model", async () => {
  const choice = await selectProvider({ plan: {}, names: [], env: {}, findOllama: nobody });
  expect(choice?.providers).toEqual([{ module: "provider-local" }]);
  expect(choice?.reason).toMatch(/^the local model: no key is set/);
});

test("the providers of a plan stand, also a section the library will refuse", async () => {
  for (const providers of [[{ module: "provider-x" }], "x"]) {
    const choice = await selectProvider({
      plan: { providers },
      names: [],
      env: { OPENAI_API_KEY: "k" },
      findOllama: nobody,
    });
    expect(choice).toBeNull();
  }
});

test("named providers are taken in order, with the plan's configuration where it has one", async () => {
  const plan = { providers: [{ module: "provider-openai", config: { model: "m" } }, { module: "provider-x" }] };
  const names = ["demo", "openai", "provider-acme", "ollama"];
  const choice = await selectProvider({ plan, names, env: {}, findOllama: ollama });
  expect(choice).toEqual({
    providers: [
      { module: "provider-demo" },
      { module: "provider-openai", config: { model: "m" } },
      { module: "provider-acme" },
      OLLAMA_ENTRY,
    ],
    reason: "demo, openai, provider-acme, ollama: named with --provider",
    named: true,
  });
});

test("a named Ollama that does not answer is an error", async () => {
  const selecting = selectProvider({ plan: {}, names: ["ollama"], env: {}, findOllama: nobody });
  await expect(selecting).rejects.toMatchObject({ code: "usage" });
});
