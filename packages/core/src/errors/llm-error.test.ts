/** The taxonomy of model errors: which may be tried again, what they know, and what counts as what. */
import { describe, expect, it } from "vitest";
import { errorInfo } from "./error-info.ts";
import { isLLMError, LLMError, type LLMErrorName } from "./llm-error.ts";

const retryable: readonly LLMErrorName[] = [
  "RateLimitError",
  "ProviderUnavailableError",
  "NetworkError",
  "LLMTimeoutError",
  "StreamError",
];
const final: readonly LLMErrorName[] = [
  "LLMError",
  "AuthenticationError",
  "AccessDeniedError",
  "ContextLengthError",
  "ContentFilterError",
  "InvalidRequestError",
  "NotFoundError",
  "AbortError",
  "InvalidToolCallError",
  "ConfigurationError",
  "QuotaExceededError",
];

describe("a model error", () => {
  it.each([...retryable.map((name) => [name, true] as const), ...final.map((name) => [name, false] as const)])(
    "named %s says %s to trying again, unless whoever throws it knows better",
    (name, expected) => {
      expect(new LLMError(name, "m").retryable).toBe(expected);
      expect(new LLMError(name, "m", { retryable: !expected }).retryable).toBe(!expected);
      expect(new LLMError(name, "m", { retryable: undefined }).retryable).toBe(expected);
    },
  );

  it.each([...retryable, ...final])("named %s is an Error with its name, its message and itself as kind", (name) => {
    const error = new LLMError(name, "what happened");
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toBe(`${name}: what happened`);
    expect(isLLMError(error)).toBe(true);
    expect(isLLMError(error, name)).toBe(true);
  });

  it("knows no more than it is told, and waits as long as usual", () => {
    expect(Object.fromEntries(Object.entries(new LLMError("LLMError", "m")))).toEqual({
      name: "LLMError",
      provider: undefined,
      model: undefined,
      status_code: undefined,
      retryable: false,
      retry_after: undefined,
      delay_multiplier: 1,
      tool_name: undefined,
      raw_arguments: undefined,
    });
  });

  it("keeps provider, model, status, the server's wait, the multiplier and the cause", () => {
    const cause = new Error("429");
    const fields = { provider: "p", model: "m", status_code: 429, retry_after: 2.5, delay_multiplier: 10 };
    const error = new LLMError("RateLimitError", "slow down", { ...fields, cause });
    expect(error).toMatchObject({ ...fields, retryable: true });
    expect(error.cause).toBe(cause);
    expect(Object.hasOwn(new LLMError("LLMError", "m"), "cause")).toBe(false);
  });

  it("of an invalid tool call names the tool and keeps the arguments as they came", () => {
    const error = new LLMError("InvalidToolCallError", "m", { tool_name: "clock", raw_arguments: '{"zone": "Os' });
    expect(error).toMatchObject({ tool_name: "clock", raw_arguments: '{"zone": "Os', retryable: false });
  });

  it("looks in an event like its name, its message and what helps to react", () => {
    const error = new LLMError("RateLimitError", "slow down", { status_code: 429, retry_after: 2 });
    expect(errorInfo(error)).toEqual({
      type: "RateLimitError",
      msg: "slow down",
      retryable: true,
      status_code: 429,
      retry_after: 2,
    });
    expect(errorInfo(new LLMError("AbortError", "stopped"))).toEqual({
      type: "AbortError",
      msg: "stopped",
      retryable: false,
    });
  });
});

describe("a kind of model error", () => {
  it.each<[LLMErrorName, LLMErrorName]>([
    ["QuotaExceededError", "RateLimitError"],
    ["NetworkError", "ProviderUnavailableError"],
    ["AccessDeniedError", "AuthenticationError"],
  ])("%s is a case of %s, and not the other way round", (narrow, wide) => {
    expect(isLLMError(new LLMError(narrow, "m"), wide)).toBe(true);
    expect(isLLMError(new LLMError(wide, "m"), narrow)).toBe(false);
  });

  it("is a case of no other", () => {
    const names = [...retryable, ...final];
    const pairs = names.flatMap((name) => names.map((other) => [name, other] as const));
    const cases = pairs.filter(([name, other]) => name !== other && isLLMError(new LLMError(name, "m"), other));
    expect(cases).toHaveLength(3);
  });

  it("is told across copies of the package, by name and not by class", () => {
    const copy = Object.assign(new Error("m"), { name: "QuotaExceededError", retryable: false });
    expect(isLLMError(copy, "RateLimitError")).toBe(true);
  });

  it.each([
    [new Error("m")],
    [Object.assign(new Error("m"), { name: "RateLimitError" })],
    [Object.assign(new Error("m"), { name: "toString", retryable: true })],
    [{ name: "RateLimitError", retryable: true }],
    ["RateLimitError"],
    [null],
    [undefined],
  ])("is none of %s", (value) => {
    expect(isLLMError(value)).toBe(false);
  });
});
