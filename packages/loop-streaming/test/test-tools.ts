/**
 * Tools for tests of the loop.
 */
import type { Tool } from "amplifier-core";
import { gate, type Gate } from "amplifier-testkit";

/** A tool of that name; its input may be any object unless `fields` say more. */
export function tool(name: string, execute: Tool["execute"], fields: Partial<Tool> = {}): Tool {
  return { name, description: name, inputSchema: { type: "object" }, execute, ...fields };
}

/** A tool whose runs wait behind gates, one a call id, and which remembers the order in which they started. */
export interface GatedTool {
  readonly tool: Tool;
  readonly started: readonly string[];
  /** The gate of a call; the run returns `done <call id>` once it is open. */
  gateOf(callId: string): Gate;
}

export function gatedTool(name: string, fields: Partial<Tool> = {}): GatedTool {
  const gates = new Map<string, Gate>();
  const started: string[] = [];
  const gateOf = (callId: string): Gate => {
    const known = gates.get(callId) ?? gate();
    gates.set(callId, known);
    return known;
  };
  const execute: Tool["execute"] = async (_input, { callId, signal }) => {
    started.push(callId);
    await gateOf(callId).pass(signal);
    return `done ${callId}`;
  };
  return { tool: tool(name, execute, fields), started, gateOf };
}

/** The time in a zone, which it needs. */
export const clockTool: Tool = tool(
  "clock",
  (input) => Promise.resolve(`12:00 in ${(input as { zone: string }).zone}`),
  {
    inputSchema: {
      type: "object",
      properties: { zone: { type: "string" } },
      required: ["zone"],
      additionalProperties: false,
    },
  },
);
