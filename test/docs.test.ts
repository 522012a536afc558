/**
 * Holds the documents against the code, both ways: every event and every error code is listed, and nothing else is.
 */
import type { EventType } from "amplifier-core";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { declaredPayloads, documentedPayloads } from "./repository/event-payloads.ts";

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

/** The constants of Amplifier 2.0.2, which modules written for it know. */
const constants = [
  "session:start",
  "session:end",
  "session:fork",
  "session:resume",
  "prompt:submit",
  "prompt:complete",
  "plan:start",
  "plan:end",
  "provider:request",
  "provider:response",
  "provider:retry",
  "provider:error",
  "provider:throttle",
  "provider:tool_sequence_repaired",
  "provider:resolve",
  "llm:request",
  "llm:response",
  "content_block:start",
  "content_block:delta",
  "content_block:end",
  "thinking:delta",
  "thinking:final",
  "tool:pre",
  "tool:post",
  "tool:error",
  "context:pre_compact",
  "context:post_compact",
  "context:compaction",
  "context:include",
  "orchestrator:complete",
  "execution:start",
  "execution:end",
  "user:notification",
  "artifact:write",
  "artifact:read",
  "policy:violation",
  "approval:required",
  "approval:granted",
  "approval:denied",
  "cancel:requested",
  "cancel:completed",
  "module:load_failed",
  "module:on_session_ready_failed",
] as const satisfies readonly EventType[];

/** What Amplifier's modules raise beside them. Names of its apps and of its goal loop are not here. */
const inUse = [
  "llm:stream_block_start",
  "llm:stream_block_delta",
  "llm:stream_block_end",
  "llm:stream_aborted",
  "session:config",
  "orchestrator:rate_limit_delay",
  "orchestrator:steering_injected",
] as const satisfies readonly EventType[];

describe("the vocabulary", () => {
  const named = (mark: string): (string | undefined)[] =>
    [...read("docs/events.md").matchAll(/^\| `([^`]+)`( \*ours\*)? \|/gm)]
      .filter((match) => (match[2] ?? "") === mark)
      .map((match) => match[1]);

  it("has all 43 constants of upstream and the names its modules use, and marks every other as ours", () => {
    expect(constants).toHaveLength(43);
    expect(new Set(named(""))).toEqual(new Set([...constants, ...inUse]));
  });

  it("marks as ours what upstream does not know", () => {
    expect(named(" *ours*").filter((name) => [...constants, ...inUse].includes(name as never))).toEqual([]);
    expect(named(" *ours*").length).toBeGreaterThan(4);
  });

  it("is of words with one colon, as the kernel's", () => {
    expect([...named(""), ...named(" *ours*")].filter((name) => !/^[a-z_]+:[a-z_]+$/.test(name ?? ""))).toEqual([]);
  });
});

describe("the documents", () => {
  it("list every event of EventMap and no other", () => {
    const files = ["event-map.ts", "reserved-events.ts"].map((file) => read(`packages/core/src/events/${file}`));
    const names = [...files.join("").matchAll(/^ {2}"([a-z_]+:[a-z_]+)":/gm)];
    expect(names.length).toBeGreaterThan(25);
    expect(listed(read("docs/events.md"))).toEqual(names.map((match) => match[1]).toSorted());
  });

  it("give every event the fields it is declared with, and no other", () => {
    const source = ["event-map.ts", "reserved-events.ts"]
      .map((file) => read(`packages/core/src/events/${file}`))
      .join("");
    const document = read("docs/events.md");
    const [, shared = ""] = /^All carry (.*?)\(/m.exec(document) ?? [];
    const tool = [...shared.matchAll(/`(\w+)`/g)].map(([, field = ""]) => field);
    const declared = declaredPayloads(source);
    expect(declared["tool:error"]).toEqual(["error", "parallel_group_id", "tool_call_id", "tool_name"]);
    expect(documentedPayloads(document, { tool })).toEqual(declared);
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
