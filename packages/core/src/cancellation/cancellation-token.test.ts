/**
 * The request to stop: how it grows, whom it reaches, and how it is taken back.
 */
import { describe, expect, it } from "vitest";
import { CancellationToken } from "./cancellation-token.ts";

describe("the state", () => {
  it("is none to begin with, and nobody is stopped", () => {
    const token = new CancellationToken();
    expect(stateOf(token)).toEqual(["none", { cancelled: false, graceful: false, immediate: false }]);
    expect([token.signal.aborted, token.immediateSignal.aborted]).toEqual([false, false]);
  });

  it("is graceful after a graceful request, which is the first one only once", () => {
    const token = new CancellationToken();
    expect([token.requestGraceful(), token.requestGraceful()]).toEqual([true, false]);
    expect(stateOf(token)).toEqual(["graceful", { cancelled: true, graceful: true, immediate: false }]);
  });

  it("is immediate after an immediate request, also one that follows a graceful one, and only once", () => {
    const [fresh, stopping] = [new CancellationToken(), new CancellationToken()];
    stopping.requestGraceful();
    for (const token of [fresh, stopping]) {
      expect([token.requestImmediate(), token.requestImmediate()]).toEqual([true, false]);
      expect(stateOf(token)).toEqual(["immediate", { cancelled: true, graceful: false, immediate: true }]);
    }
  });

  it("never goes back from immediate to graceful", () => {
    const token = new CancellationToken();
    token.requestImmediate();
    expect([token.requestGraceful(), token.state]).toEqual([false, "immediate"]);
  });
});

describe("the signals", () => {
  it("wake who listens: any request one signal, the immediate one the other, which is set first", () => {
    const token = new CancellationToken();
    const heard: string[] = [];
    token.signal.addEventListener("abort", () => heard.push(`any ${token.state}`));
    token.immediateSignal.addEventListener("abort", () => heard.push("immediate"));
    token.requestImmediate();
    expect(heard).toEqual(["immediate", "any immediate"]);
  });

  it("leave the immediate one alone on a graceful request", () => {
    const token = new CancellationToken();
    token.requestGraceful();
    expect([token.signal.aborted, token.immediateSignal.aborted]).toEqual([true, false]);
  });
});

describe("children", () => {
  it("are reached by each request, and no longer once they left", () => {
    const { parent, child } = family();
    const leaver = new CancellationToken();
    parent.registerChild(leaver);
    parent.unregisterChild(leaver);
    parent.requestGraceful();
    expect([child.state, leaver.state]).toEqual(["graceful", "none"]);
    parent.requestImmediate();
    expect([child.state, leaver.state]).toEqual(["immediate", "none"]);
  });

  it.each(["graceful", "immediate"] as const)("are told at once of a %s request from before they came", (mode) => {
    const parent = new CancellationToken();
    request(parent, mode);
    const late = new CancellationToken();
    parent.registerChild(late);
    expect(late.state).toBe(mode);
  });

  it("pass a request on to their own, and never back", () => {
    const { parent, child } = family();
    const grandchild = new CancellationToken();
    child.registerChild(grandchild);
    child.requestGraceful();
    expect([parent.state, grandchild.state]).toEqual(["none", "graceful"]);
    parent.requestImmediate();
    expect([child.state, grandchild.state]).toEqual(["immediate", "immediate"]);
  });

  it("may be registered in a circle: a request goes round once", () => {
    const [one, two] = [new CancellationToken(), new CancellationToken()];
    one.registerChild(two);
    two.registerChild(one);
    expect([one.requestGraceful(), two.requestImmediate()]).toEqual([true, true]);
    expect([one.state, two.state]).toEqual(["immediate", "immediate"]);
  });
});

describe("callbacks", () => {
  it("are not called by a request", () => {
    const { token, called } = withCallbacks(() => undefined);
    token.requestGraceful();
    token.requestImmediate();
    expect(called).toEqual([]);
  });

  it("are called in order, each when the one before is done, whatever one of them throws", async () => {
    const { token, called } = withCallbacks(
      async () => {
        await Promise.resolve();
        called.push("one is done");
      },
      () => Promise.reject(new Error("two")),
      () => {
        // oxlint-disable-next-line only-throw-error -- plain JavaScript throws anything
        throw undefined;
      },
      () => undefined,
    );
    const failures: unknown[] = [];
    await token.triggerCallbacks((error) => failures.push(error));
    expect(called).toEqual([0, "one is done", 1, 2, 3]);
    expect(failures).toEqual([new Error("two"), undefined]);
  });

  it("are called as often as they were registered, and no longer once they are taken away, also by one of them", async () => {
    const token = new CancellationToken();
    const called: string[] = [];
    const callback = (): void => void called.push("again");
    const removeFirst = token.onCancel(callback);
    token.onCancel(callback);
    token.onCancel(() => removeLast());
    const removeLast = token.onCancel(() => void called.push("never"));
    removeFirst();
    removeFirst();
    await token.triggerCallbacks(() => undefined);
    expect(called).toEqual(["again"]);
  });

  it("that one of them registers wait for the next time", async () => {
    const token = new CancellationToken();
    let called = 0;
    token.onCancel(() => void token.onCancel(() => void called++));
    await token.triggerCallbacks(() => undefined);
    expect(called).toBe(0);
  });
});

describe("running tools", () => {
  it("are known by id and by the name to show, until they are complete", () => {
    const token = new CancellationToken();
    token.registerToolStart("c1", "bash");
    token.registerToolStart("c2", "grep");
    token.registerToolStart("c3", "grep");
    token.registerToolComplete("c1");
    token.registerToolComplete("c1");
    expect([...token.runningTools]).toEqual([
      ["c2", "grep"],
      ["c3", "grep"],
    ]);
  });

  it("are not touched by a request", () => {
    const token = new CancellationToken();
    token.registerToolStart("c1", "bash");
    token.requestImmediate();
    expect([...token.runningTools.keys()]).toEqual(["c1"]);
  });
});

describe("a reset", () => {
  it("takes the request back and forgets the running tools; who listens gets new signals", () => {
    const token = new CancellationToken();
    token.registerToolStart("c1", "bash");
    token.requestImmediate();
    const { signal, immediateSignal } = token;
    token.reset();
    expect([token.state, token.runningTools.size]).toEqual(["none", 0]);
    expect([signal.aborted, immediateSignal.aborted]).toEqual([true, true]);
    expect([token.signal.aborted, token.immediateSignal.aborted]).toEqual([false, false]);
    expect(token.requestGraceful()).toBe(true);
  });

  it("without a request keeps the signals that others hold", () => {
    const token = new CancellationToken();
    const { signal } = token;
    token.reset();
    expect(token.signal).toBe(signal);
  });

  it("keeps children and callbacks, and leaves the children's own state alone", async () => {
    const { parent, child } = family();
    const called: string[] = [];
    parent.onCancel(() => void called.push("callback"));
    parent.requestGraceful();
    parent.reset();
    expect(child.state).toBe("graceful");
    parent.requestImmediate();
    await parent.triggerCallbacks(() => undefined);
    expect([child.state, called]).toEqual(["immediate", ["callback"]]);
  });
});

function stateOf({ state, isCancelled, isGraceful, isImmediate }: CancellationToken): unknown {
  return [state, { cancelled: isCancelled, graceful: isGraceful, immediate: isImmediate }];
}

function request(token: CancellationToken, mode: "graceful" | "immediate"): void {
  if (mode === "graceful") token.requestGraceful();
  else token.requestImmediate();
}

function family() {
  const [parent, child] = [new CancellationToken(), new CancellationToken()];
  parent.registerChild(child);
  return { parent, child };
}

/** A token whose callbacks note their number and then do what they are to do. */
function withCallbacks(...callbacks: readonly (() => void | Promise<void>)[]) {
  const token = new CancellationToken();
  const called: unknown[] = [];
  for (const [number, callback] of callbacks.entries()) {
    token.onCancel(() => {
      called.push(number);
      return callback();
    });
  }
  return { token, called };
}
