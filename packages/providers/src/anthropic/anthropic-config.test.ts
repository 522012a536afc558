import { describe, expect, it } from "vitest";
import { DEFAULT_MODELS } from "../default-models.ts";
import { resolveAnthropicConfig } from "./anthropic-config.ts";

describe("the settings of the provider", () => {
  it("take key and address from the environment, as Anthropic's SDK does", () => {
    const environment = { ANTHROPIC_API_KEY: " key ", ANTHROPIC_BASE_URL: "http://localhost:8080/proxy/" };
    expect(resolveAnthropicConfig({}, environment)).toEqual({
      name: "anthropic",
      priority: undefined,
      baseUrl: "http://localhost:8080/proxy",
      headers: { "x-api-key": "key", "anthropic-version": "2023-06-01" },
      defaults: { model: DEFAULT_MODELS.anthropic, cache_life: "5m", eager_tool_input: false },
      isAnthropic: false,
    });
  });

  it("let the plan win over the environment, and its headers over ours", () => {
    const environment = {
      ANTHROPIC_API_KEY: "env",
      ANTHROPIC_BASE_URL: "http://localhost:1",
      ANTHROPIC_AUTH_TOKEN: "t",
    };
    const config = {
      api_key: "plan",
      base_url: "https://api.anthropic.com",
      model: "claude-opus-5-5",
      name: "second",
      priority: 3,
      headers: { "Anthropic-Version": "2099-01-01", "X-Team": "a" },
      max_output_tokens: 10,
      temperature: 0,
      reasoning_effort: "low",
      thinking_budget: 2_000,
      prompt_cache: "1h",
    } as const;
    expect(resolveAnthropicConfig(config, environment)).toEqual({
      name: "second",
      priority: 3,
      baseUrl: "https://api.anthropic.com",
      headers: { "x-api-key": "plan", "anthropic-version": "2099-01-01", "x-team": "a" },
      defaults: {
        model: "claude-opus-5-5",
        max_output_tokens: 10,
        temperature: 0,
        reasoning_effort: "low",
        thinking_budget: 2_000,
        cache_life: "1h",
        eager_tool_input: true,
      },
      isAnthropic: true,
    });
  });

  it("leave the cache alone, and let tool input come when it is checked, where the plan says so", () => {
    const config = { api_key: "plan", prompt_cache: "off", eager_tool_input: false } as const;
    const { defaults } = resolveAnthropicConfig(config, {});
    expect(defaults).toEqual({ model: DEFAULT_MODELS.anthropic, eager_tool_input: false });
  });

  it("send a bearer token where there is no key", () => {
    const { headers } = resolveAnthropicConfig({}, { ANTHROPIC_API_KEY: "", ANTHROPIC_AUTH_TOKEN: "token" });
    expect(headers).toEqual({ authorization: "Bearer token", "anthropic-version": "2023-06-01" });
  });

  it("need a key for Anthropic itself, name the variable, and need none elsewhere", () => {
    expect(() => resolveAnthropicConfig({}, {})).toThrow(
      expect.objectContaining({
        name: "ConfigurationError",
        message: expect.stringContaining("Set ANTHROPIC_API_KEY") as string,
      }),
    );
    expect(resolveAnthropicConfig({ base_url: "http://localhost:11434" }, {}).headers).toEqual({
      "anthropic-version": "2023-06-01",
    });
    expect(resolveAnthropicConfig({ headers: { Authorization: "Bearer x" } }, {}).isAnthropic).toBe(true);
  });

  it.each(["localhost:8080", "ftp://example.org", "not an address"])("refuse the address %s", (base_url) => {
    expect(() => resolveAnthropicConfig({ base_url }, {})).toThrow(
      expect.objectContaining({ name: "ConfigurationError", message: expect.stringContaining(base_url) as string }),
    );
  });
});
