/**
 * A server that accepts a call and says nothing, with every API of a server: the loop waits `first_token_timeout`, asks once
 * more, and fails with an error that says what to raise. Time is moved by hand; the sockets are real.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createSession, type Event } from "amplifier-core";
import { assertInvariants, FakeClock } from "amplifier-testkit";
import { expect, it, onTestFinished, vi } from "vitest";
import { expectRow } from "../packages/providers/test/failures/expect-row.ts";

/** A server that takes calls for any host, as a proxy does, and never answers. */
async function silentServer() {
  const requests: IncomingMessage[] = [];
  const server = createServer((request) => void requests.push(request));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  // A model on this machine may take its time: so that the server is not on it, it is called through itself.
  vi.stubEnv("HTTP_PROXY", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  for (const name of ["http_proxy", "no_proxy", "NO_PROXY"]) vi.stubEnv(name, "");
  return requests;
}

it.each([
  ["openai", { api: "responses", base_url: "http://api.test/v1" }],
  ["openai", { api: "chat", base_url: "http://api.test/v1" }],
  ["anthropic", { base_url: "http://api.test" }],
  ["gemini", { base_url: "http://api.test" }],
])("%s with %j: one more try, then an error that says which limit to raise", async (provider, config) => {
  const requests = await silentServer();
  const clock = new FakeClock();
  const plan = {
    session: { orchestrator: { module: "loop-streaming", config: { retry: { jitter: 0 } } } },
    providers: [{ module: `provider-${provider}`, config: { ...config, api_key: "test", model: "m" } }],
  };
  const session = await createSession(plan, { clock });
  const events: Event[] = [];
  const turn = (async () => {
    for await (const event of session.stream("Hi")) events.push(event);
  })();
  const failed = turn.then(
    () => null,
    (error: unknown) => error,
  );
  for (const count of [1, 2]) {
    await vi.waitUntil(() => requests.length === count);
    await clock.advance(119_999);
    expect(requests[count - 1]?.socket.destroyed).toBe(false);
    await clock.advance(1);
    await vi.waitUntil(() => requests[count - 1]?.socket.destroyed);
    await clock.advance(1_000);
  }
  const error = await failed;
  expectRow(error, "silence");
  expect((error as Error).message).toBe(
    'The model sent nothing for 120 s, the limit "first_token_timeout"; raise "first_token_timeout" in the config of loop-streaming to allow more.',
  );
  assertInvariants(events);
  expect(events.map(({ type }) => type)).toEqual([
    "session:start",
    "execution:start",
    "prompt:submit",
    "context:message",
    "provider:request",
    "provider:retry",
    "provider:error",
    "execution:end",
    "orchestrator:complete",
    "prompt:complete",
  ]);
  await session.close();
  clock.assertIdle();
});
