/**
 * Owns one call of a tool: which it is, how far it is, and what it needs of the batch it belongs to.
 */
import type { ToolCallBlock, ToolEventData } from "amplifier-core";

/** A call and how far it is. `announced`: its arguments are still coming. */
export interface Call {
  readonly id: string;
  readonly name: string;
  /** It waits for all calls before it and holds back all behind it. */
  readonly exclusive: boolean;
  /** Resolves when it is clear whether it will run. */
  readonly decided: Promise<void>;
  readonly markDecided: () => void;
  phase: "announced" | "preparing" | "ready" | "running" | "settled";
  start: (() => void) | undefined;
}

/** What running a complete call takes. */
export interface CallRun {
  readonly call: Call;
  readonly block: ToolCallBlock;
  readonly event: ToolEventData;
  /** Resolves when it is clear what becomes of every earlier call. */
  readonly earlierDecided: () => Promise<unknown>;
  /** Resolves when the call may run. */
  readonly mayStart: () => Promise<void>;
}

/** A call whose arguments are still coming. */
export function announcedCall({ id, name }: { readonly id: string; readonly name: string }, exclusive: boolean): Call {
  let markDecided = (): void => undefined;
  const decided = new Promise<void>((resolve) => {
    markDecided = resolve;
  });
  return { id, name, exclusive, decided, markDecided, phase: "announced", start: undefined };
}
