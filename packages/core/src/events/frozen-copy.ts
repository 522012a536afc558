/**
 * Owns the copy that handlers, logs and tools are given: plain JSON, deeply frozen, sharing nothing with the original. What
 * is no JSON becomes what `JSON.stringify` would make of it.
 */

/** What was made here: frozen all through, so that it needs no second copy. */
const copies = new WeakSet<object>();

/** Copies data deeply and freezes the copy. */
export function frozenCopy<T>(value: T): T {
  if (typeof value !== "object" || value === null) return scalar(value);
  if (copies.has(value)) return value;
  if (!Array.isArray(value) && !isPlain(value) && hasJsonForm(value)) return frozenCopy(value.toJSON()) as T;
  const copy = Array.isArray(value) ? value.map((each: unknown) => frozenCopy(each)) : frozenFields(value);
  copies.add(copy);
  return Object.freeze(copy) as T;
}

// Functions and symbols have no place in data; JSON knows no numbers of any size.
function scalar<T>(value: T): T {
  if (typeof value === "bigint") return String(value) as T;
  return typeof value === "function" || typeof value === "symbol" ? (undefined as T) : value;
}

function hasJsonForm(value: object): value is { toJSON(): unknown } {
  return "toJSON" in value && typeof value.toJSON === "function";
}

function frozenFields(value: object): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) define(copy, key, frozenCopy((value as Record<string, unknown>)[key]));
  return copy;
}

/** Copies plain data deeply; the copy may be changed by whoever gets it. */
export function looseCopy<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(looseCopy) as T;
  if (!isPlain(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) define(copy, key, looseCopy((value as Record<string, unknown>)[key]));
  return copy as T;
}

// JSON may hold a key named `__proto__`; plain assignment would set the prototype instead.
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
