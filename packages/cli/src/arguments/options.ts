/**
 * Owns the options of the command line: one table from which parsing, help and the lists in error messages are made.
 */

/** The commands. Without one it is `chat` in a terminal, else `run`. */
export const COMMANDS = ["run", "chat", "plan", "models", "doctor", "local"] as const;

/** The name of a command. */
export type CommandName = (typeof COMMANDS)[number];

/** One option. `value` names its argument in the help; without it the option is a switch. */
export interface OptionDescription {
  readonly name: string;
  readonly short?: string;
  readonly value?: string;
  readonly help: string;
  /** The commands that take it; absent: those that run a session and `also`, with `everywhere` all. */
  readonly only?: readonly CommandName[];
  readonly also?: readonly CommandName[];
  readonly everywhere?: true;
}

const LOOKING: readonly CommandName[] = ["models", "doctor"];

/** Every option, in the order of the help. */
export const OPTIONS: readonly OptionDescription[] = [
  { name: "plan", value: "FILE", help: "mount plan, TOML, YAML or JSON; default: a coding agent", also: LOOKING },
  {
    name: "provider",
    value: "NAME[,NAME]",
    help: "anthropic, openai, gemini, ollama, local, demo, or a module's id",
    also: LOOKING,
  },
  { name: "model", short: "m", value: "MODEL", help: "the model to ask" },
  { name: "system", value: "TEXT|@FILE", help: "system prompt instead of the default one" },
  { name: "no-context-files", help: "leave AGENTS.md files out of the system prompt" },
  { name: "yes", short: "y", help: "run commands and write files without asking" },
  { name: "json", help: "print JSON on stdout; run: each event on a line", only: ["run", ...LOOKING] },
  { name: "live", help: "ask each provider for one word, which costs a few tokens", only: ["doctor"] },
  { name: "no-thinking", help: "do not show the model's thinking" },
  { name: "quiet", short: "q", help: "print nothing on stderr but errors and questions", everywhere: true },
  { name: "debug", help: "show stack traces of errors", everywhere: true },
  { name: "help", short: "h", help: "show help; also for one command", everywhere: true },
  { name: "version", help: "show the version", everywhere: true },
];

/** The commands that take the option. */
export function commandsWith({ only, also = [], everywhere }: OptionDescription): readonly CommandName[] {
  return everywhere === true ? COMMANDS : (only ?? ["run", "chat", ...also]);
}

/** Whether a command takes the option. Without a command it is not known yet which it will be. */
export function optionFits(option: OptionDescription, command: CommandName | null): boolean {
  return command === null || commandsWith(option).includes(command);
}
