/**
 * Owns the command `plan schema`: the JSON Schema of mount plans with the configs of our own modules, for editors.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { findModuleOnDisk, mountPlanSchema, OWN_MODULES, type KnownModule } from "amplifier-core";
import type { App } from "../app.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";

/** Prints the schema on stdout. */
export async function planSchema(app: App): Promise<ExitCode> {
  const modules = await Promise.all(OWN_MODULES.map(knownModule));
  await app.output.answer(`${JSON.stringify(mountPlanSchema(modules), null, 2)}\n`);
  return EXIT.success;
}

// From here: our own modules, whatever the working folder has installed under their names.
async function knownModule(id: string): Promise<KnownModule> {
  const directory = dirname(fileURLToPath(import.meta.url));
  const exports = (await findModuleOnDisk({ id, directory })) as Omit<KnownModule, "id">;
  return { ...exports, id };
}
