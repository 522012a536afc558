/**
 * Owns a command's process group, from the moment it was started until nothing of it is left. POSIX only: the group has
 * the id of its leader, a child of ours started with `detached`. A group that is seen to be gone is never signalled again,
 * since its id may soon be another's.
 */
import type { Clock } from "amplifier-core";
import { setTimeout } from "node:timers/promises";
import { hasRunningMember } from "./has-running-member.ts";

/** How long a group may take to end after SIGTERM, in milliseconds, before SIGKILL. */
export const KILL_AFTER_MS = 2000;

const LOOK_AGAIN_MS = 20;

/** One group. */
export class ProcessGroup {
  readonly #id: number;
  readonly #clock: Clock;
  #cancelKill: (() => void) | undefined;
  #gone = false;

  constructor(id: number, clock: Clock) {
    this.#id = id;
    this.#clock = clock;
  }

  /** Whether any process of the group is running, as of now. */
  get alive(): boolean {
    return this.#signal(0) && hasRunningMember(this.#id);
  }

  /** Asks the group to end, and kills what is left of it after `KILL_AFTER_MS`. Returns at once. */
  stop(): void {
    if (this.#cancelKill !== undefined || !this.#signal("SIGTERM")) return;
    this.#cancelKill = this.#clock.schedule(() => this.#signal("SIGKILL"), KILL_AFTER_MS);
  }

  /**
   * Stops the group and resolves once it is gone, or after `KILL_AFTER_MS` has been sent SIGKILL. In real time, whatever
   * the clock: processes end when they do.
   */
  async end(): Promise<void> {
    const deadline = performance.now() + KILL_AFTER_MS;
    this.stop();
    while (this.alive && performance.now() < deadline) await setTimeout(LOOK_AGAIN_MS);
    this.#cancelKill?.();
    this.#signal("SIGKILL");
  }

  #signal(signal: NodeJS.Signals | 0): boolean {
    if (this.#gone) return false;
    try {
      process.kill(-this.#id, signal);
      return true;
    } catch (error) {
      // ESRCH: nobody is left. EPERM: only processes of other users, or on macOS zombies; nothing we can end.
      if (!(error instanceof Error) || !("code" in error) || !["ESRCH", "EPERM"].includes(String(error.code)))
        throw error;
      this.#gone = true;
      this.#cancelKill?.();
      return false;
    }
  }
}
