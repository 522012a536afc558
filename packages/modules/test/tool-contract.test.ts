/** The tools of `tool-filesystem` and `tool-bash`, by the contract suite of the tool port. */
import { type Cleanup, systemClock, type Tool } from "amplifier-core";
import { toolContract, type ToolSubject } from "amplifier-testkit";
import { afterEach, beforeEach, describe, it } from "vitest";
import { mount as mountBash } from "../src/tool-bash/index.ts";
import { mount as mountFilesystem } from "../src/tool-filesystem/index.ts";
import { fakeCoordinator } from "./fake-coordinator.ts";
import { temporaryWorkspace, type TemporaryWorkspace } from "./temporary-workspace.ts";

let folder: TemporaryWorkspace;
const cleanups: Cleanup[] = [];

beforeEach(async () => {
  folder = await temporaryWorkspace();
  await folder.write({ "a.txt": "one\ntwo\n", "src/b.txt": "three\n" });
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
  await folder.remove();
});

async function mounted(name: string): Promise<Tool> {
  const fake = fakeCoordinator({ workspace: folder.workspace, clock: systemClock });
  if (name === "bash") cleanups.push(await mountBash(fake.coordinator, {}));
  else await mountFilesystem(fake.coordinator, {});
  return fake.tool(name);
}

const missing = { path: "missing.txt" };

const subjects: Readonly<Record<string, Omit<ToolSubject, "create">>> = {
  read_file: { input: { path: "a.txt" }, invalidInput: { path: 1 }, failingInput: missing },
  write_file: {
    input: { path: "c.txt", content: "x" },
    invalidInput: missing,
    failingInput: { path: "a.txt/b", content: "" },
  },
  edit_file: {
    input: { path: "a.txt", old_string: "two", new_string: "2" },
    invalidInput: missing,
    failingInput: { ...missing, old_string: "two", new_string: "2" },
  },
  glob: { input: { pattern: "**/*.txt" }, invalidInput: {}, failingInput: { ...missing, pattern: "*" } },
  grep: { input: { pattern: "t.o" }, invalidInput: { pattern: "" }, failingInput: { pattern: "(" } },
  bash: {
    input: { command: "echo hello" },
    invalidInput: { command: "echo", timeout: -1 },
    failingInput: { command: "echo no >&2; exit 3" },
    slowInput: { command: "sleep 60" },
  },
};

describe.each(Object.entries(subjects))("%s", (tool, subject) => {
  for (const { name, run } of toolContract({ create: () => mounted(tool), ...subject })) it(name, run);
});
