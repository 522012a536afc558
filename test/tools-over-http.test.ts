/**
 * The whole command over both wires, with a stranger's tool from the plan's folder: calls run together, the first one starts
 * before the model's message has ended, results are stored in the order of the calls. Nothing here waits for time: the
 * server ends its message only after the tool has started.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Finished, newFolder, startCommand } from "./support/command.ts";
import { type ModelServer, startModelServer, type Wire } from "./support/model-server.ts";

const SLOW = `
export const moduleType = "tool";
export function mount(coordinator, { origin }) {
  coordinator.mount("tools", {
    name: "slow",
    description: "Waits until it may go on",
    inputSchema: { type: "object", properties: { n: { type: "integer" } }, required: ["n"] },
    execute: async ({ n }, { signal }) => {
      await fetch(origin + "/started", { signal });
      return "result " + n;
    },
  });
}
`;

let server: ModelServer;
let folder: string;
beforeEach(() => {
  folder = newFolder();
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function runPlan(wire: Wire): Promise<Finished> {
  writeFileSync(join(folder, "slow.mjs"), SLOW);
  const plan = `
    [session]
    orchestrator = "loop-streaming"
    [[tools]]
    module = "slow"
    source = "./slow.mjs"
    config = { origin = "${server.origin}" }
  `;
  writeFileSync(join(folder, "plan.toml"), plan);
  const args = ["run", "--json", "--plan", join(folder, "plan.toml"), "Go"];
  return startCommand(args, { cwd: folder, env: server.env(wire) }).finished;
}

/** What the model was told of each call, in the order it was told. */
function results(body: Record<string, unknown> | undefined): unknown[] {
  const messages = body?.["messages"] as { role: string; content: unknown; tool_call_id?: string }[];
  const chat = messages
    .filter(({ role }) => role === "tool")
    .map(({ tool_call_id, content }) => [tool_call_id, content]);
  if (chat.length > 0) return chat;
  const last = messages.at(-1)?.content as { type: string; tool_use_id: string; content: unknown }[];
  return last.map(({ tool_use_id, content }) => [tool_use_id, content]);
}

describe.each(["openai", "anthropic"] as const)("over the %s wire", (wire) => {
  it("three calls run at once, the first before the message has ended, and results keep the calls' order", async () => {
    server = await startModelServer(
      async (answer) => {
        answer.text("Working.").call("c1", "slow", { n: 1 });
        // The Chat wire says only with the next call, or here with its closed JSON object, that a call is whole.
        await server.started(1);
        answer.call("c2", "slow", { n: 2 }).call("c3", "slow", { n: 3 });
        await server.started(3);
        answer.finish("tool_calls");
        server.letGo();
      },
      (answer) => answer.text("Done.").finish("stop"),
    );
    const { code, stdout, stderr } = await runPlan(wire);
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    expect(results(server.bodies[1])).toEqual([
      ["c1", "result 1"],
      ["c2", "result 2"],
      ["c3", "result 3"],
    ]);
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; data: Record<string, unknown> });
    const order = events.map(({ type, data }) => (type === "tool:pre" ? `pre ${String(data["tool_call_id"])}` : type));
    expect(order.indexOf("pre c1")).toBeLessThan(order.indexOf("provider:response"));
    expect(order.indexOf("pre c3")).toBeLessThan(order.indexOf("tool:post"));
    expect(events.at(-1)).toMatchObject({ type: "prompt:complete", data: { response: "Done.", status: "success" } });
  });

  it("a lone call starts before the message has ended", async () => {
    server = await startModelServer(
      async (answer) => {
        answer.call("c1", "slow", { n: 1 });
        await server.started(1);
        answer.finish("tool_calls");
        server.letGo();
      },
      (answer) => answer.text("Done.").finish("stop"),
    );
    expect(await runPlan(wire)).toMatchObject({ code: 0 });
    expect(results(server.bodies[1])).toEqual([["c1", "result 1"]]);
  });
});
