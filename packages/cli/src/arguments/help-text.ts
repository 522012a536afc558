/**
 * Owns the text of `--help`, for the program and for each command.
 */
import { OPTIONS, optionFits, type CommandName, type OptionDescription } from "./options.ts";

const EXIT_CODES = `Exit codes:
  0    the turn succeeded               4    a hook denied it
  1    the model or the program failed  124  the plan's timeout ended it
  2    wrong usage, plan or config      130  Ctrl-C ended it (143: SIGTERM, 129: SIGHUP)
  3    a limit ended it, or it was cut  141  the reader of stdout went away`;

const PLAN_EXIT_CODES = `Exit codes:
  0    the plan can be mounted          2    it cannot, or there is no such file`;

const ENVIRONMENT = `Environment:
  ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL, OPENAI_API_KEY, OPENAI_BASE_URL, GEMINI_API_KEY, GOOGLE_API_KEY,
  GOOGLE_GEMINI_BASE_URL, OLLAMA_HOST
                     which model answers when neither --provider nor the plan says it
  AMPLIFIER_CACHE    folder of the local model
  NO_COLOR           no colours`;

const USAGE: Readonly<Record<CommandName | "program", string>> = {
  program: `Usage: amplifier-ts [command] [options]

Commands:
  run [PROMPT]   one prompt; the answer appears on stdout as the model makes it
  chat           a conversation in the terminal
  plan           check a mount plan, or print its JSON Schema
  models         the models of your providers, with window, output limit and price
  doctor         what is found: keys, servers, files, versions; --live asks each provider
  local          list, fetch and remove models that run on this machine
  (none)         chat in a terminal, else run with the prompt from standard input`,
  run: `Usage: amplifier-ts run [options] [PROMPT]

Sends one prompt and prints the answer on stdout while it is made; everything else goes to stderr.
Without PROMPT it reads standard input; with both, what stands there is added to the prompt
("-" as the last word waits for it however long it takes).`,
  chat: `Usage: amplifier-ts chat [options]

A conversation. Ctrl-C stops the answer (twice: at once), Ctrl-D leaves.
In the chat: /help, /new (start over), /exit.`,
  plan: `Usage: amplifier-ts plan check FILE
       amplifier-ts plan schema

check   prints what the plan would mount, or everything that is wrong with it, each with its line;
        nothing is mounted
schema  prints the JSON Schema of mount plans, for editors: in TOML "#:schema FILE" as the first line,
        in YAML "# yaml-language-server: $schema=FILE", in JSON the key "$schema"`,
  models: `Usage: amplifier-ts models [options]

Lists the models of the plan's providers, else of all that are found, each with its context window, its
longest answer, and its price in US dollars for a million tokens of input and output; "-" is not known.`,
  local: `Usage: amplifier-ts local list
       amplifier-ts local pull MODEL
       amplifier-ts local remove NAME

list    prints the models in the cache folder: name, size, where it came from
pull    fetches one, goes on with a download that broke, and prints its path; MODEL is
        hf:owner/repository:quantisation, hf:owner/repository/file.gguf or an address
remove  removes one by its name

A model is used with --provider local --model FILE, the path pull prints; in a plan provider-local's config
takes under model what pull takes, or a name of the list.`,
  doctor: `Usage: amplifier-ts doctor [options]

Says what is found: versions, folders, files, keys (never their values), servers, and whether each provider
can be mounted. Asks no model, unless told to with --live.`,
};

const LOOKING_EXIT_CODES = `Exit codes:
  0    nothing failed                   2    wrong usage, or the plan cannot be read
  1    a provider did not do what it should`;

const LOCAL_EXIT_CODES = `Exit codes:
  0    done                             2    wrong usage
  1    there is no such model, or it could not be fetched`;

const EXAMPLES: Readonly<Record<CommandName | "program", readonly string[]>> = {
  program: [
    "amplifier-ts",
    'amplifier-ts run "Explain SSE in one line"',
    'git diff | amplifier-ts run "Review this"',
    "amplifier-ts --plan agent.toml --model MODEL",
  ],
  run: [
    'amplifier-ts run "Explain SSE in one line"',
    'git diff | amplifier-ts run "Review this"',
    'amplifier-ts run --json "Tell me a story" | jq -r .type',
    'amplifier-ts run --yes --provider openai "Fix the failing test"',
  ],
  plan: ["amplifier-ts plan check agent.toml", "amplifier-ts plan schema > mount-plan.schema.json"],
  models: ["amplifier-ts models", "amplifier-ts models --provider openai --json | jq -r '.[].id'"],
  local: ["amplifier-ts local list", "amplifier-ts local pull hf:Qwen/Qwen3-4B-GGUF:Q4_K_M"],
  doctor: ["amplifier-ts doctor", "amplifier-ts doctor --live --plan agent.toml"],
  chat: ["amplifier-ts chat", "amplifier-ts chat --provider local", "amplifier-ts chat --system @reviewer.md"],
};

/** The help of the whole program (null) or of one command. Ends with a line break. */
export function helpText(command: CommandName | null): string {
  const topic = command ?? "program";
  const options = OPTIONS.filter((option) => optionFits(option, command));
  const parts = [
    USAGE[topic],
    `Options:\n${options.map(optionLine).join("\n")}`,
    ...(command === null ? [ENVIRONMENT] : []),
    `Examples:\n${EXAMPLES[topic].map((example) => `  ${example}`).join("\n")}`,
    ...exitCodes(command),
  ];
  return `${parts.join("\n\n")}\n`;
}

function exitCodes(command: CommandName | null): readonly string[] {
  switch (command) {
    case "chat":
      return [];
    case "plan":
      return [PLAN_EXIT_CODES];
    case "local":
      return [LOCAL_EXIT_CODES];
    case "models":
    case "doctor":
      return [LOOKING_EXIT_CODES];
    case "run":
    case null:
      return [EXIT_CODES];
  }
}

function optionLine({ name, short, value, help, only }: OptionDescription): string {
  const names = `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
  return `  ${names.padEnd(30)} ${help}${only === undefined ? "" : ` (${only.join(", ")})`}`;
}
