/** `bash`, with real processes. Time limits are moved by hand; no test waits for a clock of its own. */
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock, type Cleanup, type Clock, type Tool } from "amplifier-core";
import { KILL_AFTER_MS } from "../src/tool-bash/process-group.ts";
import { DRAIN_MS } from "../src/tool-bash/run-command.ts";
import { mount } from "../src/tool-bash/index.ts";
import { callTool, succeed } from "./call-tool.ts";
import { fakeCoordinator } from "./fake-coordinator.ts";
import { ManualClock } from "./manual-clock.ts";
import { runs } from "./process-runs.ts";
import { temporaryWorkspace, type TemporaryWorkspace } from "./temporary-workspace.ts";

let folder: TemporaryWorkspace;
const cleanups: Cleanup[] = [];

beforeEach(async () => {
  folder = await temporaryWorkspace();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
  await folder.remove();
});

async function mountBash(config: Parameters<typeof mount>[1] = {}, clock: Clock = systemClock): Promise<Tool> {
  const fake = fakeCoordinator({ workspace: folder.workspace, clock });
  cleanups.push(await mount(fake.coordinator, config));
  return fake.tool("bash");
}

const quiet = { onProgress: () => {} };

/** Resolves once the process with this id has ended. */
async function gone(pid: number): Promise<void> {
  await vi.waitFor(() => expect(runs(pid)).toBe(false), { timeout: 5000, interval: 5 });
}

/** Collects progress until it says what is waited for. */
class Watched {
  output = "";
  readonly #waiting: (() => void)[] = [];
  readonly onProgress = (value: unknown): void => {
    this.output += (value as { output: string }).output;
    for (const look of this.#waiting) look();
  };

  until(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve) => {
      const look = (): void => {
        const match = pattern.exec(this.output);
        if (match) resolve(match);
      };
      this.#waiting.push(look);
      look();
    });
  }
}

describe("bash", () => {
  it("gives the output and the exit code", async () => {
    const bash = await mountBash();
    expect(await callTool(bash, { command: "echo hello; echo" }, quiet)).toEqual({
      success: true,
      output: "hello\n[exit code 0]",
    });
    expect(await succeed(bash, { command: "true" })).toBe("[no output]\n[exit code 0]");
  });

  it("keeps the output of a command that fails", async () => {
    const bash = await mountBash();
    expect(await callTool(bash, { command: "echo so far; exit 3" }, quiet)).toEqual({
      success: false,
      output: "so far\n[exit code 3]",
      error: { message: "exit code 3", exit_code: 3 },
    });
    expect(await callTool(bash, { command: "kill -KILL $$" })).toEqual({
      success: false,
      output: "[no output]\n[killed by SIGKILL]",
      error: { message: "killed by SIGKILL" },
    });
  });

  it("keeps stdout and stderr in the order they were written", async () => {
    const bash = await mountBash();
    const command = "for i in 1 2 3; do echo out $i; echo err $i >&2; done";
    expect(await succeed(bash, { command }, quiet)).toBe("out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n[exit code 0]");
  });

  it("runs in the workspace, anew each time, with any quoting", async () => {
    const bash = await mountBash();
    await succeed(bash, { command: "cd /; x=1" });
    expect(await succeed(bash, { command: `pwd; echo "\${x-unset}" 'it''s' "a\\"b" \\$HOME` }, quiet)).toBe(
      `${folder.workspace}\nunset its a"b $HOME\n[exit code 0]`,
    );
  });

  it("gives commands an empty input and no terminal", async () => {
    const bash = await mountBash();
    const command = "cat; test -t 0 || echo no terminal; (: </dev/tty) 2>/dev/null || echo none at all";
    expect(await succeed(bash, { command }, quiet)).toBe("no terminal\nnone at all\n[exit code 0]");
  });

  it("keeps API keys from commands, unless told to pass one on", async () => {
    vi.stubEnv("SOME_API_KEY", "secret-1");
    vi.stubEnv("OTHER_API_KEY", "secret-2");
    vi.stubEnv("PLAIN", "plain");
    const bash = await mountBash({ keep_env: ["OTHER_API_KEY"] });
    const command = 'echo "${SOME_API_KEY-none} ${OTHER_API_KEY-none} ${PLAIN-none}"';
    expect(await succeed(bash, { command }, quiet)).toBe("none secret-2 plain\n[exit code 0]");
  });

  it("says what went wrong when nothing can be started", async () => {
    const bash = await mountBash();
    await rm(folder.workspace, { recursive: true });
    await expect(callTool(bash, { command: "true" })).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("shows the output while the command runs", async () => {
    const bash = await mountBash();
    const watched = new Watched();
    await succeed(bash, { command: "mkfifo pipe" });
    const running = succeed(bash, { command: "echo ready; cat pipe" }, watched);
    await watched.until(/ready/);
    // Only now can the command end.
    await writeFile(join(folder.workspace, "pipe"), "go on\n");
    expect(await running).toBe("ready\ngo on\n[exit code 0]");
    expect(watched.output).toBe("ready\ngo on\n");
  });
});

describe("the output limit", () => {
  it("keeps beginning and end, and says what is missing", async () => {
    const bash = await mountBash({ max_output_bytes: 1000 });
    const output = await succeed(bash, { command: "echo first; yes | head -c 50000000; echo last" }, quiet);
    const expected =
      `first\n${"y\n".repeat(247)}[49999011 bytes of output are left out here; use head, tail or grep, or write it to a file]\n\n` +
      `${"y\n".repeat(247)}last\n[exit code 0]`;
    expect(output).toBe(expected);
  });

  it("holds the memory down while a command writes without end", async () => {
    const bash = await mountBash({ max_output_bytes: 1000 });
    const stop = new AbortController();
    const before = process.memoryUsage().rss;
    let looks = 0;
    const onProgress = (): void => {
      looks += 1;
      if (looks === 4) stop.abort();
    };
    const result = await callTool(bash, { command: "yes" }, { signal: stop.signal, onProgress });
    expect(result.output).toMatch(
      /^(y\n)+\[\d{7,} bytes of output are left out here; .*\]\n(y\n)+\[stopped before it ended\]$/,
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  });
});

describe("stopping a command", () => {
  it("ends the whole process group, grandchildren included, and returns at once", async () => {
    const bash = await mountBash();
    const watched = new Watched();
    const stop = new AbortController();
    const command = "sh -c 'sleep 60 & echo grandchild $!; wait' & echo child $!; wait";
    const running = callTool(bash, { command }, { signal: stop.signal, onProgress: watched.onProgress });
    const grandchild = Number((await watched.until(/grandchild (\d+)\n/))[1]);
    const child = Number((await watched.until(/^child (\d+)\n/m))[1]);
    expect([runs(child), runs(grandchild)]).toEqual([true, true]);

    stop.abort();
    const result = await running;
    expect(result.success).toBe(false);
    expect(result.error).toEqual({ message: "stopped before it ended" });
    await gone(child);
    await gone(grandchild);
  });

  it("kills what ignores the request to end, two seconds later", async () => {
    const clock = new ManualClock();
    const bash = await mountBash({}, clock);
    const watched = new Watched();
    const stop = new AbortController();
    const command = "trap '' TERM; echo pid $$; while :; do sleep 60; done";
    const running = callTool(bash, { command }, { signal: stop.signal, onProgress: watched.onProgress });
    const pid = Number((await watched.until(/pid (\d+)\n/))[1]);

    stop.abort();
    expect((await running).output).toBe(`pid ${pid}\n[stopped before it ended]`);
    clock.advance(KILL_AFTER_MS - 1);
    expect(runs(pid)).toBe(true);
    clock.advance(1);
    await gone(pid);
  });

  it("stops at the time limit, keeps the output and says what to do", async () => {
    const clock = new ManualClock();
    const bash = await mountBash({ timeout: 5 }, clock);
    const watched = new Watched();
    const running = callTool(bash, { command: "echo pid $$; sleep 60" }, watched);
    const pid = Number((await watched.until(/pid (\d+)\n/))[1]);
    clock.advance(5000);
    expect(await running).toEqual({
      success: false,
      output:
        `pid ${pid}\n[stopped because it ran longer than 5 seconds; ` +
        "set a larger timeout, or run it in the background with its output in a file]",
      error: { message: expect.stringContaining("longer than 5 seconds") as string },
    });
    await gone(pid);
  });

  it("takes the limit the model names", async () => {
    const clock = new ManualClock();
    const bash = await mountBash({ timeout: 5 }, clock);
    const watched = new Watched();
    const running = callTool(bash, { command: "echo ready; sleep 60", timeout: 7 }, watched);
    await watched.until(/ready/);
    clock.advance(6999);
    expect(clock.waiting).toBeGreaterThan(0);
    clock.advance(1);
    expect((await running).error?.message).toContain("longer than 7 seconds");
  });

  it("starts nothing when it was stopped before", async () => {
    const bash = await mountBash();
    const stop = new Error("stopped");
    const signal = AbortSignal.abort(stop);
    await expect(callTool(bash, { command: "touch started" }, { signal })).rejects.toBe(stop);
    expect(await succeed(bash, { command: "ls" })).toBe("[no output]\n[exit code 0]");
  });

  it("leaves no listener and no timer behind", async () => {
    const clock = new ManualClock();
    const bash = await mountBash({}, clock);
    const stop = new AbortController();
    const remove = vi.spyOn(stop.signal, "removeEventListener");
    await succeed(bash, { command: "true" }, { signal: stop.signal });
    expect(remove).toHaveBeenCalledTimes(1);
    expect(clock.waiting).toBe(0);
  });
});

describe("a background process", () => {
  let server: Server;
  let connections: Socket[];

  beforeEach(() => {
    connections = [];
    server = createServer((socket) => void connections.push(socket));
  });
  afterEach(() => {
    for (const socket of connections) socket.destroy();
    server.close();
  });

  it("does not hold up the call, lives on, and ends with the session", async () => {
    const clock = new ManualClock();
    const fake = fakeCoordinator({ workspace: folder.workspace, clock });
    const cleanup = await mount(fake.coordinator, {});
    const watched = new Watched();
    const running = succeed(fake.tool("bash"), { command: "sleep 60 & echo pid $!" }, watched);
    const pid = Number((await watched.until(/pid (\d+)\n/))[1]);
    // The pipe is still held by `sleep`; only the end of the drain lets the call go.
    await vi.waitFor(() => expect(clock.waiting).toBe(3), { interval: 1 });
    clock.advance(DRAIN_MS);
    expect(await running).toBe(`pid ${pid}\n[exit code 0]`);
    expect(runs(pid)).toBe(true);

    await cleanup();
    expect(runs(pid)).toBe(false);
    expect(clock.waiting).toBe(0);
  });

  it("may go on writing to a pipe that nobody reads", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "amplifier-bash-")), "socket");
    server.listen(path);
    await once(server, "listening");
    await writeFile(
      join(folder.workspace, "child.mjs"),
      `import { connect } from "node:net";
       const socket = connect(${JSON.stringify(path)});
       socket.on("data", () => { console.log("x".repeat(1_000_000)); socket.write("still here"); });`,
    );
    const bash = await mountBash();
    const connected = once(server, "connection");
    await succeed(bash, { command: `${JSON.stringify(process.execPath)} child.mjs &` }, quiet);
    const [socket] = (await connected) as [Socket];
    for (let round = 0; round < 3; round += 1) {
      socket.write("write");
      const [answer] = (await once(socket, "data")) as [Buffer];
      expect(answer.toString()).toBe("still here");
    }
    await rm(join(path, ".."), { recursive: true });
  });
});

describe("mounting tool-bash", () => {
  it("declares bash as what it is", async () => {
    const { writes, exclusive, idempotent } = await mountBash();
    expect({ writes, exclusive, idempotent }).toEqual({ writes: true, exclusive: true, idempotent: undefined });
  });

  it("refuses a default limit above the largest one", async () => {
    await expect(mountBash({ timeout: 700 })).rejects.toMatchObject({
      code: "config_invalid",
      message: "timeout (700) is larger than max_timeout (600): lower the one or raise the other.",
    });
  });

  it("refuses Windows in one clear sentence", async () => {
    vi.spyOn(process, "platform", "get").mockReturnValue("win32");
    await expect(mountBash()).rejects.toMatchObject({
      code: "module_load_failed",
      message: expect.stringContaining("tool-bash cannot run on Windows") as string,
    });
  });
});
