import { AmplifierError, LLMError } from "amplifier-core";
import { expect, test } from "vitest";
import { describeFailure } from "./describe-failure.ts";
import { usageError } from "./usage-error.ts";

test.each([
  [usageError("Wrong."), 2],
  [new AmplifierError("plan_invalid", "Plan.", { data: { problems: [] } }), 2],
  [new AmplifierError("config_invalid", "Config.", { data: { module: "m", problems: [] } }), 2],
  [new AmplifierError("module_not_found", "Gone.", { data: { module: "m", packages: [] } }), 2],
  [new AmplifierError("no_provider", "None.", { data: { mounted: [] } }), 2],
  [new AmplifierError("turn_timeout", "Late.", { data: { limit: "timeout", seconds: 1 } }), 124],
  [new AmplifierError("download_failed", "Down.", { data: { url: "u" } }), 1],
  [new LLMError("AuthenticationError", "Key."), 1],
  [new LLMError("ConfigurationError", "No key."), 2],
  [Object.assign(new Error("Stopped."), { name: "AbortError" }), 130],
  [new TypeError("Bug."), 1],
  ["just text", 1],
])("%s gives the exit code %i", (error, exitCode) => {
  expect(describeFailure(error, { debug: false }).exitCode).toBe(exitCode);
});

test("the line is one line without control characters, whatever the message holds", () => {
  const { line } = describeFailure(new Error("two\nlines\u001b[31m\u202e"), { debug: false });
  expect(line).toBe("two lines\\x1b[31m\\u202e");
});

test("an error without a message is named", () => {
  expect(describeFailure(new RangeError(), { debug: false }).line).toBe("RangeError");
});

test("only --debug shows the stack, with the causes", () => {
  const error = new Error("outer", { cause: new Error("inner") });
  expect(describeFailure(error, { debug: false }).line).toBe("outer");
  expect(describeFailure(error, { debug: true }).line).toMatch(
    /^outer\nError: outer\n {4}at .*\ncaused by: Error: inner\n/s,
  );
});
