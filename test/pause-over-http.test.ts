/**
 * An answer that its API pauses, over a real socket with a strict server: the turn goes on by itself with what there is,
 * and what the API's own tools did is handed back as it came.
 */
import { createSession } from "amplifier-core";
import * as loopStreaming from "amplifier-module-loop-streaming";
import * as contextSimple from "amplifier-modules/context-simple";
import * as anthropic from "amplifier-providers/anthropic";
import { finish, outlineEvents, recordTurn, signed, text, thinking, whole } from "amplifier-testkit";
import { type ModelServer, reply, startAnthropicServer, type WirePart } from "amplifier-testkit/servers";
import { expect, onTestFinished, test } from "vitest";

const MODEL = "claude-opus-4-6";
const MODULES: Readonly<Record<string, unknown>> = {
  "loop-streaming": loopStreaming,
  "context-simple": contextSimple,
  "provider-anthropic": anthropic,
};

const SEARCH = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "news" } };
const FOUND = { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] };
const opaque = (data: Readonly<Record<string, unknown>>): WirePart => whole({ type: "opaque", data });

async function start(...answers: readonly (readonly WirePart[])[]) {
  const server = await startAnthropicServer({ script: answers.map((parts) => reply(...parts)) });
  // It also tells of requests that the API would have refused.
  onTestFinished(() => server.close());
  const config = { base_url: server.baseUrl, api_key: "test", model: MODEL };
  const session = await createSession(
    {
      session: { orchestrator: { module: "loop-streaming", config: { buffer_size: 1 } } },
      providers: [{ module: "provider-anthropic", config }],
    },
    { findModule: ({ id }) => Promise.resolve(MODULES[id]) },
  );
  onTestFinished(() => session.close());
  return { server, session };
}

/** The content of each message of a request, without the marks of the cache. */
function sent(server: ModelServer, number: number): unknown {
  const body = server.requests[number - 1]?.body ?? {};
  const messages = body["messages"] as readonly { readonly role: string; readonly content: readonly object[] }[];
  return messages.map(({ role, content }) => [
    role,
    ...content.map((block) => Object.fromEntries(Object.entries(block).filter(([key]) => key !== "cache_control"))),
  ]);
}

test("a paused answer is gone on with as it is, by a model that continues no other", async () => {
  const { server, session } = await start(
    [signed(thinking("Hm."), "c2ln"), text("I look. "), opaque(SEARCH), finish("pause")],
    [opaque(FOUND), text("All is well.")],
    [text("Yes.")],
  );
  const { events } = await recordTurn(session, "News?");
  expect(outlineEvents(events).filter((line) => /^(?:provider|execution):/u.test(line))).toEqual([
    'execution:start "News?"',
    "provider:request #1",
    "provider:response #1 pause",
    "provider:request #2",
    "provider:response #2 stop",
    'execution:end success "All is well." stop',
  ]);
  expect(session.lastTurn).toMatchObject({ status: "success", text: "All is well." });
  const paused = [{ type: "thinking", thinking: "Hm.", signature: "c2ln" }, { type: "text", text: "I look. " }, SEARCH];
  const prompt = ["user", { type: "text", text: "News?" }];
  expect(sent(server, 2)).toEqual([prompt, ["assistant", ...paused]]);
  await session.execute("Sure?");
  expect(sent(server, 3)).toEqual([
    prompt,
    ["assistant", ...paused, FOUND, { type: "text", text: "All is well." }],
    ["user", { type: "text", text: "Sure?" }],
  ]);
});

test("an answer that was stopped in its pause leaves no half of a search behind", async () => {
  const { server, session } = await start([text("I look. "), opaque(SEARCH), finish("pause")], [text("Yes.")]);
  for await (const { type } of session.stream("News?")) if (type === "provider:response") session.cancel();
  expect(session.lastTurn).toMatchObject({ status: "cancelled" });
  await session.execute("Never mind");
  expect(sent(server, 2)).toEqual([
    ["user", { type: "text", text: "News?" }],
    ["assistant", { type: "text", text: "I look. " }],
    ["user", { type: "text", text: "Never mind" }],
  ]);
});
