/**
 * Which schemas of inputs are none, and what is said of them.
 */
import { describe, expect, it } from "vitest";
import { schemaProblems } from "./schema-problems.ts";

describe("a schema of an input", () => {
  it.each([
    {},
    { type: "object" },
    {
      type: "object",
      properties: { zone: { type: "string", pattern: "^[A-Z]", description: "d" } },
      required: ["zone"],
    },
    { properties: { list: { type: ["array", "null"], items: { $ref: "#/$defs/item" } } }, $defs: { item: true } },
    { properties: { list: { $ref: "#/$defs/list" } }, $defs: { list: { items: { $ref: "#/$defs/list" } } } },
    { properties: { a: { $ref: "#/properties/b" }, b: { type: "string" } }, default: { $ref: "#/nowhere" } },
    Object.freeze({ type: "object", properties: Object.freeze({ a: Object.freeze({ type: "string" }) }) }),
    { type: "object", additionalProperties: false, anyOf: [{ required: ["a"] }, { required: ["b"] }], "x-own": 1 },
  ])("is right: %j", (schema) => {
    expect(schemaProblems(schema)).toEqual([]);
  });

  it.each<[unknown, string, string]>([
    ["object", "", 'is "object", must be object'],
    [[], "", "is [], must be object"],
    [{ type: "string" }, "type", 'is "string", must be "object"'],
    [{ properties: { zone: { type: "strnig" } } }, "properties.zone.type", 'is "strnig", must be '],
    [{ properties: ["zone"] }, "properties", 'is ["zone"], must be object'],
    [{ properties: { zone: "string" } }, "properties.zone", 'is "string", must be object or boolean'],
    [{ properties: {}, required: "zone" }, "required", 'is "zone", must be array'],
    [
      { properties: { a: { anyOf: [{ minLength: -1 }] } } },
      "properties.a.anyOf[0].minLength",
      "is -1, must be at least 0",
    ],
    [{ properties: { a: { pattern: "(" } } }, "properties.a.pattern", 'is "("'],
    [{ $ref: "#/nowhere" }, "$ref", 'is "#/nowhere", which is nowhere in the schema'],
    [
      { type: "object", properties: { a: { items: { $ref: "#/$defs/missing" } } } },
      "properties.a.items.$ref",
      'is "#/$defs/missing", which is nowhere in the schema',
    ],
    [{ properties: { a: { $ref: "https://host/else.json" } } }, "properties.a.$ref", 'is "https://host/else.json"'],
  ])("is wrong: %j", (schema, path, message) => {
    expect(schemaProblems(schema)).toEqual([{ path, message: expect.stringContaining(message) as string }]);
  });

  it("that contains itself is wrong, and ends", () => {
    const round: Record<string, unknown> = { type: "object" };
    round["properties"] = { round };
    expect(schemaProblems(round)).toEqual([{ path: "", message: expect.stringContaining("cannot be used") as string }]);
  });
});
