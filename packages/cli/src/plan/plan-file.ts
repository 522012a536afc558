/**
 * Owns the shape the CLI handles a mount plan in before the library has checked it: plain data, of which only what the
 * CLI adds to is looked at. Whether a plan is valid is the library's to say.
 */

/** A mount plan as plain data. */
export type RawPlan = Readonly<Record<string, unknown>>;

/** A list section of the plan (`providers`, `tools`, `hooks`); null when it is something else, for the library to refuse. */
export function sectionOf(plan: RawPlan, name: string): readonly unknown[] | null {
  const section = plan[name];
  if (section === undefined) return [];
  return Array.isArray(section) ? (section as unknown[]) : null;
}

/** The module an entry names, or null. */
export function moduleOf(entry: unknown): string | null {
  if (typeof entry !== "object" || entry === null || !("module" in entry)) return null;
  return typeof entry.module === "string" ? entry.module : null;
}

/** The plan's `session` as far as it is a table. */
export function sessionOf(plan: RawPlan): Readonly<Record<string, unknown>> {
  const { session } = plan;
  return typeof session === "object" && session !== null && !Array.isArray(session) ? { ...session } : {};
}
