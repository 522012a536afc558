import { expect, test } from "vitest";
import { workspaceOf } from "./workspace.ts";

test("the workspace is the folder the program was started in", () => {
  expect(workspaceOf({ env: { INIT_CWD: "/elsewhere" }, cwd: "/here" })).toBe("/here");
});

test("under npm it is the folder the person stood in", () => {
  expect(workspaceOf({ env: { INIT_CWD: "/person", npm_lifecycle_event: "start" }, cwd: "/package" })).toBe("/person");
  expect(workspaceOf({ env: { npm_lifecycle_event: "start" }, cwd: "/package" })).toBe("/package");
});
