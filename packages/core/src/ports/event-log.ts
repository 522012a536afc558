/**
 * Owns the port to the session's log, the truth of what happened. One writer, which assigns `seq`; any number of readers,
 * each with a cursor of its own.
 */
import type { Event } from "../events/event.ts";

/** The ordered, append-only list of a session's events. */
export interface EventLog {
  /**
   * Appends events in order of `seq`, without gaps. Resolves once they are accepted; with `durable` once they would
   * survive a crash. An empty array with `durable` waits for everything accepted before.
   */
  append(events: readonly Event[], options: { readonly durable: boolean }): Promise<void>;
  /**
   * Yields every event after `after`, then live ones as they are accepted, until `signal` is aborted (it then ends).
   * @throws AmplifierError `log_trimmed` with the first `seq` that is left, when something after `after` is gone.
   */
  read(options: { readonly after: number; readonly signal: AbortSignal }): AsyncIterable<readonly Event[]>;
  /** The last `seq` accepted; 0 when empty. */
  last(): number;
}
