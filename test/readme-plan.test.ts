/**
 * The two TOML blocks of the original README, byte for byte, and what its `buffer_size` does to a recorded stream.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createSession, type Event } from "amplifier-core";
import { assertInvariants, FakeClock } from "amplifier-testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { newFolder, startCommand } from "./support/command.ts";
import { startModelServer } from "./support/model-server.ts";

const ORIGINAL_README = `[[orchestrators]]
module = "loop-streaming"
name = "streaming"
config = {
    buffer_size = 10,  # Tokens to buffer before flush
    max_turns = 10,
    timeout = 300
}
[session]
orchestrator = "loop-streaming"
`;

it("the plan of the original README mounts as it stands and runs a turn", async () => {
  const server = await startModelServer((answer) => answer.text("It ", "runs.").finish("stop"));
  onTestFinished(() => server.close());
  const cwd = newFolder();
  writeFileSync(join(cwd, "amplifier.toml"), ORIGINAL_README);
  const { finished } = startCommand(["run", "--plan", "amplifier.toml", "Does it?"], {
    cwd,
    env: server.env("openai"),
  });
  expect(await finished).toMatchObject({ code: 0, stdout: "It runs.\n" });
});

/** The payloads of a recorded answer: a real one where the recordings are, else the project's own. */
function recording(): string[] {
  const recordings = process.env["AMPLIFIER_WIRE_FIXTURES"];
  const file =
    recordings === undefined
      ? new URL("fixtures/chat-answer.chunks.txt", import.meta.url)
      : join(recordings, "openai-chat", "openai-text.chunks.txt");
  return readFileSync(file, "utf8").split("\n").filter(Boolean);
}

/** Serves the recording as one stream; resolves with the base URL. */
async function serveRecording(): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end([...recording(), "[DONE]"].map((payload) => `data: ${payload}\n\n`).join(""));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

async function deltasWith(bufferSize: number, baseUrl: string): Promise<string[]> {
  const session = await createSession(
    {
      session: { orchestrator: { module: "loop-streaming", config: { buffer_size: bufferSize } } },
      providers: [{ module: "provider-openai", config: { base_url: baseUrl, model: "recorded" } }],
    },
    // A clock that nobody moves: only the buffer decides.
    { clock: new FakeClock() },
  );
  const events: Event[] = [];
  for await (const event of session.stream("Go")) events.push(event);
  await session.close();
  assertInvariants(events);
  return events.flatMap((event) => (event.type === "content_block:delta" ? [event.data.delta] : []));
}

describe("buffer_size on a recorded stream", () => {
  it("1 shows every delta; n shows the first at once, then n at a time, and the rest at the end; the text is the same", async () => {
    const baseUrl = await serveRecording();
    const every = await deltasWith(1, baseUrl);
    expect(every.length).toBeGreaterThan(15);
    for (const size of [2, 10]) {
      const held = await deltasWith(size, baseUrl);
      const rest = every.slice(1);
      const flushes = Array.from({ length: Math.ceil(rest.length / size) }, (_, n) =>
        rest.slice(n * size, (n + 1) * size),
      );
      expect(held).toEqual([every[0], ...flushes.map((deltas) => deltas.join(""))]);
    }
  });
});
