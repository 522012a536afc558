import { expect, test } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { helpText } from "./help-text.ts";
import { COMMANDS, OPTIONS } from "./options.ts";

test("the help names every option and every exit code", () => {
  const help = helpText(null);
  for (const { name } of OPTIONS) expect(help).toContain(`--${name}`);
  for (const code of Object.values(EXIT)) expect(help).toMatch(new RegExp(`\\b${String(code)}\\b`));
});

test("the help of a command has its own usage and examples and leaves out what it does not take", () => {
  expect(helpText("run")).toMatch(/^Usage: amplifier-ts run .*Examples:\n {2}amplifier-ts run/s);
  expect(helpText("chat")).toMatch(/^Usage: amplifier-ts chat .*Examples:\n {2}amplifier-ts chat/s);
  expect(helpText("chat")).not.toContain("--json");
  expect(helpText("models")).toMatch(/^Usage: amplifier-ts models .*--provider.*--json.*Exit codes/s);
  expect(helpText("models")).not.toMatch(/--live|--yes/);
  expect(helpText("doctor")).toContain("--live");
});

test("no line is wider than a terminal of 110 columns", () => {
  for (const topic of [null, ...COMMANDS]) {
    expect(
      helpText(topic)
        .split("\n")
        .filter((line) => line.length > 110),
    ).toEqual([]);
  }
});
