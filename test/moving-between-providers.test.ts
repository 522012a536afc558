/**
 * One conversation on several APIs, over real sockets, with strict servers that refuse what the real APIs refuse: what one
 * provider said, thought, called and left unfinished is taken by every other, and by the first when it comes back.
 */
import { createSession, defineTool, type Session } from "amplifier-core";
import * as loopStreaming from "amplifier-module-loop-streaming";
import * as contextSimple from "amplifier-modules/context-simple";
import * as anthropic from "amplifier-providers/anthropic";
import * as gemini from "amplifier-providers/gemini";
import * as openai from "amplifier-providers/openai";
import { hangs, signed, text, thinking, toolCall, unfinished, whole } from "amplifier-testkit";
import {
  type ModelServer,
  refuses,
  reply,
  type ScriptEntry,
  startAnthropicServer,
  startChatServer,
  startGeminiServer,
  type WirePart,
} from "amplifier-testkit/servers";
import { describe, expect, onTestFinished, test } from "vitest";

type WireName = "anthropic" | "openai" | "gemini";
const WIRES = ["anthropic", "openai", "gemini"] as const;

const START = { anthropic: startAnthropicServer, openai: startChatServer, gemini: startGeminiServer };
/** Claude 4.5 wants the thinking in front of the calls it asks results for, Gemini 3 its calls signed. */
const CONFIGS = {
  anthropic: { model: "claude-opus-4-5", reasoning_effort: "low" },
  openai: { model: "gpt-4.1" },
  gemini: { model: "gemini-3-pro" },
};
/** The sources: found on disk, modules would be those that were built last. */
const MODULES: Readonly<Record<string, unknown>> = {
  "loop-streaming": loopStreaming,
  "context-simple": contextSimple,
  "provider-anthropic": anthropic,
  "provider-gemini": gemini,
  "provider-openai": openai,
};
const look = defineTool({
  name: "look",
  description: "Looks",
  inputSchema: { type: "object", properties: { at: { type: "string" } } },
  execute: () => "blue",
});

const PIXEL = "iVBORw0KGgo=";
const IMAGE = { type: "image", source: { type: "base64", media_type: "image/png", data: PIXEL } } as const;

/** What only this API says, and wants to have back: nobody else may be sent it. */
function own(wire: WireName): readonly WirePart[] {
  if (wire === "openai") return [thinking("OPENAI-THOUGHT")];
  const origin = { provider: wire, model: CONFIGS[wire].model };
  if (wire === "gemini") {
    const data = { executableCode: { language: "PYTHON", code: "GEMINI-CODE" } };
    return [signed(thinking("GEMINI-THOUGHT"), "Z2VtaW5p"), whole({ type: "opaque", data, ...origin })];
  }
  const search = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "ANTHROPIC-QUERY" } };
  const found = { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] };
  const hidden = { type: "redacted_thinking", data: "QU5USFJPUElDLUhJRERFTg==", ...origin } as const;
  return [
    signed(thinking("ANTHROPIC-THOUGHT"), "YW50aHJvcGlj"),
    whole(hidden),
    whole({ type: "opaque", data: search, ...origin }),
    whole({ type: "opaque", data: found, ...origin }),
  ];
}

/** Words of its own that no other API takes: servers that count from 0 in every answer, long ids, signs in ids and names. */
function calls(wire: WireName): readonly WirePart[] {
  const id = (n: number): string => (wire === "anthropic" ? `toolu_${n}` : `functions.look:${n}`);
  const long = `${wire}-${"0123456789".repeat(6)}`;
  const invented = wire === "anthropic" ? "look_".repeat(20) : "fs.read file";
  return [
    toolCall(id(0), "look", { at: "sky" }),
    toolCall(long, "look", { at: "sea" }),
    toolCall(`${long}2`, invented, {}),
  ];
}

const round = (wire: WireName): readonly ScriptEntry[] => [
  reply(...own(wire), text(`Let ${wire} look. `), ...calls(wire)),
  reply(text(`${wire} says: blue.`)),
];

async function startServer(wire: WireName, script: readonly ScriptEntry[]): Promise<ModelServer> {
  const server = await START[wire]({ script });
  // It also tells of requests that the API would have refused.
  onTestFinished(() => server.close());
  return server;
}

async function openSession(wires: readonly WireName[], servers: readonly ModelServer[]): Promise<Session> {
  const config = { buffer_size: 1, retry: { attempts: 1 }, max_continuations: 0 };
  const session = await createSession(
    {
      session: { orchestrator: { module: "loop-streaming", config }, system: "You look at things." },
      providers: wires.map((wire, n) => ({
        module: `provider-${wire}`,
        config: { ...CONFIGS[wire], base_url: servers[n]?.baseUrl ?? "", api_key: "test", priority: n },
      })),
      tools: [look],
    },
    { findModule: ({ id }) => Promise.resolve(MODULES[id]) },
  );
  onTestFinished(() => session.close());
  return session;
}

/** Runs a turn and stops it as soon as its text has this delta. */
async function stopAt(session: Session, prompt: string, delta: string): Promise<void> {
  for await (const { type, data } of session.stream(prompt)) {
    if (type === "content_block:delta" && data.delta === delta) session.cancel();
  }
}

const bodyOf = (server: ModelServer, number: number): string => JSON.stringify(server.requests[number - 1]?.body);

const PAIRS = WIRES.flatMap((from) => WIRES.filter((to) => to !== from).map((to) => ({ from, to })));

describe.each(PAIRS)("from $from to $to", ({ from, to }) => {
  test("a conversation with everything in it goes on, and comes back", async () => {
    const first = await startServer(from, [
      ...round(from),
      reply(...own(from), unfinished(text("Once upon", " a time")), hangs()),
      reply(...own(from), text("I begin. "), unfinished(toolCall("half.1", "look", { at: "moon" })), hangs()),
      refuses("overloaded"),
      ...round(from),
    ]);
    const second = await startServer(to, round(to));
    const session = await openSession([from, to], [first, second]);

    expect(await session.execute([{ type: "text", text: "What is this?" }, IMAGE])).toBe(`${from} says: blue.`);
    await stopAt(session, "Tell me a story", " a time");
    await stopAt(session, "Look again", "I begin. ");
    expect(await session.execute("And now?")).toBe(`${to} says: blue.`);
    expect(await session.execute("And in the end?")).toBe(`${from} says: blue.`);

    const moved = bodyOf(second, 1);
    for (const said of ["What is this?", PIXEL, `Let ${from} look. `, "Once upon a time", "I begin. ", "And now?"]) {
      expect(moved).toContain(said);
    }
    expect(moved).not.toMatch(new RegExp(`${from}-(?:thought|query|hidden|code)|srvtoolu`, "iu"));
    const back = bodyOf(first, first.requests.length);
    expect(back).not.toMatch(new RegExp(`${to}-(?:thought|query|code)`, "iu"));
    for (const part of own(from)) {
      if (from !== "openai" && "block" in part) expect(back).toContain(marked(part.block));
    }
    expect([first.requests.length, second.requests.length]).toEqual([7, 2]);
  });
});

/** What tells a block of `own` from all others. */
function marked(block: unknown): string {
  return /[A-Z]+-(?:THOUGHT|QUERY|CODE)|QU5USF\w+|srvtoolu_1/u.exec(JSON.stringify(block))?.[0] ?? "";
}

test.each(["anthropic", "gemini"] as const)(
  "another model of %s is not sent what the first one signed",
  async (wire) => {
    const server = await startServer(wire, [...round(wire), reply(text("Yes."))]);
    const session = await openSession([wire], [server]);
    await session.execute("Look");
    const other = { anthropic: "claude-haiku-4-5", gemini: "gemini-3-flash" }[wire];
    for await (const _event of session.stream("Sure?", { model: other }));
    expect(session.lastTurn).toMatchObject({ status: "success", text: "Yes." });
    expect(server.requests.at(-1)?.body["model"]).toBe(other);
    expect(bodyOf(server, 3)).not.toContain("-THOUGHT");
  },
);
