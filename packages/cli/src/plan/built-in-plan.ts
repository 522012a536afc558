/**
 * Owns the plan that stands when the person gives none: an agent that reads, writes and runs commands, asking first.
 * Providers and the system prompt are added when it is completed.
 */
import type { RawPlan } from "./plan-file.ts";

/** Tools of our own modules by module: the default prompt names them before anything is mounted. */
export const KNOWN_TOOLS: Readonly<Record<string, readonly string[]>> = {
  "tool-filesystem": ["read_file", "write_file", "edit_file", "glob", "grep"],
  "tool-bash": ["bash"],
};

/** An interactive agent may take long and many steps; a person watches every token. */
export const BUILT_IN_PLAN: RawPlan = {
  session: { orchestrator: "loop-streaming", context: "context-simple" },
  orchestrator: { config: { max_turns: 100, timeout: 3600, buffer_size: 1 } },
  tools: [{ module: "tool-filesystem" }, { module: "tool-bash" }],
};
