/**
 * A folder of somebody who uses or writes modules: what they do there, with the programs they have. What is installed in
 * it is the test's business.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "../repository/paths.ts";
import type { Finished } from "./command.ts";
import { runNode } from "./stranger-process.ts";

const COMPILER = join(root, "node_modules", "typescript", "bin", "tsc");
const STRICT = { allowJs: true, checkJs: true, strict: true, noEmit: true, module: "nodenext", target: "es2023" };

/** What a run of test files came to: the names of its tests, and all that it printed. */
export interface TestedFiles {
  readonly code: number | null;
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly stdout: string;
}

/** A new, empty folder, in which files are modules. */
export class StrangersFolder {
  /** Absolute, and its real place: the compiler and Node name files by it. */
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "strangers-")));

  constructor() {
    this.write("package.json", { private: true, type: "module" });
  }

  /** Writes a file; what is no text is written as JSON. */
  write(path: string, content: string | object): void {
    const file = join(this.path, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  }

  /** Runs the command that is installed here. */
  amplifier(...args: readonly string[]): Promise<Finished> {
    return runNode([join("node_modules", "amplifier-cli", "dist", "main.js"), ...args], { cwd: this.path });
  }

  /** Checks types as strictly as the compiler can, the declarations of packages included. `types` are global ones. */
  checkTypes(files: readonly string[], { types = [] }: { readonly types?: readonly string[] } = {}): Promise<Finished> {
    this.write("tsconfig.json", { compilerOptions: { ...STRICT, types }, files });
    return runNode([COMPILER, "-p", ".", "--pretty", "false"], { cwd: this.path });
  }

  /** Runs test files as their author does. */
  async runTests(files: readonly string[]): Promise<TestedFiles> {
    const { code, stdout } = await runNode(["--test", "--test-reporter=tap", ...files], { cwd: this.path });
    const results = [...stdout.matchAll(/^(not ok|ok) \d+ - (.*)$/gm)];
    const named = (verdict: string): string[] =>
      results.filter(([, found]) => found === verdict).map(([, , name = ""]) => name);
    return { code, passed: named("ok"), failed: named("not ok"), stdout };
  }

  /** Removes the folder. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 5 });
  }
}
