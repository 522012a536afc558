/**
 * Owns the port between a running turn and what the person sees of it: as text, or as events.
 */
import type { Event } from "amplifier-core";

/** Shows the events of one turn, in order. Awaited for each, so a slow reader slows the model's socket and fills nothing. */
export interface TurnView {
  show(event: Event): Promise<void>;
  /** After the last event, however the turn ended. */
  end(): Promise<void>;
}
