/**
 * Owns the clock that all processes of the bench share: the machine's monotonic one.
 */

/** Nanoseconds since some moment that is the same for every process on this machine. */
export function nowNs() {
  return Number(process.hrtime.bigint());
}
