/**
 * Owns reading JSON of unknown shape, as a server must: nothing of a request is believed before it was looked at.
 */

/** A JSON object of unknown content. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether `value` is a JSON object, neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The array at `value`; empty for anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** The objects of the array at `value`, and `{}` where something else stands, so that positions stay. */
export function objectsOf(value: unknown): readonly JsonObject[] {
  return listOf(value).map((entry) => (isObject(entry) ? entry : {}));
}

/** The values that stand in `values` more than once, each named once. */
export function repeated(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
