import { parse } from "smol-toml";
import { expect, test } from "vitest";
import { tomlPositions } from "./toml-positions.ts";

/** Every path of a value, and where the scanner finds it, as `line:column`. */
function places(text: string): Readonly<Record<string, string>> {
  const positions = tomlPositions(text);
  const found: Record<string, string> = {};
  const visit = (value: unknown, path: string): void => {
    if (path !== "") {
      const position = positions.find(path);
      found[path] = position === null ? "nowhere" : `${position.line}:${position.column}`;
    }
    if (Array.isArray(value)) for (const [index, item] of value.entries()) visit(item, `${path}[${index}]`);
    else if (typeof value === "object" && value !== null && !(value instanceof Date)) {
      for (const [key, item] of Object.entries(value)) visit(item, path === "" ? key : `${path}.${key}`);
    }
  };
  visit(parse(text), "");
  return found;
}

test("the README's plan: a list of tables, a multi-line inline table with a comment, a table", () => {
  const text = `[[orchestrators]]
module = "loop-streaming"
name = "streaming"
config = {
    buffer_size = 10,  # Tokens to buffer before flush
    max_turns = 10,
    timeout = 300
}
[session]
orchestrator = "loop-streaming"
`;
  expect(places(text)).toEqual({
    orchestrators: "1:1",
    "orchestrators[0]": "1:1",
    "orchestrators[0].module": "2:1",
    "orchestrators[0].name": "3:1",
    "orchestrators[0].config": "4:1",
    "orchestrators[0].config.buffer_size": "5:5",
    "orchestrators[0].config.max_turns": "6:5",
    "orchestrators[0].config.timeout": "7:5",
    session: "9:1",
    "session.orchestrator": "10:1",
  });
});

test("tables of the last item of a list, dotted and quoted keys, and spaces", () => {
  const text = `# a comment with [brackets]
a.b = 1
[[ tools ]]
"module" = 'x'
[tools.config]
  d . "e f" = 2
[[tools]]
[tools.config.'g']
h = 3
`;
  expect(places(text)).toEqual({
    a: "2:1",
    "a.b": "2:1",
    tools: "3:1",
    "tools[0]": "3:1",
    "tools[0].module": "4:1",
    "tools[0].config": "5:1",
    "tools[0].config.d": "6:3",
    "tools[0].config.d.e f": "6:3",
    "tools[1]": "7:1",
    "tools[1].config": "8:1",
    "tools[1].config.g": "8:1",
    "tools[1].config.g.h": "9:1",
  });
});

test("values that look like structure: strings of every kind, nested lists, dates", () => {
  const text = `a = """
x = 1 \\"""
[no]
""""
b = '''
[[no]] # no
'''
c = "\\"} ] # no"
d = [ 1, [ "]", { e = '}' } ], # comment ]
  2 ]
f = 1979-05-27 07:32:00 # when
g = {}
h = []
i = ''
`;
  expect(places(text)).toEqual({
    a: "1:1",
    b: "5:1",
    c: "8:1",
    d: "9:1",
    "d[0]": "9:7",
    "d[1]": "9:10",
    "d[1][0]": "9:12",
    "d[1][1]": "9:17",
    "d[1][1].e": "9:19",
    "d[2]": "10:3",
    f: "11:1",
    g: "12:1",
    h: "13:1",
    i: "14:1",
  });
});

test("line breaks of Windows, and a key with an escape of TOML only", () => {
  expect(places('[a]\r\n"\\u0062" = 1\r\n"\\U00000063" = 2\r\n')).toEqual({ a: "1:1", "a.b": "2:1", "a.c": "1:1" });
});

test("what is missing is placed at the nearest table around it, and nowhere when there is none", () => {
  const positions = tomlPositions("[[tools]]\n[tools.config]\n");
  expect(positions.find("tools[0].module")).toEqual({ line: 1, column: 1 });
  expect(positions.find("tools[0].config.path[3].name")).toEqual({ line: 2, column: 1 });
  expect(positions.find("session")).toBeNull();
});
