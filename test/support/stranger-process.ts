/**
 * Runs programs the way somebody does who has nothing of this machine: home, caches and npm's configuration are in the
 * folder they work in, and of the environment only the path is left.
 */
import { spawn } from "node:child_process";
import { basename, join } from "node:path";
import type { Finished } from "./command.ts";

/** Where a program runs, and what its environment has beside the path. */
export interface Surroundings {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end, its stdin closed. */
export function runProgram(
  [file, ...args]: readonly [string, ...string[]],
  { cwd, env = {} }: Surroundings,
): Promise<Finished> {
  const surroundings = { PATH: process.env["PATH"] ?? "", HOME: cwd, USERPROFILE: cwd, AMPLIFIER_CACHE: cwd, ...env };
  const child = spawn(file, args, { cwd, env: surroundings, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs Node with `args`. */
export function runNode(args: readonly string[], surroundings: Surroundings): Promise<Finished> {
  return runProgram([process.execPath, ...args], surroundings);
}

/** Runs npm with an empty cache, quiet, and without asking anybody but `registry`. @throws Error when npm fails */
export async function runNpm(
  args: readonly string[],
  { registry, ...surroundings }: Surroundings & { readonly registry?: string },
): Promise<string> {
  const env = {
    ...surroundings.env,
    npm_config_cache: join(surroundings.cwd, ".npm-cache"),
    npm_config_userconfig: join(surroundings.cwd, ".npmrc"),
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
    npm_config_loglevel: "error",
    // Nothing listens there: what asks for a registry without having been given one fails at once.
    npm_config_registry: registry ?? "http://127.0.0.1:1/",
  };
  const { code, stdout, stderr } = await runProgram([...npmCommand(), ...args], { ...surroundings, env });
  if (code !== 0) throw new Error(`npm ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/** The npm that runs these tests, else the one on the path. */
function npmCommand(): readonly [string, ...string[]] {
  const running = process.env["npm_execpath"] ?? "";
  return basename(running).startsWith("npm-cli") ? [process.execPath, running] : ["npm"];
}
