/**
 * Holds the documents against the code, both ways: every event and every error code is listed, and nothing else is.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

/** The first cell of every table row that is a single code span (and perhaps a mark behind it). */
function listed(document: string): string[] {
  return [...document.matchAll(/^\| `([^`]+)`(?: \*ours\*)? \|/gm)].map((match) => match[1] ?? "").toSorted();
}

function section(document: string, heading: string): string {
  const from = document.indexOf(`## ${heading}`);
  expect(from).toBeGreaterThan(-1);
  const next = document.indexOf("\n## ", from + 1);
  return document.slice(from, next === -1 ? undefined : next);
}

describe("the documents", () => {
  it("list every event of EventMap and no other", () => {
    const files = ["event-map.ts", "reserved-events.ts"].map((file) => read(`packages/core/src/events/${file}`));
    const names = [...files.join("").matchAll(/^ {2}"([a-z_]+:[a-z_]+)":/gm)];
    expect(names.length).toBeGreaterThan(25);
    expect(listed(read("docs/events.md"))).toEqual(names.map((match) => match[1]).toSorted());
  });

  it("list every code of AmplifierError and no other", () => {
    const source = read("packages/core/src/errors/amplifier-error.ts");
    const codes = [...source.matchAll(/^ {2}readonly ([a-z_]+): \{/gm)].map((match) => match[1]);
    expect(codes.length).toBeGreaterThan(10);
    expect(listed(section(read("docs/errors.md"), "AmplifierError"))).toEqual(codes.toSorted());
  });

  it("list every model error with its default of retryable", () => {
    const source = read("packages/core/src/errors/llm-error.ts");
    const kinds = [...source.matchAll(/^ {2}(\w+Error): (true|false),/gm)].map(([, name, yes]) => `${name} ${yes}`);
    expect(kinds.length).toBeGreaterThan(10);
    const rows = section(read("docs/errors.md"), "LLMError").matchAll(/^\| `(\w+)` \| (yes|no) \|/gm);
    expect([...rows].map(([, name, yes]) => `${name} ${yes === "yes"}`).toSorted()).toEqual(kinds.toSorted());
  });
});
