/**
 * Owns the options of the command line: one table from which parsing, help and the lists in error messages are made.
 */

/** The commands. Without one it is `chat` in a terminal, else `run`. */
export const COMMANDS = ["run", "chat", "plan"] as const;

/** The name of a command. */
export type CommandName = (typeof COMMANDS)[number];

/** One option. `value` names its argument in the help; without it the option is a switch. */
export interface OptionDescription {
  readonly name: string;
  readonly short?: string;
  readonly value?: string;
  readonly help: string;
  /** The one command that takes it; absent: all that run a session do, `everywhere` all. */
  readonly only?: CommandName;
  readonly everywhere?: true;
}

/** Every option, in the order of the help. */
export const OPTIONS: readonly OptionDescription[] = [
  { name: "plan", value: "FILE", help: "mount plan, TOML, YAML or JSON; default: a coding agent" },
  { name: "provider", value: "NAME[,NAME]", help: "anthropic, openai, ollama, local, demo, or a module's id" },
  { name: "model", short: "m", value: "MODEL", help: "the model to ask" },
  { name: "system", value: "TEXT|@FILE", help: "system prompt instead of the default one" },
  { name: "no-context-files", help: "leave AGENTS.md files out of the system prompt" },
  { name: "yes", short: "y", help: "run commands and write files without asking" },
  { name: "json", help: "print every event on stdout, one JSON object a line", only: "run" },
  { name: "no-thinking", help: "do not show the model's thinking" },
  { name: "quiet", short: "q", help: "print nothing on stderr but errors and questions", everywhere: true },
  { name: "debug", help: "show stack traces of errors", everywhere: true },
  { name: "help", short: "h", help: "show help; also for one command", everywhere: true },
  { name: "version", help: "show the version", everywhere: true },
];

/** Whether a command takes the option. Without a command it is not known yet which it will be. */
export function optionFits({ only, everywhere }: OptionDescription, command: CommandName | null): boolean {
  if (command === null || everywhere === true) return true;
  return command !== "plan" && (only === undefined || only === command);
}
