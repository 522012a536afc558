/**
 * Owns which shell runs commands: bash where the search path has one, else the POSIX shell.
 */
import { access, constants } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";

/** The absolute path of bash, found in `searchPath` (the form of `PATH`), or `/bin/sh`. */
export async function findShell(searchPath: string): Promise<string> {
  for (const folder of searchPath.split(delimiter).filter(isAbsolute)) {
    const path = join(folder, "bash");
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return path;
  }
  return "/bin/sh";
}
