/**
 * The module `tool-filesystem`: mounts `read_file`, `write_file`, `edit_file`, `glob` and `grep`, all confined to one
 * folder. Does not ask before it writes: that is the part of a `tool:pre` hook such as `hooks-approval`.
 */
import { AmplifierError, type InferSchema, type JsonSchema, type ModuleCoordinator } from "amplifier-core";
import { stat } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import { createEditFile } from "./edit-file.ts";
import { createGlob } from "./glob.ts";
import { createGrep } from "./grep.ts";
import { createReadFile } from "./read-file.ts";
import { Workspace } from "./workspace.ts";
import { createWriteFile } from "./write-file.ts";

/** What this module is mounted as. */
export const moduleType = "tool";

/** `workspace`: the folder, absolute or relative to the session's; default: the session's. */
export const configSchema = {
  type: "object",
  properties: {
    workspace: {
      type: "string",
      minLength: 1,
      description: "The folder the tools are confined to; relative to the session's workspace, which is the default",
    },
  },
  additionalProperties: false,
} as const satisfies JsonSchema;

/**
 * Mounts the five tools.
 * @throws AmplifierError `config_invalid` when there is no workspace, or it is no folder.
 */
export async function mount(coordinator: ModuleCoordinator, config: InferSchema<typeof configSchema>): Promise<void> {
  const workspace = new Workspace(await workspaceFolder(coordinator.workspace, config.workspace));
  for (const create of [createReadFile, createWriteFile, createEditFile, createGlob, createGrep]) {
    coordinator.mount("tools", create(workspace));
  }
}

async function workspaceFolder(session: string | null, configured: string | undefined): Promise<string> {
  if (session === null && (configured === undefined || !isAbsolute(configured))) {
    throw invalid("The session has no workspace: set `workspace` to the absolute path of a folder.");
  }
  const folder = resolve(session ?? "/", configured ?? ".");
  const isFolder = await stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder) throw invalid(`The workspace "${folder}" is not a folder: set \`workspace\` to an existing one.`);
  return folder;
}

function invalid(message: string): AmplifierError {
  const problems = [{ path: "workspace", message }];
  return new AmplifierError("config_invalid", message, { data: { module: "tool-filesystem", problems } });
}
