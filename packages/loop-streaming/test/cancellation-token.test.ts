/**
 * What the loop does with the session's cancellation token: it says which tools run, tells the callbacks of a stop, and a
 * stop reaches the sessions below. The next turn begins as if nothing had been.
 */
import { CancellationToken, type CancelMode } from "amplifier-core";
import { answer, hangs, recordTurn, text, toolCall } from "amplifier-testkit";
import { expect, test } from "vitest";
import { loopSession } from "./loop-session.ts";
import { gatedTool, tool } from "./test-tools.ts";

test("tools that run are known to whoever waits for them, by the name people know, and only while they run", async () => {
  const [held, child] = [gatedTool("slow"), gatedTool("delegate")];
  const { session } = await loopSession({
    script: [answer(toolCall("c1", "slow"), toolCall("c2", "delegate", { agent: "explorer" })), answer(text("Done."))],
    tools: [held.tool, child.tool],
  });
  const { runningTools } = session.coordinator.cancellation;
  const turn = recordTurn(session, "Go");
  await Promise.all([held.gateOf("c1").reached, child.gateOf("c2").reached]);
  expect([...runningTools]).toEqual([
    ["c1", "slow"],
    ["c2", "explorer"],
  ]);
  held.gateOf("c1").open();
  child.gateOf("c2").open();
  await turn;
  expect([...runningTools]).toEqual([]);
});

test("a tool that throws runs no longer either", async () => {
  const broken = tool("broken", () => Promise.reject(new Error("no luck")));
  const { session } = await loopSession({
    script: [answer(toolCall("c1", "broken")), answer(text("Sorry."))],
    tools: [broken],
  });
  await session.execute("Go");
  expect(session.coordinator.cancellation.runningTools.size).toBe(0);
});

test.each<CancelMode>(["graceful", "immediate"])(
  "a %s stop is told to the callbacks once, in order, between its two events; one that fails is named",
  async (mode) => {
    const heard: string[] = [];
    const { session, clock } = await loopSession({
      script: [answer(hangs())],
      warnings: [/^A cancel callback failed: Error: no luck$/],
      hooks: [
        {
          name: "watching",
          events: {
            "cancel:requested": () => void heard.push("cancel:requested"),
            "cancel:completed": () => void heard.push("cancel:completed"),
          },
        },
      ],
    });
    const { cancellation } = session.coordinator;
    cancellation.onCancel(() => Promise.reject(new Error("no luck")));
    cancellation.onCancel(() => void heard.push("callback"));
    cancellation.onCancel(() => void heard.push("taken away"))();
    const turn = recordTurn(session, "Go");
    await clock.advance(0);
    session.cancel(mode);
    await turn;
    expect(heard).toEqual(["cancel:requested", "callback", "cancel:completed"]);
  },
);

test("a callback that never returns is left behind within the bound of everything after a stop", async () => {
  const { session, clock } = await loopSession({ script: [answer(hangs())] });
  session.coordinator.cancellation.onCancel(() => new Promise(() => undefined));
  const turn = recordTurn(session, "Go");
  await clock.advance(0);
  session.cancel();
  await clock.advance(30);
  expect((await turn).events.at(-1)).toMatchObject({ type: "prompt:complete", data: { status: "cancelled" } });
});

test("a stop reaches the token of a child session at once; the next turn begins without one", async () => {
  const { session, clock } = await loopSession({ script: [answer(hangs()), answer(text("Hello."))] });
  const { cancellation } = session.coordinator;
  const child = new CancellationToken();
  cancellation.registerChild(child);
  const turn = recordTurn(session, "Go");
  await clock.advance(0);
  session.cancel("graceful");
  expect(child.state).toBe("graceful");
  session.cancel("immediate");
  expect(child.state).toBe("immediate");
  await turn;
  expect(await session.execute("Again")).toBe("Hello.");
  expect([cancellation.state, child.state]).toEqual(["none", "immediate"]);
});
