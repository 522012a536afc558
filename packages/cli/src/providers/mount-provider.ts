/**
 * Owns having one provider of a plan by itself, without a conversation: for lists of models and for a check of what works.
 */
import { createSession, type MountPlan, type Provider, type Session } from "amplifier-core";
import type { App } from "../app.ts";
import type { LoadedPlan } from "../commands/load-plan.ts";
import { moduleOf } from "../plan/plan-file.ts";

/** What came of an entry's mounting. */
export interface MountedProvider {
  /** As it is mounted; the module's id where it could not be. */
  readonly name: string;
  /** Null when it could not be mounted: then there is a `problem`. */
  readonly provider: Provider | null;
  readonly problem: string | null;
}

/** Mounts one entry of `providers` and gives it to `use`; what it holds is given back behind that. */
export async function withProvider<T>(
  app: App,
  { entry, places, moduleFolder }: Omit<LoadedPlan, "plan"> & { readonly entry: unknown },
  use: (mounted: MountedProvider) => Promise<T>,
): Promise<T> {
  const module = moduleOf(entry) ?? "provider";
  const told: string[] = [];
  let session: Session;
  try {
    const plan = { session: { orchestrator: "loop-streaming" }, providers: [entry] } as unknown as MountPlan;
    const display = { showMessage: (message: string) => void told.push(message) };
    const { clock } = app.io;
    session = await createSession(plan, { clock, workspace: places.workspace, planDirectory: moduleFolder, display });
  } catch (error) {
    return use({ name: module, provider: null, problem: error instanceof Error ? error.message : String(error) });
  }
  try {
    const [mounted] = session.coordinator.get("providers");
    if (mounted !== undefined) return await use({ name: mounted[0], provider: mounted[1], problem: null });
    return await use({ name: module, provider: null, problem: told.join(" ") || "It mounted nothing." });
  } finally {
    await session.close();
  }
}
