/**
 * Owns the pure fold of a turn's events into what a caller asks for afterwards.
 */
import type { EventOf } from "../events/event.ts";
import type { TurnStatus } from "../events/event-map.ts";
import type { FinishReason } from "../messages/chat.ts";
import type { Usage } from "../messages/usage.ts";

/** How a turn ended. `text` is the last iteration's; `usage` the sum of all its model calls. */
export interface TurnSummary {
  readonly text: string;
  readonly status: TurnStatus;
  readonly usage: Usage;
  readonly finish_reason: FinishReason | null;
  readonly turn_id: string | null;
  /** The limit that ended it, when `status` is `incomplete` or `timeout`. */
  readonly limit?: string;
}

/** The turn that `event` ended. */
export function foldTurn(event: EventOf<"execution:end">): TurnSummary {
  const { response, status, usage, finish_reason, limit } = event.data;
  return {
    text: response,
    status,
    usage,
    finish_reason,
    turn_id: event.turn_id,
    ...(limit === undefined ? {} : { limit }),
  };
}
