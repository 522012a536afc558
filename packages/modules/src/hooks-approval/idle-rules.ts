/**
 * Owns finding the rules that name a tool which is not there, and the words for it. No error: a tool may be mounted later.
 */

/** The lists of the configuration. */
export interface ToolRules {
  readonly ask?: readonly string[];
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

/** One warning that names every rule for a tool that is not `mounted`; null when there is none. */
export function idleRules(rules: ToolRules, mounted: readonly string[]): string | null {
  const idle = (["ask", "allow", "deny"] as const).flatMap((list) => {
    const names = (rules[list] ?? []).filter((name) => !mounted.includes(name));
    return names.length === 0 ? [] : [`${list} = ${JSON.stringify(names)}`];
  });
  if (idle.length === 0) return null;
  const tools = mounted.length === 0 ? "No tool is mounted" : `The tools are ${mounted.join(", ")}`;
  return `No tool has the name that these rules are for: ${idle.join(", ")}. ${tools}; mend the names if they are typos.`;
}
