/**
 * Owns the question about one tool call: what would happen, short and exact, and what "always" would cover. For a command
 * that is exactly this command; for any other tool it is the tool, but for hidden files: what lies there (hooks of git,
 * settings) may run later, so each is asked about.
 */
import { changedLines, contentLines } from "./changed-lines.ts";
import { fitsOneLine, printableLine, printableLines } from "./printable.ts";

const MAX_COMMAND_CHARACTERS = 4000;
const MAX_INPUT_CHARACTERS = 2000;
const GUTTER = "  | ";
const FILE_TOOLS: ReadonlySet<string> = new Set(["write_file", "edit_file"]);
const WRITE_VERBS = { new: "Create", existing: "Replace all of" } as const;

type Input = Readonly<Record<string, unknown>>;

/** A question. `always` is absent where the person cannot see all of what it would cover. */
export interface CallQuestion {
  readonly prompt: string;
  readonly always?: {
    /** What is remembered: equal scopes are covered by one answer. */
    readonly scope: string;
    /** The scope in words. */
    readonly label: string;
  };
}

/** What is known of the file that a call writes; undefined when nothing is. */
export type FileState = "new" | "existing" | undefined;

/** Describes a call. Tools it does not know, or whose input has another shape, are shown with their input as JSON. */
export function describeCall(tool: string, input: Input, file?: FileState): CallQuestion {
  if (tool === "bash" && typeof input["command"] === "string") return describeCommand(input["command"]);
  const prompt =
    describeFileCall({ tool, input, file }) ?? question({ verb: "Run", name: tool, picture: describeInput(input) });
  const scope = scopeOf(tool, input);
  return scope === null ? { prompt } : { prompt, always: { scope, label: printableLine(tool) } };
}

/** What a call falls under when "always" was answered before; null when it is always asked about. */
export function scopeOf(tool: string, input: Input): string | null {
  if (tool === "bash" && typeof input["command"] === "string") return `command ${input["command"]}`;
  return FILE_TOOLS.has(tool) && isHidden(input["path"]) ? null : `tool ${tool}`;
}

function isHidden(path: unknown): boolean {
  return typeof path === "string" && path.split(/[\\/]/).some((part) => /^\.(?!\.?$)/.test(part));
}

function describeCommand(command: string): CallQuestion {
  if (command.length <= MAX_COMMAND_CHARACTERS) {
    const prompt = `Run this command?\n${printableLines(command, GUTTER)}`;
    return { prompt, always: { scope: `command ${command}`, label: "exactly this command" } };
  }
  const half = MAX_COMMAND_CHARACTERS / 2;
  const hidden = command.length - MAX_COMMAND_CHARACTERS;
  const start = printableLines(command.slice(0, half), GUTTER);
  const end = printableLines(command.slice(-half), GUTTER);
  return {
    prompt: `Run this command? It is long: ${hidden} characters in its middle are not shown.\n${start}\n  [...]\n${end}`,
  };
}

function describeFileCall(call: {
  readonly tool: string;
  readonly input: Input;
  readonly file: FileState;
}): string | undefined {
  const { tool, input, file } = call;
  const { path, content, old_string: oldText, new_string: newText } = input;
  if (typeof path !== "string") return undefined;
  if (tool === "write_file" && typeof content === "string") {
    const lines = content === "" ? 0 : content.split("\n").length - Number(content.endsWith("\n"));
    const size = ` (${count(lines, "line")}, ${count(new TextEncoder().encode(content).length, "byte")})`;
    const verb = file === undefined ? "Write" : WRITE_VERBS[file];
    return question({ verb, name: path, more: size, picture: contentLines(content) });
  }
  if (tool === "edit_file" && typeof oldText === "string" && typeof newText === "string") {
    const times = input["replace_all"] === true ? ", at every occurrence" : "";
    return question({ verb: "Edit", name: path, more: times, picture: changedLines(oldText, newText) });
  }
  return undefined;
}

/** A foreign name stands in the question's first line where it is short, else in lines of its own. */
function question(parts: {
  readonly verb: string;
  readonly name: string;
  readonly more?: string;
  readonly picture: string;
}): string {
  const { verb, name, more = "", picture } = parts;
  const shown = printableLine(name);
  const title = fitsOneLine(shown)
    ? `${verb} ${shown}${more}?`
    : `${verb} this${more}?\n${printableLines(shown, GUTTER)}`;
  return picture === "" ? title : `${title}\n${picture}`;
}

function describeInput(input: Input): string {
  const json = JSON.stringify(input, undefined, 2);
  if (json.length <= MAX_INPUT_CHARACTERS) return printableLines(json, GUTTER);
  const rest = json.length - MAX_INPUT_CHARACTERS;
  return `${printableLines(json.slice(0, MAX_INPUT_CHARACTERS), GUTTER)}\n  [${rest} more characters]`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
