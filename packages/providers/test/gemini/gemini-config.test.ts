/** The settings of the provider: what the plan and the environment say, and what follows from the host. */
import { describe, expect, it } from "vitest";
import { DEFAULT_MODELS } from "../../src/default-models.ts";
import { resolveGeminiConfig } from "../../src/gemini/gemini-config.ts";

describe("the settings of the provider", () => {
  it("take key and address from the environment, as Google's SDK does", () => {
    const environment = { GEMINI_API_KEY: " key ", GOOGLE_GEMINI_BASE_URL: "http://localhost:8080/proxy/" };
    expect(resolveGeminiConfig({}, environment)).toEqual({
      name: "gemini",
      priority: undefined,
      baseUrl: "http://localhost:8080/proxy/v1beta",
      model: DEFAULT_MODELS.gemini,
      headers: { "x-goog-api-key": "key" },
      maxOutputTokens: undefined,
      temperature: undefined,
      reasoningEffort: undefined,
      isGoogle: false,
      isCloud: false,
    });
  });

  it("let the plan win over the environment, and its headers over ours", () => {
    const environment = {
      GEMINI_API_KEY: "env",
      GOOGLE_API_KEY: "other",
      GOOGLE_GEMINI_BASE_URL: "http://localhost:1",
    };
    const config = {
      api_key: "plan",
      base_url: "https://generativelanguage.googleapis.com/v1alpha/",
      model: "gemini-4-argon",
      name: "second",
      priority: 3,
      headers: { "X-Team": "a" },
      max_output_tokens: 10,
      temperature: 0,
      reasoning_effort: "low",
    } as const;
    expect(resolveGeminiConfig(config, environment)).toEqual({
      name: "second",
      priority: 3,
      baseUrl: "https://generativelanguage.googleapis.com/v1alpha",
      model: "gemini-4-argon",
      headers: { "x-goog-api-key": "plan", "x-team": "a" },
      maxOutputTokens: 10,
      temperature: 0,
      reasoningEffort: "low",
      isGoogle: true,
      isCloud: false,
    });
    expect(resolveGeminiConfig({ headers: { "X-Goog-Api-Key": "own" } }, environment).headers).toEqual({
      "x-goog-api-key": "own",
    });
  });

  it("take the key that Google's other services share when there is none of its own", () => {
    const keys = { GEMINI_API_KEY: "", GOOGLE_API_KEY: "shared" };
    expect(resolveGeminiConfig({}, keys).headers).toEqual({ "x-goog-api-key": "shared" });
    expect(resolveGeminiConfig({}, { ...keys, GEMINI_API_KEY: "own" }).headers).toEqual({ "x-goog-api-key": "own" });
  });

  it("know Google Cloud by its host, with and without a region", () => {
    for (const host of ["aiplatform.googleapis.com", "us-central1-aiplatform.googleapis.com"]) {
      const settings = resolveGeminiConfig({ base_url: `https://${host}/v1/publishers/google`, api_key: "k" }, {});
      expect(settings).toMatchObject({
        baseUrl: `https://${host}/v1/publishers/google`,
        isGoogle: true,
        isCloud: true,
      });
    }
  });

  it("need a key for Google itself, name the variable, and need none elsewhere", () => {
    const missing = expect.objectContaining({
      name: "ConfigurationError",
      message: expect.stringContaining("Set GEMINI_API_KEY") as string,
    }) as Error;
    expect(() => resolveGeminiConfig({}, {})).toThrow(missing);
    expect(resolveGeminiConfig({ base_url: "http://localhost:4000" }, {}).headers).toEqual({});
    expect(resolveGeminiConfig({ headers: { Authorization: "Bearer x" } }, {}).isGoogle).toBe(true);
  });

  it.each(["localhost:8080", "ftp://example.org", "not an address"])("refuse the address %s", (base_url) => {
    expect(() => resolveGeminiConfig({ base_url }, {})).toThrow(
      expect.objectContaining({ name: "ConfigurationError", message: expect.stringContaining(base_url) as string }),
    );
  });
});
