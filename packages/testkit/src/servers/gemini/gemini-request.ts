/**
 * Owns the shape in which the rules of the Gemini API see a request: turns instead of contents, since the API joins
 * neighbours of one role, and every part with its path.
 */
import { type JsonObject, isObject, objectsOf } from "../json.ts";
import type { ServerFacts } from "../wire.ts";

/** A part of a content, and where it stands: `contents[1].parts[0]`. */
export interface PlacedPart {
  readonly path: string;
  readonly part: JsonObject;
}

/** Neighbouring contents of one role. */
export interface Turn {
  readonly role: unknown;
  readonly parts: readonly PlacedPart[];
}

/** A request as the rules see it. */
export interface GeminiRequest {
  /** With the `model` of the address. */
  readonly body: JsonObject;
  readonly facts: ServerFacts;
  readonly contents: readonly JsonObject[];
  readonly turns: readonly Turn[];
  /** The declared functions of all tools. */
  readonly functions: readonly JsonObject[];
}

/** Reads a body of any shape. */
export function readGeminiRequest(body: JsonObject, facts: ServerFacts): GeminiRequest {
  const contents = objectsOf(body["contents"]);
  const functions = objectsOf(body["tools"]).flatMap((tool) => objectsOf(tool["functionDeclarations"]));
  return { body, facts, contents, turns: turnsIn(contents), functions };
}

/** The calls or results of a turn, each with its path. */
export function functionsIn(turn: Turn | undefined, field: "functionCall" | "functionResponse"): readonly PlacedPart[] {
  return (turn?.parts ?? []).flatMap(({ path, part }) => {
    const found = part[field];
    return isObject(found) ? [{ path, part: found }] : [];
  });
}

function turnsIn(contents: readonly JsonObject[]): readonly Turn[] {
  const turns: { role: unknown; parts: PlacedPart[] }[] = [];
  for (const [n, content] of contents.entries()) {
    const parts = objectsOf(content["parts"]).map((part, at) => ({ path: `contents[${n}].parts[${at}]`, part }));
    const last = turns.at(-1);
    if (last !== undefined && last.role === content["role"]) last.parts.push(...parts);
    else turns.push({ role: content["role"], parts });
  }
  return turns;
}
