/**
 * A folder as a user of strangers' modules has it: what we publish and what they publish, packed, and installed by name
 * from a registry that has nothing else. `authors/` holds the strangers' own folders, where they check types and test.
 */
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../repository/paths.ts";
import type { Finished } from "./command.ts";
import { type LocalRegistry, startLocalRegistry } from "./local-registry.ts";
import { packPackages, withDependencies } from "./pack-packages.ts";
import { runNode, runNpm } from "./stranger-process.ts";

const COMPILER = join(root, "node_modules", "typescript", "bin", "tsc");
const STRICT = { allowJs: true, checkJs: true, strict: true, noEmit: true, module: "nodenext", target: "es2023" };

/** What is in a registry: our published packages, and those of `authors`, a folder with one package a folder. */
export class StrangersProject {
  /** The user's folder, absolute. */
  readonly folder: string;
  readonly #registry: LocalRegistry;

  private constructor(folder: string, registry: LocalRegistry) {
    this.folder = folder;
    this.#registry = registry;
  }

  /** Packs everything into a registry and makes the user's folder, in which nothing is installed yet. */
  static async create(authors: string, names: readonly string[]): Promise<StrangersProject> {
    // The compiler names files by their real place, and so does Node.
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "strangers-")));
    try {
      const ours = ["packages/cli", "packages/testkit", "node_modules/@types/node"].map((path) => join(root, path));
      const theirs = names.map((name) => join(authors, name));
      const packed = await packPackages([...withDependencies(ours), ...theirs], join(folder, "tarballs"));
      cpSync(authors, join(folder, "authors"), { recursive: true });
      writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
      return new StrangersProject(folder, await startLocalRegistry(packed));
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** `npm install` of packages by name. @throws Error when npm fails */
  async install(...names: readonly string[]): Promise<void> {
    await runNpm(["install", ...names], { cwd: this.folder, registry: this.#registry.url });
  }

  /** Runs the installed command. */
  amplifier(...args: readonly string[]): Promise<Finished> {
    return runNode([join("node_modules", "amplifier-cli", "dist", "main.js"), ...args], { cwd: this.folder });
  }

  /** Checks types as strictly as the compiler can, our own declarations included. `types` are global ones. */
  checkTypes(files: readonly string[], { types }: { readonly types: readonly string[] }): Promise<Finished> {
    writeFileSync(join(this.folder, "tsconfig.json"), JSON.stringify({ compilerOptions: { ...STRICT, types }, files }));
    return runNode([COMPILER, "-p", ".", "--pretty", "false"], { cwd: this.folder });
  }

  /** Runs test files as their author does. */
  runTests(files: readonly string[]): Promise<Finished> {
    return runNode(["--test", "--test-reporter=tap", ...files], { cwd: this.folder });
  }

  /** Stops the registry and removes the folder. */
  async remove(): Promise<void> {
    await this.#registry.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
