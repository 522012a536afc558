/**
 * Owns running the built command as a real process, in pipes or in a terminal, cut off from the surroundings: an empty
 * home and cache, no keys, no proxies. Tests wait for output, never for time. `stopAll` belongs in `afterEach`.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const PTY = fileURLToPath(new URL("in-terminal.py", import.meta.url));

const running = new Set<CliProcess>();
const folders = new Set<string>();

/** How the command is started. */
export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Columns of a terminal to run in; absent: pipes. */
  readonly terminal?: number;
  /** Written to stdin, which is then closed; null leaves it open. Default: closed and empty. */
  readonly stdin?: string | null;
  /** Put in front of the command, for example a shell. */
  readonly through?: (command: readonly string[]) => readonly string[];
}

/** A new empty folder, removed by `stopAll`. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cli-"));
  folders.add(folder);
  return folder;
}

/** Starts the command. @throws Error when it has not been built */
export function startCli(args: readonly string[], options: CliOptions = {}): CliProcess {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is not there: build first, with npm run build`);
  const plain = [process.execPath, MAIN, ...args];
  const command = options.through?.(plain) ?? plain;
  const [file = "", ...rest] =
    options.terminal === undefined ? command : ["python3", PTY, String(options.terminal), ...command];
  const child = spawn(file, rest, { cwd: options.cwd ?? emptyFolder(), env: environment(options.env), stdio: "pipe" });
  const stdin = options.terminal === undefined ? (options.stdin === undefined ? "" : options.stdin) : null;
  if (stdin !== null) child.stdin.end(stdin);
  const cli = new CliProcess(child);
  running.add(cli);
  return cli;
}

/** Runs the command to its end. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<Finished> {
  return startCli(args, options).finished;
}

/** Kills what still runs and removes the folders. */
export async function stopAll(): Promise<void> {
  for (const cli of running) {
    cli.kill("SIGKILL");
    await cli.finished;
  }
  running.clear();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

/** A command that has ended. In a terminal everything is in `stdout`. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running command. */
export class CliProcess {
  readonly finished: Promise<Finished>;
  stdout = "";
  stderr = "";
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();
  #ended = false;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdin?.on("error", () => undefined);
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
      this.#changed();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.#changed();
    });
    this.finished = new Promise((resolve) => {
      child.on("close", (code) => {
        this.#ended = true;
        this.#changed();
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Resolves as soon as stdout (then stderr) holds `text`, from its position `after` on; rejects when the process ends without it. */
  async sees(text: string | RegExp, stream: "stdout" | "stderr" = "stdout"): Promise<void> {
    const there = (): boolean => (typeof text === "string" ? this[stream].includes(text) : text.test(this[stream]));
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (!there() && !this.#ended) return;
        this.#watchers.delete(look);
        if (there()) resolve();
        else reject(new Error(`ended without ${String(text)}; stdout: ${this.stdout}; stderr: ${this.stderr}`));
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Types or pipes text in. */
  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Closes stdin. */
  end(): void {
    this.#child.stdin?.end();
  }

  /** Stops reading stdout, as `head` does. */
  closeStdout(): void {
    this.#child.stdout?.destroy();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

function environment(extra: CliOptions["env"] = {}): Record<string, string> {
  const home = emptyFolder();
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    TMPDIR: tmpdir(),
    TERM: "xterm-256color",
    NO_COLOR: "1",
    AMPLIFIER_CACHE: join(home, "cache"),
    // Nothing listens there, so an Ollama of this machine is never asked.
    OLLAMA_HOST: "127.0.0.1:1",
    ...extra,
  };
}
