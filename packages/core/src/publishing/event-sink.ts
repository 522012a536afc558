/**
 * Owns what a publisher knows of whoever takes its events.
 */
import type { Event } from "../events/event.ts";

/** Takes events as they are published. `push` must not throw. */
export interface EventSink {
  push(event: Event): void;
  /** Undefined when a delta may be published now; else resolves when it may. */
  room(): Promise<void> | undefined;
}
