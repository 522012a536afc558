/**
 * Owns the rules of a turn's bracket: what comes first and last, once each, and how stops are told.
 */
import type { EventType } from "amplifier-core";
import { at, type Finding, missing, perTurn, type Rule } from "./violation.ts";

const ONCE: readonly EventType[] = ["execution:start", "prompt:submit", "execution:end", "orchestrator:complete"];
/** What hooks of the prompt may set off before its event is stored. */
const BEFORE_SUBMIT = /^(?:approval:|context:|user:)/u;

/** `execution:start`, `prompt:submit`, `execution:end` and `orchestrator:complete` come once in each turn. */
export const bracketEventsComeOnce: Rule = perTurn((turn) =>
  ONCE.flatMap<Finding>((type) => {
    const found = turn.filter((event) => event.type === type);
    if (found.length === 1) return [];
    return found.length === 0
      ? [missing(`a turn has no ${type}`)]
      : found.slice(1).map((event) => at(event, "comes again"));
  }),
);

/** `execution:start` is first, then `prompt:submit` (its hooks' own events may stand between). */
export const turnBeginsInOrder: Rule = perTurn((turn) => {
  const [first, ...rest] = turn;
  if (first !== undefined && first.type !== "execution:start") return [at(first, "is a turn's first event")];
  const before = rest.slice(
    0,
    rest.findIndex((event) => event.type === "prompt:submit"),
  );
  return before
    .filter((event) => !BEFORE_SUBMIT.test(event.type))
    .map((event) => at(event, "comes before prompt:submit"));
});

/** `execution:end`, then `orchestrator:complete`, then nothing but `tool:late_result`. */
export const turnEndsInOrder: Rule = perTurn((turn) => {
  const ended = turn.findIndex((event) => event.type === "execution:end");
  if (ended === -1) return [];
  return turn
    .slice(ended + 1)
    .filter((event) => event.type !== "tool:late_result" && event.type !== "orchestrator:complete")
    .map((event) => at(event, "comes after execution:end"));
});

/** `orchestrator:complete` says the same status as `execution:end`, and comes after it. */
export const closingEventsAgree: Rule = perTurn((turn) => {
  let status: string | undefined;
  return turn.flatMap((event) => {
    if (event.type === "execution:end") status = event.data.status;
    if (event.type !== "orchestrator:complete" || event.data.status === status) return [];
    return [at(event, `says ${event.data.status}, execution:end ${status ?? "did not come before it"}`)];
  });
});

/** Turns of one session do not overlap. */
export const turnsDoNotOverlap: Rule = (events) => {
  let open: string | null = null;
  return events.flatMap((event) => {
    if (event.turn_id === null || event.type === "tool:late_result") return [];
    const broken = open !== null && event.turn_id !== open;
    if (event.type === "execution:start") open = event.turn_id;
    if (event.type === "orchestrator:complete") open = null;
    return broken ? [at(event, "belongs to another turn than the running one")] : [];
  });
};

/** At most one `cancel:requested` a turn, with exactly one `cancel:completed` after it. */
export const cancelsAreCompleted: Rule = perTurn((turn) => {
  let requested = 0;
  let completed = 0;
  const findings = turn.flatMap((event) => {
    if (event.type === "cancel:requested") return ++requested > 1 ? [at(event, "comes again")] : [];
    if (event.type === "cancel:completed") return ++completed > requested ? [at(event, "completes nothing")] : [];
    return [];
  });
  return completed < requested ? [...findings, missing("a cancel:requested has no cancel:completed")] : findings;
});

/** Status `cancelled` is told by a cancel; an `error` by an error; a limit by its name. */
export const statusHasItsReason: Rule = perTurn((turn) =>
  turn.flatMap((event) => {
    if (event.type !== "execution:end") return [];
    const { status, error, limit } = event.data;
    if (status === "cancelled" && !turn.some((other) => other.type === "cancel:requested")) {
      return [at(event, "says cancelled without a cancel:requested")];
    }
    if ((status === "error" || status === "timeout") !== (error !== undefined))
      return [at(event, `says ${status}; error: ${error?.type ?? "none"}`)];
    if ((status === "incomplete" || status === "timeout") !== (limit !== undefined))
      return [at(event, `says ${status}; limit: ${limit ?? "none"}`)];
    return [];
  }),
);
