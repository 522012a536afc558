/**
 * Owns which folder the agent works in: the one the person stood in. `npm start` moves into the package's folder before
 * it starts the program and leaves the person's in INIT_CWD.
 */
import { resolve } from "node:path";
import type { Io } from "./io.ts";

/** The workspace, absolute. Relative names on the command line count from it too. */
export function workspaceOf(io: Pick<Io, "env" | "cwd">): string {
  const startedByNpm = (io.env["npm_lifecycle_event"] ?? "") !== "";
  const from = io.env["INIT_CWD"];
  return startedByNpm && from !== undefined && from !== "" ? resolve(from) : io.cwd;
}
