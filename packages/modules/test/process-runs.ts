/**
 * Asks the system about a process.
 */
import { readFileSync } from "node:fs";

/** Whether a process runs; one that is dead and not reaped does not. */
export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/^\d+ \(.*\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
