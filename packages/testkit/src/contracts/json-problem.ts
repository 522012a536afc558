/**
 * Owns telling whether a value is plain JSON, and where it is not: what goes to another process must come out the same.
 */

/** What is wrong, with its place (`value.list[2] is a Map`); undefined when `value` is plain JSON. Undefined fields are none. */
export function jsonProblem(value: unknown, place = "value", above: readonly object[] = []): string | undefined {
  if (typeof value === "number" && !Number.isFinite(value)) return `${place} is ${value}`;
  if (typeof value !== "object" || value === null) return scalarProblem(value, place);
  if (above.includes(value)) return `${place} contains itself`;
  const inside = [...above, value];
  if (Array.isArray(value))
    return firstProblem(
      value.map((item: unknown, n) => [`${place}[${n}]`, item]),
      inside,
    );
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return `${place} is a ${value.constructor.name}`;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return firstProblem(
    fields.map(([key, field]) => [`${place}.${key}`, field]),
    inside,
  );
}

function scalarProblem(value: unknown, place: string): string | undefined {
  const isJson = value === null || ["string", "number", "boolean"].includes(typeof value);
  if (isJson) return undefined;
  return value === undefined ? `${place} is undefined` : `${place} is a ${typeof value}`;
}

function firstProblem(
  items: readonly (readonly [place: string, value: unknown])[],
  above: readonly object[],
): string | undefined {
  for (const [place, value] of items) {
    const problem = jsonProblem(value, place, above);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
