/**
 * The request to stop: how it grows, whom it reaches, and how it is taken back.
 */
import { describe, expect, it } from "vitest";
import { CancellationToken } from "./cancellation-token.ts";

describe("a cancellation token", () => {
  it("grows from none to graceful to immediate, and says who was first", () => {
    const token = new CancellationToken();
    expect([token.state, token.isCancelled]).toEqual(["none", false]);
    expect([token.requestGraceful(), token.requestGraceful(), token.state]).toEqual([true, false, "graceful"]);
    expect([token.requestImmediate(), token.requestImmediate(), token.state]).toEqual([true, false, "immediate"]);
    expect([token.requestGraceful(), token.state]).toEqual([false, "immediate"]);
  });

  it("wakes who listens: any request one signal, the immediate one the other, which is set first", () => {
    const token = new CancellationToken();
    const heard: string[] = [];
    token.signal.addEventListener("abort", () => heard.push(`any ${token.state}`));
    token.immediateSignal.addEventListener("abort", () => heard.push("immediate"));
    token.requestImmediate();
    expect(heard).toEqual(["immediate", "any immediate"]);
  });

  it("reaches children, also those that come later, and no longer those that left", () => {
    const parent = new CancellationToken();
    const [child, late, left] = [new CancellationToken(), new CancellationToken(), new CancellationToken()];
    parent.registerChild(child);
    parent.registerChild(left);
    parent.unregisterChild(left);
    parent.requestGraceful();
    parent.registerChild(late);
    expect([child.state, late.state, left.state]).toEqual(["graceful", "graceful", "none"]);
    parent.requestImmediate();
    expect([child.state, late.state, left.state]).toEqual(["immediate", "immediate", "none"]);
  });

  it("begins anew after a reset, with its children and callbacks", async () => {
    const token = new CancellationToken();
    const child = new CancellationToken();
    const called: string[] = [];
    token.registerChild(child);
    token.onCancel(() => void called.push("callback"));
    token.registerToolStart("c1", "bash");
    token.requestImmediate();
    const old = token.signal;
    token.reset();
    expect([token.state, token.signal === old, token.runningTools.size]).toEqual(["none", false, 0]);
    child.reset();
    token.requestGraceful();
    await token.triggerCallbacks(() => undefined);
    expect([child.state, called]).toEqual(["graceful", ["callback"]]);
  });

  it("runs its callbacks in order, and reports those that fail", async () => {
    const token = new CancellationToken();
    const called: unknown[] = [];
    token.onCancel(() => void called.push(1));
    token.onCancel(() => Promise.reject(new Error("two")));
    token.onCancel(() => void called.push(3));
    await token.triggerCallbacks((error) => called.push(error));
    expect(called).toEqual([1, new Error("two"), 3]);
  });

  it("fires no callback by itself", () => {
    const token = new CancellationToken();
    let called = 0;
    token.onCancel(() => void called++);
    token.requestImmediate();
    expect(called).toBe(0);
  });

  it("knows the tools that run", () => {
    const token = new CancellationToken();
    token.registerToolStart("c1", "bash");
    token.registerToolStart("c2", "grep");
    token.registerToolComplete("c1");
    expect([...token.runningTools]).toEqual([["c2", "grep"]]);
  });
});
