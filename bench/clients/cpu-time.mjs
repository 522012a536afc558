/**
 * Owns how CPU is counted: user and system time of all threads of this process (compiler and collector included).
 */

/** Microseconds of CPU that `work` took, and what it resolved with. */
export async function cpuTime(work) {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: user + system, result };
}
