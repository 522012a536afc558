/**
 * Owns how a document names the tests that hold what it says: the last cell of a table row is `` `file` > title ``, the
 * path from the repository's folder, titles around the test's own in front of it where it needs them to be unique.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A test as a row of a document names it. */
export interface NamedTest {
  /** Where it is named: `docs/contract.md:12`. */
  readonly place: string;
  /** Path of the test file, from the folder the document belongs to. */
  readonly file: string;
  /** The test's title as its source has it, so the pattern of a table test, or one title made from that. */
  readonly title: string;
}

/** One row of a table; `cells` are trimmed. `test` is null when the last cell names none. */
export interface TableRow {
  readonly place: string;
  /** The text of the heading above it. */
  readonly heading: string;
  readonly cells: readonly string[];
  readonly test: NamedTest | null;
}

/** The rows of all tables of a document below `folder`, in order, without the two lines that begin a table. */
export function rowsOf(folder: string, document: string): TableRow[] {
  const rows: TableRow[] = [];
  let heading = "";
  let inTable = false;
  for (const [index, line] of readFileSync(join(folder, document), "utf8").split("\n").entries()) {
    if (line.startsWith("#")) heading = line.replace(/^#+ */u, "");
    if (!line.startsWith("|")) inTable = false;
    else if (/^\|[-| :]+$/u.test(line)) inTable = true;
    else if (inTable) rows.push(rowOf(line, { place: `${document}:${index + 1}`, heading }));
  }
  return rows;
}

function rowOf(line: string, { place, heading }: { readonly place: string; readonly heading: string }): TableRow {
  const cells = line
    .replace(/^\||\|\s*$/gu, "")
    .split(/(?<!\\)\|/u)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
  const [, file, title] = /^`([^`]+)` > (.+)$/u.exec(cells.at(-1) ?? "") ?? [];
  return { place, heading, cells, test: file && title ? { place, file, title } : null };
}

/** Whether `full`, a test's titles from the outside in, joined by ` > `, is the test named `title` or one made from it. */
export function isNamed(title: string, full: string): boolean {
  return full === title || full.endsWith(` > ${title}`) || patternOf(title).test(full);
}

/** What vitest puts into the title of a table test: `%s` and its like, `$field` and `$field.inner`. */
const PLACEHOLDER = /%[sdifjoOc#$]|\\\$[\w#]+(?:\\\.\w+)*/gu;

function patternOf(title: string): RegExp {
  const literal = title.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`).replaceAll("%%", "%");
  return new RegExp(`(?:^| > )${literal.replaceAll(PLACEHOLDER, "[^]*")}$`, "u");
}
