/**
 * Owns the one warning a library user gets when tools that write are mounted and nobody is asked before they run.
 */
import type { SessionCoordinator } from "../coordinator/session-coordinator.ts";

/** The source of the warning, for a display that has asked its person about it already. */
export const UNGUARDED = "unguarded-tools";

/** Warns once, naming the tools, when a tool that writes is mounted without any `tool:pre` hook. */
export function warnOfUnguardedTools(coordinator: SessionCoordinator): void {
  if (coordinator.hooks.has("tool:pre")) return;
  const names = [...coordinator.get("tools").values()].filter((tool) => tool.writes === true).map((tool) => tool.name);
  if (names.length === 0) return;
  const message = `${names.join(", ")} may change files or run commands without asking; mount hooks-approval to be asked.`;
  coordinator.displaySystem.showMessage(message, "warning", UNGUARDED);
}
