/**
 * Owns where a session's log is: the configured path with the session's id in it, as an absolute one.
 */
import { AmplifierError } from "amplifier-core";
import { isAbsolute, join, resolve } from "node:path";

/** Beside no project's files: a log in the workspace would be found by search tools and committed by accident. */
export const DEFAULT_PATH = "~/.amplifier/logs/{session_id}.jsonl";

/** What a path may be relative to. */
export interface LogPlaces {
  readonly sessionId: string;
  readonly workspace: string | null;
  readonly home: string;
}

/**
 * The absolute path. `{session_id}` is the session's id with everything but letters, digits, `.`, `_` and `-` replaced,
 * `~/` the home folder; other relative paths start at the workspace.
 * @throws AmplifierError `config_invalid` when there is no workspace to start at
 */
export function logPath(configured: string, { sessionId, workspace, home }: LogPlaces): string {
  // An id may come from outside: it must not name a folder, nor the one above.
  const id = sessionId.replaceAll(/[^\w.-]/gu, "_").replace(/^\.+/u, "_");
  const path = configured.replaceAll("{session_id}", id);
  if (path.startsWith("~/")) return join(home, path.slice(2));
  if (isAbsolute(path)) return path;
  if (workspace !== null) return resolve(workspace, path);
  const message = `The log's path "${configured}" is relative and the session has no workspace: make it absolute, or begin it with ~/.`;
  throw new AmplifierError("config_invalid", message, {
    data: { module: "hooks-logging", problems: [{ path: "path", message }] },
  });
}
