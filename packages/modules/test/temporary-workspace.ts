/**
 * A real temporary folder per test: `workspace` for the tools and `outside`, beside it, for what must not be touched.
 */
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** The folders of one test. */
export interface TemporaryWorkspace {
  readonly workspace: string;
  readonly outside: string;
  /** Writes files, by path relative to the workspace. */
  write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
  /** The text of a file of the workspace. */
  read(path: string): Promise<string>;
  remove(): Promise<void>;
}

/** Makes the folders; `remove` takes them away with everything in them. */
export async function temporaryWorkspace(): Promise<TemporaryWorkspace> {
  const base = await realpath(await mkdtemp(join(tmpdir(), "amplifier-modules-")));
  const workspace = join(base, "workspace");
  const outside = join(base, "outside");
  await mkdir(workspace);
  await mkdir(outside);
  const remove = (): Promise<void> => rm(base, { recursive: true, force: true });
  return {
    workspace,
    outside,
    write: async (files) => {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(workspace, path)), { recursive: true });
        await writeFile(join(workspace, path), content);
      }
    },
    read: (path) => readFile(join(workspace, path), "utf8"),
    remove,
  };
}
