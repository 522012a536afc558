/**
 * Where a log is.
 */
import { describe, expect, it } from "vitest";
import { logPath } from "./log-path.ts";

describe("logPath", () => {
  const places = { sessionId: "s-1", workspace: "/project", home: "/home/me" };

  it("starts at the home folder, the root or the workspace", () => {
    expect(logPath("~/logs/{session_id}.jsonl", places)).toBe("/home/me/logs/s-1.jsonl");
    expect(logPath("/var/{session_id}/x", places)).toBe("/var/s-1/x");
    expect(logPath("logs/all.jsonl", places)).toBe("/project/logs/all.jsonl");
    expect(() => logPath("x", { ...places, workspace: null })).toThrow(
      /"x" is relative and the session has no workspace/u,
    );
  });

  it("lets no id lead into another folder", () => {
    for (const [sessionId, file] of [
      ["../../etc/x", "__.._etc_x"],
      ["..", "_"],
      ["a/b", "a_b"],
    ] as const) {
      expect(logPath("/logs/{session_id}", { ...places, sessionId })).toBe(`/logs/${file}`);
    }
  });
});
