/**
 * A turn is stopped at each of its events, and what it leaves behind is sent, with the next prompt, to servers that refuse
 * what the real APIs refuse: whatever the moment, they take it.
 */
import { createSession, defineTool } from "amplifier-core";
import { ArrayContext, drainMicrotasks, text } from "amplifier-testkit";
import { reply, startAnthropicServer, startChatServer } from "amplifier-testkit/servers";
import { expect, onTestFinished, test } from "vitest";
import { richSession, stopRichTurn, type StopWay } from "../packages/loop-streaming/test/rich-turn.ts";

const WIRES = {
  openai: { start: startChatServer, model: "gpt-4.1" },
  anthropic: { start: startAnthropicServer, model: "claude-sonnet-4-5" },
} as const;

const tools = ["deaf", "failing", "denied"].map((name) =>
  defineTool({ name, description: name, inputSchema: { type: "object" }, execute: () => "never called" }),
);

/** Stops a new rich turn; null when it is over before its event number `at`. */
async function conversationStoppedAt(at: number, way: StopWay) {
  const made = await richSession({});
  const events = await stopRichTurn(made, { at, way, place: "publication" });
  made.provider.dropRest();
  made.held.open();
  await drainMicrotasks();
  return events.length < at ? null : { type: events[at - 1]?.type, messages: await made.context.getMessages() };
}

test.each(["openai", "anthropic"] as const)("what any stop leaves behind is taken by the %s wire", async (wire) => {
  const { start, model } = WIRES[wire];
  const server = await start({ script: () => reply(text("Fine.")) });
  onTestFinished(() => server.close());
  const config = { base_url: server.baseUrl, api_key: "test", model };
  let asked = 0;
  for (const way of ["graceful", "immediate", "break"] as const) {
    for (let at = 1; ; at++) {
      const stopped = await conversationStoppedAt(at, way);
      if (stopped === null) break;
      const context = new ArrayContext();
      await context.setMessages(stopped.messages);
      const session = await createSession({
        session: { orchestrator: "loop-streaming", context },
        providers: [{ module: `provider-${wire}`, config }],
        tools,
      });
      const said = await session.execute("And now?").catch((error: unknown) => String(error));
      expect(`${way} at ${at} (${stopped.type}): ${said}`).toBe(`${way} at ${at} (${stopped.type}): Fine.`);
      await session.close();
      asked++;
    }
  }
  expect(asked).toBe(server.requests.length);
  expect(asked).toBeGreaterThan(180);
});
