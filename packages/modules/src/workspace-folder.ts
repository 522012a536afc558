/**
 * Owns which folder the file and shell tools work in: the session's, unless their own configuration names another.
 */
import { AmplifierError, type ModuleCoordinator } from "amplifier-core";
import { stat } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";

/**
 * The absolute path of an existing folder; `configured` is taken relative to the session's.
 * @throws AmplifierError `config_invalid` when there is no workspace, or it is no folder.
 */
export async function workspaceFolder(
  module: string,
  coordinator: Pick<ModuleCoordinator, "workspace">,
  configured: string | undefined,
): Promise<string> {
  const session = coordinator.workspace;
  if (session === null && (configured === undefined || !isAbsolute(configured))) {
    throw invalid(module, "The session has no workspace: set `workspace` to the absolute path of a folder.");
  }
  const folder = resolve(session ?? "/", configured ?? ".");
  const isFolder = await stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw invalid(module, `The workspace "${folder}" is not a folder: set \`workspace\` to an existing one.`);
  return folder;
}

function invalid(module: string, message: string): AmplifierError {
  return new AmplifierError("config_invalid", message, {
    data: { module, problems: [{ path: "workspace", message }] },
  });
}
