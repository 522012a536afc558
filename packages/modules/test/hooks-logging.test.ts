/** `hooks-logging` in real sessions, writing real files. */
import {
  createSession,
  type EventMap,
  type EventType,
  type ModuleCoordinator,
  NO_USAGE,
  type Orchestrator,
  type Session,
} from "amplifier-core";
import { FakeClock, RecordingDisplay, ScriptedProvider } from "amplifier-testkit";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as contextSimple from "../src/context-simple/index.ts";
import * as hooksLogging from "../src/hooks-logging/index.ts";
import { temporaryWorkspace, type TemporaryWorkspace } from "./temporary-workspace.ts";

type Raise = (type: EventType, data: object) => Promise<unknown>;
interface Line {
  readonly ts: string;
  readonly session_id: string;
  readonly parent_id?: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

let folder: TemporaryWorkspace;
let display: RecordingDisplay;
beforeEach(async () => {
  folder = await temporaryWorkspace();
  display = new RecordingDisplay();
});
afterEach(async () => {
  await folder.remove();
  display.assertExpected();
});

/** A module with events of its own. */
const speaking = {
  moduleType: "hook",
  mount: (coordinator: ModuleCoordinator): void =>
    coordinator.registerContributor("observability.events", "speaking", () => ["speaking:aloud", "tool:pre"]),
};

/** A session whose turns raise what the test wants. */
async function sessionThat(
  turn: (raise: Raise) => unknown,
  config: Readonly<Record<string, unknown>>,
): Promise<Session> {
  const orchestrator: Orchestrator = {
    execute: async ({ hooks }) => {
      await turn(async (type, data) => hooks.emit(type, data as EventMap[EventType]));
      await hooks.emit("execution:end", { response: "Hello", status: "success", usage: NO_USAGE, finish_reason: null });
      return "Hello";
    },
  };
  const modules: Readonly<Record<string, unknown>> = {
    "context-simple": contextSimple,
    "hooks-logging": hooksLogging,
    "hooks-speaking": speaking,
  };
  const changing = { "prompt:submit": () => ({ action: "modify" as const, data: { prompt: "changed" } }) };
  return createSession(
    {
      session: { orchestrator },
      providers: [new ScriptedProvider([])],
      hooks: [
        { module: "hooks-logging", config: { path: "logs/{session_id}.jsonl", ...config } },
        { module: "hooks-speaking" },
        { name: "changing", events: changing },
      ],
    },
    {
      sessionId: "s-1",
      workspace: folder.workspace,
      findModule: async ({ id }) => modules[id],
      display,
      clock: new FakeClock(),
    },
  );
}

const FILE = "logs/s-1.jsonl";

const logged = (): Line[] =>
  readFileSync(join(folder.workspace, FILE), "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
const loggedTypes = (): string[] => logged().map(({ type }) => type);

const notify = (message: string): EventMap["user:notification"] => ({ message, level: "info", source: "test" });

describe("hooks-logging", () => {
  it("writes every event as one line, in order, as the other hooks left it, and whole when the turn is over", async () => {
    const session = await sessionThat(
      async (raise) => {
        await raise("prompt:submit", { prompt: "Hi" });
        await raise("user:notification", notify("one\ntwo"));
      },
      { events: ["session:*", "prompt:*", "user:*"] },
    );
    expect(existsSync(join(folder.workspace, "logs"))).toBe(false);
    await session.execute("Hi");
    const stamp = { ts: "2026-01-01T00:00:00.000Z", session_id: "s-1" };
    const turn = [
      { ...stamp, type: "session:start", data: {} },
      { ...stamp, type: "prompt:submit", data: { prompt: "changed" } },
      { ...stamp, type: "user:notification", data: { message: "one\ntwo", level: "info", source: "test" } },
      { ...stamp, type: "prompt:complete", data: { response: "Hello", status: "success" } },
    ];
    expect(logged()).toEqual(turn);
    await session.close();
    expect(logged()).toEqual([...turn, { ...stamp, type: "session:end", data: { status: "success" } }]);
  });

  it("logs neither secrets nor more of a long text than it may", async () => {
    const tool_input = { command: "curl -H 'Authorization: Bearer abcdefgh12345678'", env: { API_KEY: "k" } };
    const session = await sessionThat(
      async (raise) => {
        await raise("tool:pre", { tool_name: "bash", tool_call_id: "1", tool_input });
        await raise("user:notification", notify("x".repeat(500)));
      },
      { events: ["tool:*", "user:*"], max_value_bytes: 200 },
    );
    await session.execute("Hi");
    await session.close();
    expect(logged().map(({ data }) => data["tool_input"] ?? data["message"])).toEqual([
      { command: "curl -H 'Authorization: [redacted]'", env: { API_KEY: "[redacted]" } },
      `${"x".repeat(200)}[cut: 500 bytes]`,
    ]);
  });

  it("does not listen to the events of single tokens unless it is told to", async () => {
    const quiet = await sessionThat(() => {}, {});
    const tokens = ["content_block:delta", "llm:stream_block_delta", "llm:stream_block_start"] as const;
    expect(tokens.filter((event) => quiet.coordinator.hooks.has(event))).toEqual([]);
    expect(quiet.coordinator.hooks.has("llm:stream_aborted")).toBe(true);
    await quiet.close();
    const loud = await sessionThat(() => {}, { exclude_events: [] });
    expect(tokens.filter((event) => loud.coordinator.hooks.has(event))).toEqual(tokens);
    await loud.close();
  });

  it("logs what other modules announce as their events, each once", async () => {
    const session = await sessionThat(
      async (raise) => {
        await raise("speaking:aloud" as EventType, { words: 3 });
        await raise("tool:pre", { tool_name: "bash", tool_call_id: "1", tool_input: {} });
      },
      { events: ["speaking:*", "tool:*"] },
    );
    await session.execute("Hi");
    await session.close();
    expect(loggedTypes()).toEqual(["speaking:aloud", "tool:pre"]);
  });

  it("keeps the order of thousands of events that nobody waits for", async () => {
    const session = await sessionThat(
      async (raise) => {
        await Promise.all(Array.from({ length: 3000 }, (_, n) => raise("user:notification", notify(`${n}`))));
      },
      { events: ["user:*"] },
    );
    await session.execute("Hi");
    expect(logged().map(({ data }) => data["message"])).toEqual(Array.from({ length: 3000 }, (_, n) => `${n}`));
    await session.close();
  });

  it("goes on behind what an earlier run wrote, also where that ended in half a line", async () => {
    await folder.write({ [FILE]: '{"type":"old"}\n{"type":"bro' });
    const session = await sessionThat(() => {}, { events: ["prompt:complete"] });
    await session.execute("Hi");
    await session.close();
    const lines = (await folder.read(FILE)).split("\n");
    expect(lines.slice(0, 2)).toEqual(['{"type":"old"}', '{"type":"bro']);
    expect(lines.slice(2).map((line) => line.slice(0, 6))).toEqual(['{"ts":', ""]);
  });

  it.skipIf(process.platform === "win32")("makes a file that only its owner can read", async () => {
    const session = await sessionThat(() => {}, {});
    await session.execute("Hi");
    await session.close();
    expect((await stat(join(folder.workspace, FILE))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder.workspace, "logs"))).mode & 0o777).toBe(0o700);
  });

  it("tells once that it cannot write, stops, and breaks no turn", async () => {
    await mkdir(join(folder.workspace, FILE), { recursive: true });
    const session = await sessionThat((raise) => raise("user:notification", notify("Hi")), {});
    display.expect(/^Nothing more is logged to .*s-1\.jsonl: EISDIR/u);
    expect(await session.execute("Hi")).toBe("Hello");
    expect(session.coordinator.hooks.has("user:notification")).toBe(false);
    expect(await session.execute("Hi")).toBe("Hello");
    await session.close();
  });

  it.skipIf(!existsSync("/dev/full"))("takes a full disk the same way", async () => {
    const session = await sessionThat(() => {}, { path: "/dev/full" });
    display.expect(/^Nothing more is logged to \/dev\/full: ENOSPC/u);
    expect(await session.execute("Hi")).toBe("Hello");
    expect(await session.execute("Hi")).toBe("Hello");
    await session.close();
  });

  it("refuses a config that makes no sense", async () => {
    await expect(sessionThat(() => {}, { level: "DEBUG" })).rejects.toThrow(/level/u);
    await expect(sessionThat(() => {}, { max_value_bytes: 5 })).rejects.toThrow(/max_value_bytes/u);
  });
});
