/**
 * What a wrong value is told.
 */
import { describe, expect, it } from "vitest";
import { checkValue } from "./check-value.ts";

const schema = {
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: { type: "string" },
    size: { type: "integer", minimum: 1, maximum: 9 },
    kind: { enum: ["a", "b"] },
    tags: { type: "array", items: { type: "string" } },
    limit: { anyOf: [{ const: -1 }, { type: "integer", minimum: 1 }] },
  },
} as const;

describe("checkValue", () => {
  it.each([
    [{ name: "x", size: 3, kind: "a", tags: ["t"], limit: -1 }, []],
    [{ name: 5 }, [{ path: "name", message: "is 5, must be string" }]],
    [{ name: "x", size: 0 }, [{ path: "size", message: "is 0, must be at least 1" }]],
    [{ name: "x", size: 10 }, [{ path: "size", message: "is 10, must be at most 9" }]],
    [{ name: "x", kind: "c" }, [{ path: "kind", message: 'is "c", must be one of "a", "b"' }]],
    [{ name: "x", tags: ["a", 2] }, [{ path: "tags[1]", message: "is 2, must be string" }]],
    [{}, [{ path: "name", message: "is missing" }]],
    [{ name: "x", nam: 1 }, [{ path: "nam", message: "is not a known key; known are name, size, kind, tags, limit" }]],
    [{ name: "x", limit: 0 }, [{ path: "limit", message: "is 0, must be -1, or integer at least 1" }]],
    [{ name: "x", size: "3" }, [{ path: "size", message: 'is "3", must be integer' }]],
    [[], [{ path: "", message: "is [], must be object" }]],
  ])("says of %j: %j", (value, problems) => {
    expect(checkValue(value, schema)).toEqual(problems);
  });

  it("shows no secret", () => {
    const secret = { properties: { api_key: { type: "string" }, request: { type: "string" } } } as const;
    expect(checkValue({ api_key: ["abc"], request: { token: "abc", size: 1 } }, secret)).toEqual([
      { path: "api_key", message: "is [redacted], must be string" },
      { path: "request", message: 'is {"token":"[redacted]","size":1}, must be string' },
    ]);
  });

  it("looks through references and into maps", () => {
    const named = {
      $defs: { size: { type: "integer", maximum: 9 } },
      type: "object",
      additionalProperties: { type: "object", properties: { size: { $ref: "#/$defs/size" } } },
    } as const;
    expect(checkValue({ a: { size: 10 }, b: { size: 1 } }, named)).toEqual([
      { path: "a.size", message: "is 10, must be at most 9" },
    ]);
  });

  it("says that two keys exclude each other", () => {
    const exclusive = { type: "object", not: { required: ["a", "b"] } } as const;
    expect(checkValue({ a: 1, b: 2 }, exclusive)).toEqual([
      { path: "", message: 'is {"a":1,"b":2}, which is not allowed together' },
    ]);
  });
});
