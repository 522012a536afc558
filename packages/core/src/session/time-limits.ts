/**
 * Owns how long a session waits for its modules before it goes on without them. Milliseconds.
 */

/** For a module to mount, or to hear that the session is ready: it may start a process, it does no work. */
export const MOUNT_MS = 60_000;
/** For one module's cleanup, or the log's last append. */
export const CLEANUP_MS = 5000;
/** For the handlers of a closing event, together, after a stop. */
export const CLOSING_MS = 1000;
