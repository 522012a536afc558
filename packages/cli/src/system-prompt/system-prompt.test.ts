import { expect, test } from "vitest";
import { systemPrompt } from "./system-prompt.ts";

const HERE = { workspace: "/w", platform: "linux 6.1", date: "2026-11-23", tools: ["bash"], contextFiles: [] };

test("the prompt names workspace, platform, date and tools", () => {
  const prompt = systemPrompt(HERE);
  expect(prompt).toContain("Workspace: /w\nPlatform: linux 6.1\nDate: 2026-11-23");
  expect(prompt).toContain("tools: bash.");
});

test("without tools it says so", () => {
  expect(systemPrompt({ ...HERE, tools: [] })).toContain("You have no tools");
});

test("context files come last, in the given order, each under its name", () => {
  const contextFiles = [
    { name: "AGENTS.md", text: "Use tabs.\n" },
    { name: "web/AGENTS.md", text: "Use blanks.\n" },
  ];
  expect(systemPrompt({ ...HERE, contextFiles })).toMatch(
    /\n\nInstructions of this repository, from AGENTS\.md:\n\nUse tabs\.\n\n.*from web\/AGENTS\.md:\n\nUse blanks\.$/s,
  );
});
