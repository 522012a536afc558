/**
 * Owns reading the command line into one command with its options. Says in one line what is wrong and what is allowed;
 * looks at no file and no environment.
 */
import { parseArgs } from "node:util";
import { usageError } from "../usage-error.ts";
import { COMMANDS, commandsWith, OPTIONS, optionFits, type CommandName } from "./options.ts";

/** What the person asked for. `words` is the prompt as given, empty when there is none. */
export interface ParsedArguments {
  /** Null: none was named. */
  readonly command: CommandName | null;
  readonly words: readonly string[];
  readonly plan: string | undefined;
  readonly providers: readonly string[];
  readonly model: string | undefined;
  readonly system: string | undefined;
  readonly contextFiles: boolean;
  readonly yes: boolean;
  readonly json: boolean;
  readonly live: boolean;
  readonly thinking: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

/** Reads the arguments after the program's name. @throws AmplifierError `usage` */
export function parseArguments(argv: readonly string[]): ParsedArguments {
  const { values, positionals } = parse(argv);
  const command = commandOf(positionals[0]);
  const words = positionals.slice(1);
  checkFit(command, { values, words });
  return {
    command,
    words,
    plan: text(values, "plan"),
    providers: namesOf(text(values, "provider")),
    model: text(values, "model"),
    system: text(values, "system"),
    contextFiles: values["no-context-files"] !== true,
    yes: values["yes"] === true,
    json: values["json"] === true,
    live: values["live"] === true,
    thinking: values["no-thinking"] !== true,
    quiet: values["quiet"] === true,
    debug: values["debug"] === true,
    help: values["help"] === true,
    version: values["version"] === true,
  };
}

function parse(argv: readonly string[]): { readonly values: Values; readonly positionals: readonly string[] } {
  const options = Object.fromEntries(
    OPTIONS.map(({ name, short, value }) => [
      name,
      {
        type: value === undefined ? ("boolean" as const) : ("string" as const),
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw explained(error, argv);
  }
}

// Node's own sentences are long and do not say what is allowed.
function explained(error: unknown, argv: readonly string[]): Error {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    const option = /'(-[^']*)'/.exec(message)?.[1] ?? argv.find((argument) => argument.startsWith("-")) ?? "";
    const allowed = OPTIONS.map(({ name }) => `--${name}`).join(", ");
    return usageError(
      `Unknown option ${option}; allowed are ${allowed}. A prompt that starts with "-" goes after "--".`,
      {
        value: option,
      },
    );
  }
  const [firstSentence = message] = message.split(/(?<=argument missing|does not take an argument|is ambiguous)/);
  return usageError(`${firstSentence.replace(/\.?$/, ".")} See amplifier-ts --help.`, { cause: error });
}

function commandOf(word: string | undefined): CommandName | null {
  if (word === undefined) return null;
  const command = COMMANDS.find((name) => name === word);
  if (command !== undefined) return command;
  const shown = word.length > 40 ? `${word.slice(0, 37)}...` : word;
  throw usageError(
    `Unknown command "${shown}"; commands are ${COMMANDS.join(", ")}. To send a prompt: amplifier-ts run "..."`,
    { value: shown },
  );
}

function checkFit(
  command: CommandName | null,
  { values, words }: { readonly values: Values; readonly words: readonly string[] },
): void {
  if (command === "chat" && words.length > 0) {
    throw usageError('chat takes no prompt; type it in the chat, or use: amplifier-ts run "..."');
  }
  if ((command === "models" || command === "doctor") && words.length > 0) {
    throw usageError(`${command} takes options only; it was given "${words.join(" ")}".`);
  }
  const misplaced = OPTIONS.find((option) => values[option.name] !== undefined && !optionFits(option, command));
  if (misplaced !== undefined) {
    throw usageError(`--${misplaced.name} works with ${inWords(commandsWith(misplaced))} only.`);
  }
}

function text(values: Values, name: string): string | undefined {
  const value = values[name];
  if (value === "") throw usageError(`--${name} needs a value; it was given an empty one.`);
  return typeof value === "string" ? value : undefined;
}

function namesOf(list: string | undefined): readonly string[] {
  if (list === undefined) return [];
  const names = list.split(",").map((name) => name.trim());
  if (names.includes(""))
    throw usageError(`--provider has an empty name in "${list}"; write NAME or NAME,NAME.`, { value: list });
  return names;
}

/** `a`, `a and b`, `a, b and c`. */
function inWords(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}
