/**
 * Owns JSON text that grows while its values come one by one, each with its path (RFC 9535: `$.foo.bar[0]`), strings in
 * pieces. It is for servers that stream an object so, and knows none of them. Invariant: what it returned so far plus
 * `end()` is the text of the object; each piece is looked at once.
 */

/** One value. Absent: an array or object that has nothing in it, or the end of what came before at this path. */
export interface PathValue {
  readonly path: string;
  readonly value?: string | number | boolean | null | undefined;
  /** The next piece at this path belongs to the same string. */
  readonly continues: boolean;
}

interface Container {
  readonly key: string | number;
  readonly isArray: boolean;
  size: number;
}

const STEP = /\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/gy;

/** Writes one object. Feed it every value in order, then call `end` once. */
export class JsonPathWriter {
  /** From the root to the container that the next value may stand in. */
  readonly #open: Container[] = [];
  /** Paths that have their value or their container, so that none is written twice. */
  readonly #written = new Set<string>();
  #openString: string | null = null;
  #broken = false;

  /** A value came for a place that is closed, or for no place: the text is not the object any more, and grows no further. */
  get broken(): boolean {
    return this.#broken;
  }

  /** A string has begun whose end has not come. */
  get isInString(): boolean {
    return this.#openString !== null;
  }

  /** The text that this value adds; may be empty. */
  write({ path, value, continues }: PathValue): string {
    if (this.#broken) return "";
    if (path === this.#openString && typeof value === "string") return this.#goOn(value, continues);
    const closed = this.#closeString();
    const isEnd = value === undefined && (continues || this.#has(path));
    const text = isEnd ? "" : this.#place(path, value, continues);
    this.#broken = text === null;
    return text === null ? "" : closed + text;
  }

  /** What closes the object; empty when nothing was ever written, and when it is broken. */
  end(): string {
    return this.#broken ? "" : this.#closeString() + this.#closeTo(0);
  }

  #goOn(piece: string, continues: boolean): string {
    if (!continues) this.#openString = null;
    return JSON.stringify(piece).slice(1, continues ? -1 : undefined);
  }

  #closeString(): string {
    if (this.#openString === null) return "";
    this.#openString = null;
    return '"';
  }

  #has(path: string): boolean {
    return this.#written.has(JSON.stringify(stepsOf(path)));
  }

  #place(path: string, value: PathValue["value"], continues: boolean): string | null {
    const steps = stepsOf(path);
    const key = steps?.at(-1);
    if (steps === null || key === undefined) return null;
    const parent = this.#goTo(steps);
    const head = parent === null ? null : this.#member(steps, key);
    if (parent === null || head === null) return null;
    if (value === undefined) return `${parent}${head}${path.endsWith("[]") ? "[]" : "{}"}`;
    const json = JSON.stringify(value);
    if (!continues || typeof value !== "string") return parent + head + json;
    this.#openString = path;
    return parent + head + json.slice(0, -1);
  }

  /** Closes and opens containers until the one that holds the last step is open; null when it was closed before. */
  #goTo(steps: readonly (string | number)[]): string | null {
    let text = "";
    if (this.#open.length === 0) {
      this.#open.push({ key: "", isArray: false, size: 0 });
      text = "{";
    }
    let depth = 1;
    while (depth < steps.length && this.#open[depth]?.key === steps[depth - 1]) depth++;
    text += this.#closeTo(depth);
    for (; depth < steps.length; depth++) {
      const key = steps[depth - 1] ?? "";
      const head = this.#member(steps.slice(0, depth), key);
      if (head === null) return null;
      const isArray = typeof steps[depth] === "number";
      this.#open.push({ key, isArray, size: 0 });
      text += head + (isArray ? "[" : "{");
    }
    return text;
  }

  #closeTo(depth: number): string {
    let text = "";
    while (this.#open.length > depth) text += this.#open.pop()?.isArray === true ? "]" : "}";
    return text;
  }

  /** What stands before a member of the innermost container; null when it has this member, or cannot have it. */
  #member(steps: readonly (string | number)[], key: string | number): string | null {
    const container = this.#open.at(-1);
    const id = JSON.stringify(steps);
    const fits = container?.isArray === true ? key === container.size : typeof key === "string";
    if (container === undefined || !fits || this.#written.has(id)) return null;
    this.#written.add(id);
    const comma = container.size++ === 0 ? "" : ",";
    return container.isArray ? comma : `${comma}${JSON.stringify(key)}:`;
  }
}

/** The steps of a path; null when it is none. A trailing `[]` only says that an array ends. */
function stepsOf(path: string): readonly (string | number)[] | null {
  if (!path.startsWith("$")) return null;
  const text = path.slice(1).replace(/\[\]$/, "");
  const steps: (string | number)[] = [];
  let at = 0;
  for (const [step, name, index, single, double] of text.matchAll(STEP)) {
    steps.push(index === undefined ? (name ?? unescaped(single ?? double ?? "")) : Number(index));
    at += step.length;
  }
  return at === text.length ? steps : null;
}

function unescaped(name: string): string {
  return name.replace(/\\(.)/g, "$1");
}
