/**
 * Owns the copy that handlers, logs and tools are given: plain JSON, deeply frozen, sharing nothing with the original.
 */

/** What was made here: frozen all through, so that it needs no second copy. */
const copies = new WeakSet<object>();

/** Copies plain data deeply and freezes the copy. Values that are no JSON (functions, class instances) stay as they are. */
export function frozenCopy<T>(value: T): T {
  if (typeof value !== "object" || value === null || copies.has(value)) return value;
  const copy = Array.isArray(value) ? value.map(frozenCopy) : isPlain(value) ? frozenFields(value) : value;
  if (copy === value) return value;
  copies.add(copy);
  return Object.freeze(copy) as T;
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
