/**
 * Owns telling a group that still runs from one of which only zombies are left. A container whose first process reaps
 * nothing (Docker without `--init`) keeps them for ever, and a signal cannot tell them apart; Linux' `/proc` can.
 */
import { readdirSync, readFileSync } from "node:fs";

/** Whether a process of the group runs; true where `/proc` cannot say. The group is known to have members. */
export function hasRunningMember(groupId: number): boolean {
  if (process.platform !== "linux") return true;
  try {
    return readdirSync("/proc").some((name) => /^\d+$/.test(name) && isRunningIn(groupId, name));
  } catch {
    // No /proc is mounted: then nothing better is known than that there are members.
    return true;
  }
}

function isRunningIn(groupId: number, process: string): boolean {
  const stat = readStat(process);
  // "pid (name) state parent group ..."; the name may itself hold spaces and parentheses.
  const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(group) === groupId && state !== "Z" && state !== "X";
}

function readStat(process: string): string {
  try {
    return readFileSync(`/proc/${process}/stat`, "utf8");
  } catch {
    // It ended since the folder was listed.
    return "";
  }
}
