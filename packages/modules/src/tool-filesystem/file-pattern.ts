/**
 * Owns how a glob pattern is read: picomatch's syntax (`*`, `**`, `?`, `[a-z]`, `{a,b}`), files with a leading dot included.
 */
import picomatch from "picomatch";
import { ToolFailure } from "./tool-failure.ts";

/**
 * Makes a test of paths with `/`, relative to the folder searched. With `anywhere`, a pattern without a slash is a test
 * of the file's name alone.
 * @throws ToolFailure when the pattern is absolute or leads upwards, and so could match nothing.
 */
export function filePattern(pattern: string, options: { readonly anywhere: boolean }): (path: string) => boolean {
  if (pattern.startsWith("/") || pattern.split("/").includes("..")) {
    throw new ToolFailure(
      `The pattern "${pattern}" is not relative to the folder searched. Give the folder as path and a pattern like "**/*.ts".`,
    );
  }
  try {
    // picomatch would look at the name alone even where the pattern names folders.
    const basename = options.anywhere && !pattern.includes("/");
    return picomatch(pattern.replace(/^\.\//, ""), { dot: true, basename, nonegate: true });
  } catch (error) {
    throw new ToolFailure(
      `The pattern "${pattern}" is not a glob: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
