/**
 * Owns which package a module's id stands for: our own batteries live in packages with several modules, everybody else's
 * in `amplifier-module-<id>`, or wherever the plan's `source` says.
 */

const OURS: Readonly<Record<string, string>> = {
  "provider-anthropic": "amplifier-providers/anthropic",
  "provider-openai": "amplifier-providers/openai",
  "provider-gemini": "amplifier-providers/gemini",
  "provider-local": "amplifier-providers/local",
  "provider-demo": "amplifier-providers/demo",
  "context-simple": "amplifier-modules/context-simple",
  "tool-filesystem": "amplifier-modules/tool-filesystem",
  "tool-bash": "amplifier-modules/tool-bash",
  "hooks-approval": "amplifier-modules/hooks-approval",
  "hooks-logging": "amplifier-modules/hooks-logging",
};

/** The ids of our own modules. */
export const OWN_MODULES: readonly string[] = ["loop-streaming", ...Object.keys(OURS)];

/** The import specifier of a module's id: `loop-streaming` -> `amplifier-module-loop-streaming`. */
export function packageOf(id: string): string {
  return OURS[id] ?? `amplifier-module-${id}`;
}

/** The package's own name in an import specifier: `@scope/name/sub` -> `@scope/name`. */
export function packageName(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
