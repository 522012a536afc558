/**
 * Stopping over real sockets, on both wires: the provider's connection closes, what came is kept, the bracket is whole, and
 * the next prompt just works: its request is one the APIs take.
 */
import { createSession, type Event, type Session } from "amplifier-core";
import { assertInvariants } from "amplifier-testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Exchange, startModelServer, type Wire } from "./support/model-server.ts";

async function sessionOver(wire: Wire, first: (answer: Exchange) => void) {
  let closed: Promise<void> = Promise.reject(new Error("no request came"));
  closed.catch(() => undefined);
  const server = await startModelServer(
    (answer) => {
      closed = answer.closed;
      first(answer);
    },
    (answer) => answer.text("Fine.").finish("stop"),
  );
  onTestFinished(() => server.close());
  const base_url = wire === "openai" ? `${server.origin}/v1` : server.origin;
  const session = await createSession({
    session: { orchestrator: { module: "loop-streaming", config: { buffer_size: 1 } } },
    providers: [{ module: `provider-${wire}`, config: { base_url, api_key: "test", model: "scripted" } }],
  });
  onTestFinished(() => session.close());
  return { session, server, closed: () => closed };
}

/** The events of a turn that is left, as the log has them afterwards. */
async function nextTurn(session: Session): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of session.stream("Go on")) events.push(event);
  return events;
}

function roles(body: Record<string, unknown> | undefined): unknown[] {
  return ((body?.["messages"] ?? []) as { role: string }[]).map(({ role }) => role);
}

describe.each(["openai", "anthropic"] as const)("over the %s wire", (wire) => {
  it("a cancelled answer keeps its text, and the next request carries it", async () => {
    const { session, server, closed } = await sessionOver(wire, (answer) => answer.text("Once upon", " a time"));
    const events: Event[] = [];
    for await (const event of session.stream("Tell me a story")) {
      events.push(event);
      if (event.type === "content_block:delta" && event.data.delta === " a time") session.cancel("graceful");
    }
    await closed();
    assertInvariants(events);
    expect(events.slice(-7).map(({ type }) => type)).toEqual([
      "provider:error",
      "context:message",
      "cancel:requested",
      "cancel:completed",
      "execution:end",
      "orchestrator:complete",
      "prompt:complete",
    ]);
    expect(session.lastTurn).toMatchObject({ status: "cancelled", text: "Once upon a time" });
    expect((await nextTurn(session)).at(-1)).toMatchObject({ data: { response: "Fine.", status: "success" } });
    expect(roles(server.bodies[1])).toEqual(["user", "assistant", "user"]);
    expect(JSON.stringify(server.bodies[1])).toContain("Once upon a time");
  });

  it("a slow consumer that leaves in the middle of thinking closes the socket, and half a thought is not sent back", async () => {
    const { session, server, closed } = await sessionOver(wire, (answer) =>
      answer.thinking(...Array.from({ length: 500 }, (_, n) => `thought ${n}. `)),
    );
    const seen: Event[] = [];
    for await (const event of session.stream("Think")) {
      seen.push(event);
      if (event.type === "content_block:delta" && seen.length > 20) break;
    }
    await closed();
    expect(session.lastTurn).toMatchObject({ status: "cancelled" });
    const [, thought] = await session.messages();
    expect(thought?.content).toEqual([
      { type: "thinking", thinking: expect.stringContaining("thought 3. "), interrupted: true },
    ]);
    await nextTurn(session);
    expect(JSON.stringify(server.bodies[1])).not.toContain("thought 3");
    expect(roles(server.bodies[1]).filter((role) => role === "assistant")).toEqual([]);
  });
});
