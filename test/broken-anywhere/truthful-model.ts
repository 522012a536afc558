/**
 * Owns a model that knows what it wants to say, and says to each request what is missing of it: it reads what the client
 * has got so far from the request alone. How it goes on with a text that was cut is its manner. It says nothing to a
 * client that hands it words it has not said.
 */
import { inFragments, signed, text, thinking, toolCall } from "amplifier-testkit";
import type { WirePart } from "amplifier-testkit/servers";
import { heardIn, type Heard } from "./heard.ts";

/** How a model goes on that is asked to: it says the rest, repeats its last 30 characters, or begins again. */
export const MANNERS = ["exactly", "repeating 30 characters", "from the beginning"] as const;

/** One of them. */
export type Manner = (typeof MANNERS)[number];

/** What a model wants to say. */
export interface Speech {
  /** The text as it streams. */
  readonly deltas: readonly string[];
  /** The tools it calls behind it, by the value of their `path`. */
  readonly paths: readonly string[];
  /** What it thinks before each answer; none when absent. */
  readonly thought?: readonly string[];
}

/** What it says when its tools are done, and to the next prompt. */
export const DONE = "Done.";
export const NEXT = "Fine.";

/** The prompts it knows. */
export const PROMPT = "Tell me.";
export const NEXT_PROMPT = "And now?";

/** The whole text of a turn. */
export function wholeText({ deltas, paths }: Speech): string {
  return deltas.join("") + (paths.length === 0 ? "" : DONE);
}

/** What is said to a request with these messages, the `number`th. @throws Error when the client has made words up. */
export function says(
  { deltas, paths, thought }: Speech,
  manner: Manner,
  { number, messages }: { readonly number: number; readonly messages: unknown },
): WirePart[] {
  const heard = heardIn(messages, [PROMPT, NEXT_PROMPT]);
  const missing = paths.filter((path) => !heard.results.includes(resultOf(path)));
  const isDone = heard.results.length > 0 && missing.length === 0;
  const before = heard.results.length > 0 ? deltas.join("") : "";
  if (heard.saidBefore !== before) throw new Error(`The model never said ${JSON.stringify(heard.saidBefore)}.`);
  const rest = heard.prompt === NEXT_PROMPT ? [NEXT] : isDone ? [DONE] : before === "" ? deltas : [];
  const said = restOf(rest, manner, heard);
  return [
    ...(thought === undefined ? [] : [signed(thinking(...thought), `signature-${number}`)]),
    ...(said.length === 0 ? [] : [text(...said)]),
    ...(heard.prompt === NEXT_PROMPT ? [] : missing.map((path) => callOf(path, number))),
  ];
}

/** The tool's result for a call, and what the model takes for one. */
export function resultOf(path: string): string {
  return `saved ${path}`;
}

/** Its arguments hold what may look like their end: braces and quotes in a string, an object in an object. */
function callOf(path: string, number: number): WirePart {
  const input = { path, lines: { first: 1, text: '}"{ \u{1f389} \\' } };
  return inFragments(toolCall(`call_${path}_${number}`, "save", input), 4);
}

function restOf(deltas: readonly string[], manner: Manner, { said, goesOn }: Heard): readonly string[] {
  const whole = deltas.join("");
  if (!whole.startsWith(said)) throw new Error(`The model never said ${JSON.stringify(said)}.`);
  const isAsked = goesOn === "as asked";
  if (goesOn === "with a new answer" || (isAsked && manner === "from the beginning")) return deltas;
  const repeated = isAsked && manner === "repeating 30 characters" ? Array.from(said).slice(-30).join("") : "";
  return pieces(repeated + whole.slice(said.length));
}

function pieces(said: string): string[] {
  return Array.from({ length: Math.ceil(said.length / 11) }, (_, n) => said.slice(n * 11, (n + 1) * 11));
}
