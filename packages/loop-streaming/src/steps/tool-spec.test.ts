/** How a tool is described to the model, also when it has a native description, and when that is broken. */
import type { Tool } from "amplifier-core";
import { describe, expect, it } from "vitest";
import { toolSpec } from "./tool-spec.ts";

const tool: Tool = {
  name: "search",
  description: "Searches",
  inputSchema: { type: "object", properties: { q: { type: "string" } } },
  execute: () => Promise.reject(new Error("No tool is run here.")),
};
const asFunction = { name: "search", description: "Searches", parameters: tool.inputSchema };

function specOf(fields: object): { spec: unknown; warnings: readonly string[] } {
  const warnings: string[] = [];
  const spec = toolSpec(Object.assign(Object.create(tool) as Tool, fields), (message) => void warnings.push(message));
  return { spec, warnings };
}

describe("the description of a tool", () => {
  it("is its name, description and schema; without a schema it takes any object", () => {
    expect(specOf({})).toEqual({ spec: asFunction, warnings: [] });
    expect(specOf({ inputSchema: undefined }).spec).toEqual({ ...asFunction, parameters: { type: "object" } });
  });

  it("is the native one where there is one, under the tool's name unless that names another", () => {
    const nativeSpec = { type: "web_search_20250305", max_uses: 3 };
    expect(specOf({ nativeSpec })).toEqual({ spec: { name: "search", ...nativeSpec }, warnings: [] });
    expect(specOf({ nativeSpec: { ...nativeSpec, name: "web_search" } }).spec).toEqual({
      ...nativeSpec,
      name: "web_search",
    });
  });

  it("may have a description and parameters of its own in the native one", () => {
    const nativeSpec = { type: "x", description: "native", parameters: { any: "thing" } };
    expect(specOf({ nativeSpec }).spec).toEqual({ name: "search", ...nativeSpec });
  });

  it.each([[null], [undefined]])("is that of a function when the native one is %s", (nativeSpec) => {
    expect(specOf({ nativeSpec })).toEqual({ spec: asFunction, warnings: [] });
  });

  it.each([["text"], [{}], [{ type: 1 }], [[]]])(
    "is that of a function, with a warning, when the native one is %j",
    (nativeSpec) => {
      const why = "nativeSpec is no object with a type";
      expect(specOf({ nativeSpec })).toEqual({
        spec: asFunction,
        warnings: [`The native description of tool "search" is not used, it is sent as a function: ${why}.`],
      });
    },
  );
});
