/**
 * Owns where the keys of a TOML document stand, which its parser does not say. It walks headers, keys and the structure of
 * values; the document is known to be valid, so nothing is checked and no value is read.
 */
import { PlanPositions, type Step } from "./plan-positions.ts";

/** Finds the place of every table, key and list item. `text` must be valid TOML. */
export function tomlPositions(text: string): PlanPositions {
  return new TomlScanner(text).scan();
}

const STRING = /"""(?:\\[^]|[^\\])*?"{3,5}|'''[^]*?'{3,5}|"(?:\\.|[^"\\])*"|'[^']*'/y;
const BLANK = /(?:\s|#[^\n]*)+/y;
const KEY = /[ \t]*(?:"(?:\\.|[^"\\])*"|'[^']*'|[A-Za-z0-9_-]+)[ \t]*/y;
const SCALAR = /[^,\]}#\n]+/y;

class TomlScanner {
  readonly #text: string;
  readonly #positions = new PlanPositions();
  /** How many tables each `[[list]]` has so far, by its resolved path. */
  readonly #lists = new Map<string, number>();
  #at = 0;
  // Lines are counted forward: positions are asked for in order.
  #line = 1;
  #lineStart = 0;
  #counted = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): PlanPositions {
    let table: readonly Step[] = [];
    for (this.#skip(BLANK); this.#at < this.#text.length; this.#skip(BLANK)) {
      if (this.#text[this.#at] === "[") table = this.#header();
      else this.#pair(table);
    }
    return this.#positions;
  }

  #header(): readonly Step[] {
    const start = this.#at;
    const isList = this.#text.startsWith("[[", start);
    this.#at += isList ? 2 : 1;
    const keys = this.#keys();
    this.#at += isList ? 2 : 1;
    const table = this.#resolve(keys, isList);
    this.#note(table, start);
    return table;
  }

  /** The steps of a header: a list on the way means its last table, one at the end a new table. */
  #resolve(keys: readonly string[], isList: boolean): readonly Step[] {
    const steps: Step[] = [];
    for (const [index, key] of keys.entries()) {
      steps.push(key);
      const list = JSON.stringify(steps);
      const count = this.#lists.get(list) ?? 0;
      const isNew = isList && index === keys.length - 1;
      if (isNew) this.#lists.set(list, count + 1);
      if (isNew || count > 0) steps.push(isNew ? count : count - 1);
    }
    return steps;
  }

  /** `key = value`, in a table or an inline one. */
  #pair(table: readonly Step[]): void {
    const start = this.#at;
    const steps = [...table, ...this.#keys()];
    this.#note(steps, start);
    this.#at += 1;
    this.#skip(BLANK);
    this.#value(steps);
  }

  #value(steps: readonly Step[]): void {
    const first = this.#text[this.#at];
    if (first === "{") this.#members(() => this.#pair(steps));
    else if (first === "[") {
      let index = 0;
      this.#members(() => {
        const item = [...steps, index++];
        this.#note(item, this.#at);
        this.#value(item);
      });
    } else if (!this.#skip(STRING)) this.#skip(SCALAR);
  }

  /** What stands between brackets, separated by commas; line breaks and comments may be anywhere. */
  #members(each: () => void): void {
    this.#at += 1;
    for (this.#skip(BLANK); !"]}".includes(this.#text[this.#at] ?? "]"); this.#skip(BLANK)) {
      if (this.#text[this.#at] === ",") this.#at += 1;
      else each();
    }
    this.#at += 1;
  }

  /** A key with its dots. */
  #keys(): readonly string[] {
    const keys: string[] = [];
    for (let next = this.#take(KEY); next !== ""; next = this.#take(KEY)) {
      keys.push(plainKey(next.trim()));
      if (this.#text[this.#at] !== ".") break;
      this.#at += 1;
    }
    return keys;
  }

  #skip(pattern: RegExp): boolean {
    return this.#take(pattern) !== "";
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  /** Notes a path and the tables that its dots imply. */
  #note(steps: readonly Step[], offset: number): void {
    for (let next = this.#text.indexOf("\n", this.#counted); next !== -1 && next < offset;) {
      this.#line += 1;
      this.#lineStart = next + 1;
      this.#counted = next + 1;
      next = this.#text.indexOf("\n", this.#counted);
    }
    const position = { line: this.#line, column: offset - this.#lineStart + 1 };
    for (let length = 1; length <= steps.length; length++) this.#positions.add(steps.slice(0, length), position);
  }
}

function plainKey(key: string): string {
  if (key.startsWith("'")) return key.slice(1, -1);
  if (!key.startsWith('"')) return key;
  try {
    return JSON.parse(key) as string;
  } catch {
    // An escape that only TOML has (\U0001F600): the key's text is close enough to find its table.
    return key.slice(1, -1);
  }
}
