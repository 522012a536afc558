import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonPathWriter, type PathValue } from "./json-path-writer.ts";

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const last = (path: string, value?: PathValue["value"]): PathValue => ({ path, value, continues: false });
const more = (path: string, value?: PathValue["value"]): PathValue => ({ path, value, continues: true });

/** The text after each value, and at the end. */
function written(...values: readonly PathValue[]): { readonly texts: readonly string[]; readonly broken: boolean } {
  const writer = new JsonPathWriter();
  const texts = values.map((value) => writer.write(value));
  return { texts: [...texts, writer.end()], broken: writer.broken };
}

/** An object as its leaves in order, strings cut into pieces of `size`. */
function leavesOf(json: Json, path: string, size: number): PathValue[] {
  if (typeof json === "string") return piecesOf(json, path, size);
  if (json === null || typeof json !== "object") return [last(path, json)];
  const children = Array.isArray(json)
    ? json.map((child: Json, index) => leavesOf(child, `${path}[${index}]`, size))
    : Object.entries(json).map(([key, child]) => leavesOf(child, path + step(key), size));
  if (children.length > 0) return children.flat();
  return path === "$" ? [] : [last(Array.isArray(json) ? `${path}[]` : path)];
}

function piecesOf(text: string, path: string, size: number): PathValue[] {
  const pieces: PathValue[] = [];
  for (let at = 0; at < text.length; at += size) pieces.push(more(path, text.slice(at, at + size)));
  return [...pieces, last(path, "")];
}

function step(key: string): string {
  return /^\w+$/.test(key) ? `.${key}` : `['${key.replace(/[\\']/g, String.raw`\$&`)}']`;
}

describe("an object that comes as values with paths", () => {
  it("grows with each value and is whole at the end", () => {
    const { texts } = written(
      more("$.place", "Os"),
      last("$.place", "lo"),
      last("$.days[0].name", "Mon"),
      last("$.days[0].cold", true),
      last("$.days[1].name", null),
      last("$.count", 2),
    );
    expect(texts).toEqual([
      '{"place":"Os',
      'lo"',
      ',"days":[{"name":"Mon"',
      ',"cold":true',
      '},{"name":null',
      '}],"count":2',
      "}",
    ]);
  });

  it("of no value is nothing", () => {
    expect(written()).toEqual({ texts: [""], broken: false });
  });

  it("has empty arrays and objects, and ends of arrays that add nothing", () => {
    const { texts } = written(
      last("$.none[]"),
      last("$.some[0]", 1),
      last("$.some[]"),
      last("$.empty"),
      more("$.later"),
    );
    expect(texts.join("")).toBe('{"none":[],"some":[1],"empty":{}}');
  });

  it("closes a string whose end never came, at the next value and at the end", () => {
    expect(written(more("$.a", "x"), more("$.b", "y")).texts.join("")).toBe('{"a":"x","b":"y"}');
    expect(written(more("$.a", "x"), last("$.a")).texts.join("")).toBe('{"a":"x"}');
  });

  it("knows whether a string is open", () => {
    const writer = new JsonPathWriter();
    writer.write(more("$.a", "x"));
    expect(writer.isInString).toBe(true);
    writer.write(last("$.a", ""));
    expect(writer.isInString).toBe(false);
  });

  it.each([
    ["a place that is closed", [last("$.a.x", 1), last("$.b", 2), last("$.a.y", 3)], '{"a":{"x":1},"b":2'],
    ["a place that has its value", [last("$.a", 1), last("$.a", 2)], '{"a":1'],
    ["a value below a value", [last("$.a", 1), last("$.a.b", 2)], '{"a":1'],
    ["a hole in an array", [last("$.a[0]", 1), last("$.a[2]", 2)], '{"a":[1'],
    ["a name in an array", [last("$.a[0]", 1), last("$.a.b", 2)], '{"a":[1'],
    ["an index at the root", [last("$[0]", 1)], ""],
    ["the root", [last("$", "x")], ""],
    ["no path", [last("a.b", 1)], ""],
    ["a wild card", [last("$.a[*]", 1)], ""],
  ])("is broken by %s, and grows no further", (_, values, text) => {
    const result = written(...values, last("$.other", 1));
    expect(result).toEqual({ texts: expect.any(Array) as unknown, broken: true });
    expect(result.texts.join("")).toBe(text);
  });

  it("is the object, whatever it is and however its strings are cut", () => {
    const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        fc.string({ unit: "binary" }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(
          fc.string({ unit: "grapheme" }).filter((key) => key !== "__proto__"),
          tie("tree"),
          { maxKeys: 3 },
        ),
      ),
    }));
    const object = fc.dictionary(
      fc.string().filter((key) => key !== "__proto__"),
      tree,
      { maxKeys: 4 },
    );
    fc.assert(
      fc.property(object, fc.integer({ min: 1, max: 3 }), (value, size) => {
        const { texts, broken } = written(...leavesOf(value, "$", size));
        expect(broken).toBe(false);
        expect(JSON.parse(texts.join("") || "{}")).toEqual(value);
      }),
      { numRuns: 200 },
    );
  });

  it("may come in any number of pieces", () => {
    const pieces = Array.from({ length: 50_000 }, () => more("$.text", "some words "));
    const { texts } = written(...pieces);
    expect(JSON.parse(texts.join(""))).toEqual({ text: "some words ".repeat(50_000) });
  });
});
