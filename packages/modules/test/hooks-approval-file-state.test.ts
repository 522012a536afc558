/** `fileState`: whether a file that would be written is there. */
import { expect, it } from "vitest";
import { fileState } from "../src/hooks-approval/file-state.ts";
import { temporaryWorkspace } from "./temporary-workspace.ts";

it("tells a new file from one that is there, and says nothing where it cannot know", async () => {
  const temporary = await temporaryWorkspace();
  const folder = temporary.workspace;
  await temporary.write({ "a.txt": "a" });
  expect(fileState(folder, "a.txt")).toBe("existing");
  expect(fileState(folder, "b.txt")).toBe("new");
  expect(fileState(folder, "no/folder/b.txt")).toBe("new");
  expect(fileState(folder, "a.txt/b")).toBeUndefined();
  expect(fileState(null, "a.txt")).toBeUndefined();
  expect(fileState(folder, "a\0")).toBeUndefined();
  expect(fileState(folder, 5)).toBeUndefined();
  await temporary.remove();
});
