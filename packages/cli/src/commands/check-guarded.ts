/**
 * Owns the last look before a session may run: whether the person would really be asked. A plan says what should be
 * mounted; only the registered handlers say what is. A session that would run commands unasked is closed again.
 */
import type { Session } from "amplifier-core";
import { usageError } from "../usage-error.ts";

/** What the approval module registers its policy as, under whatever id the plan mounts it. */
const APPROVAL_HANDLER = "hooks-approval";

/** Checks that the approval policy looks at every tool call. @throws AmplifierError `usage` after closing the session */
export async function checkGuarded(session: Pick<Session, "coordinator" | "close">): Promise<void> {
  const handlers = session.coordinator.hooks.list("tool:pre")["tool:pre"] ?? [];
  if (handlers.includes(APPROVAL_HANDLER)) return;
  await session.close();
  throw usageError(
    "hooks-approval was not mounted, so tools would run without a question. Mend its entry in the plan's hooks, or give --yes to run without being asked.",
  );
}
