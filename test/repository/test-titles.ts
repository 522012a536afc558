/**
 * Reads which tests a file declares, without running it: each with the titles around it. Titles that are computed have
 * `%s` where the computed part stands; a title that is computed whole cannot be known and is left out.
 */
import { parseSync } from "vite";

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

const DECLARES = new Set(["describe", "it", "test"]);

/** The titles of every test in `source`, from the outside in, joined by ` > `. Throws when it does not parse. */
export function testTitlesIn(path: string, source: string): string[] {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  return titlesBelow(program, []);
}

function titlesBelow(value: unknown, around: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => titlesBelow(each, around));
  if (!isNode(value)) return [];
  const declared = declarationOf(value);
  if (declared === null) return Object.values(value).flatMap((each) => titlesBelow(each, around));
  if (declared.kind === "describe") return titlesBelow(value["arguments"], [...around, declared.title ?? "%s"]);
  return declared.title === null ? [] : [[...around, declared.title].join(" > ")];
}

function declarationOf(node: Node): { readonly kind: string; readonly title: string | null } | null {
  if (node.type !== "CallExpression") return null;
  const kind = calledName(node["callee"]);
  const [title, ...rest] = node["arguments"] as readonly unknown[];
  // `it.each(rows)` and `it.skipIf(condition)` are calls too; what they return is called with title and body.
  if (!DECLARES.has(kind) || rest.length === 0) return null;
  return { kind, title: textOf(title) };
}

/** `it` of `it`, `it.each(rows)`, `it.skipIf(x).each(rows)`, and of a tagged table. */
function calledName(callee: unknown): string {
  if (!isNode(callee)) return "";
  if (callee.type === "Identifier") return String(callee["name"]);
  return calledName(callee["object"] ?? callee["callee"] ?? callee["tag"]);
}

function textOf(title: unknown): string | null {
  if (!isNode(title)) return null;
  if (title.type === "Literal" && typeof title["value"] === "string") return title["value"];
  if (title.type !== "TemplateLiteral") return null;
  return (title["quasis"] as readonly { readonly value: { readonly cooked: string } }[])
    .map(({ value }) => value.cooked)
    .join("%s");
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}
