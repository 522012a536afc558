/**
 * Owns saying in a few words what a schema allows, for error messages. Undefined when it has no words for it.
 */
import type { JsonSchema } from "./json-schema.ts";

const WORDS: readonly (readonly [keyword: string, say: (limit: unknown) => string])[] = [
  ["const", (limit) => JSON.stringify(limit)],
  ["enum", (limit) => `one of ${(limit as readonly unknown[]).map((each) => JSON.stringify(each)).join(", ")}`],
  ["anyOf", (limit) => (limit as readonly JsonSchema[]).map((each) => describeSchema(each) ?? "?").join(", or ")],
  ["oneOf", (limit) => (limit as readonly JsonSchema[]).map((each) => describeSchema(each) ?? "?").join(", or ")],
  ["type", (limit) => (Array.isArray(limit) ? limit.join(" or ") : String(limit))],
  ["minimum", (limit) => `at least ${String(limit)}`],
  ["exclusiveMinimum", (limit) => `more than ${String(limit)}`],
  ["maximum", (limit) => `at most ${String(limit)}`],
  ["exclusiveMaximum", (limit) => `less than ${String(limit)}`],
  ["minLength", (limit) => `at least ${String(limit)} characters long`],
  ["maxLength", (limit) => `at most ${String(limit)} characters long`],
  ["pattern", (limit) => `like /${String(limit)}/`],
];

/** `{ type: "integer", minimum: 1 }` -> `integer at least 1`. */
export function describeSchema(schema: JsonSchema): string | undefined {
  const said = WORDS.filter(([keyword]) => schema[keyword] !== undefined).map(([keyword, say]) => say(schema[keyword]));
  return said.length === 0 ? undefined : said.join(" ");
}
