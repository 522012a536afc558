import { expect, test } from "vitest";
import { parseYaml, yamlPositions } from "./yaml-plan.ts";

test("a plan in YAML, with anchors and merge keys as Amplifier's have them", () => {
  const text = `x: &shared { a: 1 }
tools:
  - module: t
    config:
      <<: *shared
      b: yes
`;
  expect(parseYaml(text, "p.yaml")).toEqual({
    x: { a: 1 },
    tools: [{ module: "t", config: { a: 1, b: "yes" } }],
  });
});

test.each([
  ["a: [1\nb: 2\n", /^p\.yaml:2:1: not valid YAML: .*\.$/],
  ["a: 1\na: 2\n", /^p\.yaml:2:1: not valid YAML: Map keys must be unique\.$/],
  ["a: !python/object x\n", /^p\.yaml:1:4: not valid YAML: Unresolved tag: !python\/object\.$/],
  ["a: 1\n---\nb: 2\n", /^p\.yaml:2:1: not valid YAML: Source contains multiple documents/],
  ["a: *b\n", /^p\.yaml(:1:4)?: not valid YAML: Unresolved alias .*b/],
])("%j is refused in one line with its place", (text, message) => {
  expect(() => parseYaml(text, "p.yaml")).toThrow(message);
});

test("aliases that multiply without end are refused", () => {
  const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
  const text = names.map((name, index) => {
    const inner = index === 0 ? '"x"' : `*${names[index - 1] ?? ""}`;
    return `${name}: &${name} [${Array.from({ length: 9 }, () => inner).join(", ")}]`;
  });
  expect(() => parseYaml(text.join("\n"), "p.yaml")).toThrow(/^p\.yaml: not valid YAML: Excessive alias count/);
});

test("the keys and items of YAML have places; what an alias brings is placed at the alias", () => {
  const positions = yamlPositions("x: &x\n  a: 1\ntools:\n  - module: t\n    config: *x\n  - 3\n");
  expect(positions.find("x.a")).toEqual({ line: 2, column: 3 });
  expect(positions.find("tools[0].module")).toEqual({ line: 4, column: 5 });
  expect(positions.find("tools[0].config.a")).toEqual({ line: 5, column: 5 });
  expect(positions.find("tools[1]")).toEqual({ line: 6, column: 5 });
});

test("the keys and items of JSON have places, also with tabs and a key given twice", () => {
  const positions = yamlPositions(
    '{\n\t"session": {\n\t\t"system": 5,\n\t\t"system": 6\n\t},\n\t"tools": [\n\t\t3 ]\n}\n',
  );
  expect(positions.find("session.system")).toEqual({ line: 3, column: 3 });
  expect(positions.find("tools[0]")).toEqual({ line: 7, column: 3 });
});
