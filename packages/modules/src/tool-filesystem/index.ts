/**
 * The module `tool-filesystem`: mounts `read_file`, `write_file`, `edit_file`, `glob` and `grep`, all confined to one
 * folder. Does not ask before it writes: that is the part of a `tool:pre` hook such as `hooks-approval`.
 */
import type { InferSchema, JsonSchema, ModuleCoordinator } from "amplifier-core";
import { workspaceFolder } from "../workspace-folder.ts";
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
  const workspace = new Workspace(await workspaceFolder("tool-filesystem", coordinator, config.workspace));
  for (const create of [createReadFile, createWriteFile, createEditFile, createGlob, createGrep]) {
    coordinator.mount("tools", create(workspace));
  }
}
