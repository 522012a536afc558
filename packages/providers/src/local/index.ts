/**
 * The module `provider-local`: a small model in this process, for machines with no key and no server. It chats and is no
 * agent: it is offered no tools.
 */
import type { Cleanup, ModuleCoordinator, ModuleType } from "amplifier-core";
import { createLocalProvider } from "./local-provider.ts";
import type { LocalModelStatus } from "./install-local-model.ts";

export { configSchema, LOCAL_SYSTEM_PROMPT, type LocalConfig } from "./local-config.ts";
export { createLocalProvider, type LocalProvider, type LocalProviderOptions } from "./local-provider.ts";
export { localModelState, prepareLocalModel, type PrepareOptions } from "./prepare-local-model.ts";
export type { LocalModelPart, LocalModelStatus } from "./install-local-model.ts";
export { listLocalModels, pullLocalModel, removeLocalModel, type StoredModel } from "./stored-models.ts";
export type { HeldModel } from "./hold-model.ts";

/** What this module is mounted as. */
export const moduleType: ModuleType = "provider";

/**
 * Mounts the provider under its name, `local` by default. Installs and loads nothing: the first call does, and then says on
 * the session's display what it installs; `prepareLocalModel` does so earlier.
 */
export function mount(coordinator: ModuleCoordinator, config: Readonly<Record<string, unknown>>): Cleanup {
  const provider = createLocalProvider(config, {
    onStatus: (status) => {
      if (status.kind !== "announce") return;
      coordinator.displaySystem.showMessage(announcement(status), "info", provider.name);
    },
  });
  coordinator.mount("providers", provider, provider.name);
  return () => provider.dispose();
}

function announcement({ name, bytes, directory }: Extract<LocalModelStatus, { kind: "announce" }>): string {
  const size = bytes === null ? "" : `, ${Math.round(bytes / 1e6)} MB`;
  return `Installing ${name}${size}, in ${directory}, once`;
}
