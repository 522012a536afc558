/**
 * What the rules need to know of one TypeScript file: what it imports, what it declares and exports, and the
 * comments in front. Parsed, not guessed: a word in a string or a comment is no import.
 */
import { parseSync } from "vite";
import { read } from "./paths.ts";

/** One exported declaration; `documented` tells whether a JSDoc comment of its own stands right before it. */
export interface ExportedDeclaration {
  readonly name: string;
  readonly line: number;
  readonly documented: boolean;
}

/** The outline of one file. */
export interface ModuleOutline {
  /** Specifiers of imports, type imports, re-exports, `import(...)` and `import("...").Type`, in any order. */
  readonly imports: readonly string[];
  readonly exports: readonly ExportedDeclaration[];
  /** The text lines of the comment that the file begins with, a `#!` line aside; empty when there is none. */
  readonly header: readonly string[];
}

type Comment = ReturnType<typeof parseSync>["comments"][number];
type Statement = ReturnType<typeof parseSync>["program"]["body"][number];

/** Parses one file; throws when it does not parse, since a rule must not pass on what it could not read. */
export function outlineOf(path: string): ModuleOutline {
  const source = read(path);
  const { program, comments, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  const header = headerComments(source, comments);
  return {
    imports: [...program.body.flatMap(staticSpecifier), ...dynamicSpecifiers(source, comments)],
    exports: exportedDeclarations(program.body, { source, comments: comments.slice(header.length) }),
    header: header.flatMap(textLines),
  };
}

function staticSpecifier(statement: Statement): string[] {
  return "source" in statement && statement.source ? [statement.source.value] : [];
}

function dynamicSpecifiers(source: string, comments: readonly Comment[]): string[] {
  return [...source.matchAll(/\bimport\s*\(\s*["'`]([^"'`]+)["'`]/g)]
    .filter(({ index }) => !comments.some((comment) => comment.start <= index && index < comment.end))
    .map((match) => match[1] ?? "");
}

/** The file's first comment; line comments that follow each other without a gap count as one. */
function headerComments(source: string, comments: readonly Comment[]): Comment[] {
  let end = /^(#!.*\n)?\s*/.exec(source)?.[0].length ?? 0;
  const header: Comment[] = [];
  for (const comment of comments) {
    if (comment.start !== end || (header.length > 0 && comment.type === "Block")) break;
    header.push(comment);
    if (comment.type === "Block") break;
    end = comment.end + (/^\r?\n[ \t]*/.exec(source.slice(comment.end))?.[0].length ?? 0);
  }
  return header;
}

function textLines(comment: Comment): string[] {
  return comment.value.split("\n").flatMap((line) => line.replace(/^[\s*/]+|[\s*]+$/g, "") || []);
}

function exportedDeclarations(
  body: readonly Statement[],
  { source, comments }: { readonly source: string; readonly comments: readonly Comment[] },
): ExportedDeclaration[] {
  const found = new Map<string, ExportedDeclaration>();
  for (const statement of body) {
    if (statement.type !== "ExportNamedDeclaration" || !statement.declaration) continue;
    const start = statement.start;
    const documented = comments.some(
      ({ type, value, end }) =>
        type === "Block" && value.startsWith("*") && end <= start && source.slice(end, start).trim() === "",
    );
    const line = source.slice(0, start).split("\n").length;
    for (const name of declaredNames(statement.declaration)) {
      // Of a function's overloads, and of a type and a value with one name, the first carries the comment.
      if (!found.has(name)) found.set(name, { name, line, documented });
    }
  }
  return [...found.values()];
}

function declaredNames(declaration: object): string[] {
  if ("declarations" in declaration && Array.isArray(declaration.declarations)) {
    return declaration.declarations.map((one: { id: object }) => nameOf(one.id));
  }
  return "id" in declaration && declaration.id instanceof Object ? [nameOf(declaration.id)] : [];
}

function nameOf(id: object): string {
  return "name" in id && typeof id.name === "string" ? id.name : "(pattern)";
}
