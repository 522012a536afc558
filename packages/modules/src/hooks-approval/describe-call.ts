/**
 * Owns the question about one tool call: what would happen, short and exact, and what "always" would cover. For a command
 * that is exactly this command; for any other tool it is the tool.
 */
import { changedLines } from "./changed-lines.ts";
import { printableLine, printableLines } from "./printable.ts";

const MAX_COMMAND_CHARACTERS = 4000;
const MAX_INPUT_CHARACTERS = 2000;
const GUTTER = "  | ";

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

/** Describes a call. Tools it does not know, or whose input has another shape, are shown with their input as JSON. */
export function describeCall(tool: string, input: Input): CallQuestion {
  if (tool === "bash" && typeof input["command"] === "string") return describeCommand(input["command"]);
  const prompt = describeFileCall(tool, input) ?? `Run ${printableLine(tool)}?\n${describeInput(input)}`;
  return { prompt, always: { scope: `tool ${tool}`, label: printableLine(tool) } };
}

/** What a call falls under when "always" was answered before. */
export function scopeOf(tool: string, input: Input): string {
  return tool === "bash" && typeof input["command"] === "string" ? `command ${input["command"]}` : `tool ${tool}`;
}

function describeCommand(command: string): CallQuestion {
  if (command.length <= MAX_COMMAND_CHARACTERS) {
    const prompt = `Run this command?\n${printableLines(command, GUTTER)}`;
    return { prompt, always: { scope: scopeOf("bash", { command }), label: "exactly this command" } };
  }
  const half = MAX_COMMAND_CHARACTERS / 2;
  const hidden = command.length - MAX_COMMAND_CHARACTERS;
  const start = printableLines(command.slice(0, half), GUTTER);
  const end = printableLines(command.slice(-half), GUTTER);
  return {
    prompt: `Run this command? It is long: ${hidden} characters in its middle are not shown.\n${start}\n  [...]\n${end}`,
  };
}

function describeFileCall(tool: string, input: Input): string | undefined {
  const { path, content, old_string: oldText, new_string: newText } = input;
  if (typeof path !== "string") return undefined;
  const name = printableLine(path);
  if (tool === "write_file" && typeof content === "string") {
    const lines = content === "" ? 0 : content.split("\n").length - Number(content.endsWith("\n"));
    const size = `${count(lines, "line")}, ${count(new TextEncoder().encode(content).length, "byte")}`;
    return `Write ${name} (${size})?`;
  }
  if (tool === "edit_file" && typeof oldText === "string" && typeof newText === "string") {
    const times = input["replace_all"] === true ? ", at every occurrence" : "";
    return `Edit ${name}${times}?\n${changedLines(oldText, newText)}`;
  }
  return undefined;
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
