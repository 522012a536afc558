/**
 * Owns the words the agent is told about itself. Pure: reading files and the clock is its caller's.
 */

/** A file of instructions as it was found. `name` is relative to the repository's root, for the model and the person. */
export interface ContextFile {
  readonly name: string;
  readonly text: string;
}

/** What the default prompt is made of. `date` is the person's day, `YYYY-MM-DD`; `tools` may be empty. */
export interface Surroundings {
  readonly workspace: string;
  readonly platform: string;
  readonly date: string;
  readonly tools: readonly string[];
  /** Outermost first: the later, nearer file has the last word. */
  readonly contextFiles: readonly ContextFile[];
}

/** The system prompt of the built-in agent. */
export function systemPrompt(surroundings: Surroundings): string {
  const { workspace, platform, date, tools, contextFiles } = surroundings;
  return [
    "You are an agent that works for the person at this terminal, in Amplifier.",
    tools.length > 0
      ? `You act through tools: ${tools.join(", ")}. Use them instead of guessing; look before you change something, and check what you did. Writing files and running commands may be refused by the person: then say what you would do instead.`
      : "You have no tools: answer from what you know and from the conversation, and say so where that is not enough.",
    "Answer briefly and in plain text that reads well in a terminal. If something failed, say so.",
    `Workspace: ${workspace}\nPlatform: ${platform}\nDate: ${date}`,
    ...contextFiles.map(contextSection),
  ].join("\n\n");
}

function contextSection({ name, text }: ContextFile): string {
  return `Instructions of this repository, from ${name}:\n\n${text.trim()}`;
}
