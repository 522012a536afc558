/**
 * Owns the rules of `emitAndCollect`: everybody is asked for data, nobody decides anything, and failures are left out.
 */
import type { HookSubject } from "./hook-registry-contract.ts";
import type { Rules } from "./contract-test.ts";
import { demandEqual, resolved } from "./demand.ts";
import { answers, PAYLOAD } from "./raise.ts";

/** Long enough for handlers that answer at once, short enough to wait for one that never does. */
const PATIENCE_MS = 20;

/** What is collected, and from whom. */
export const COLLECTING: Rules<HookSubject> = {
  "collects the data of every handler that has some, in order": async ({ create, timeoutMs }) => {
    const hooks = await create();
    answers(hooks, { data: { n: 1 } });
    answers(hooks, undefined);
    answers(hooks, Promise.resolve({ action: "deny", data: { n: 2 } }));
    answers(hooks, { action: "modify", data: { n: 3 } });
    const collected = await resolved(hooks.emitAndCollect("tool:pre", PAYLOAD), collecting(timeoutMs));
    demandEqual(collected, [{ n: 1 }, { n: 2 }, { n: 3 }], {
      what: "the data collected",
      advice: "Actions mean nothing here; ask everybody.",
    });
  },

  "leaves out handlers that fail or take too long": async ({ create, timeoutMs }) => {
    const hooks = await create();
    hooks.register("tool:pre", () => {
      throw new Error("broken");
    });
    answers(hooks, { data: { n: 1 } });
    hooks.register("tool:pre", () => new Promise(() => undefined));
    answers(hooks, { data: { n: 2 } });
    const collected = hooks.emitAndCollect("tool:pre", PAYLOAD, { timeoutMs: PATIENCE_MS });
    demandEqual(await resolved(collected, collecting(timeoutMs)), [{ n: 1 }, { n: 2 }], {
      what: "the data collected beside failures",
      advice: "Give each handler timeoutMs, report the others and go on.",
    });
  },

  "collects nothing where nobody handles the event": async ({ create, timeoutMs }) => {
    const collected = (await create()).emitAndCollect("tool:pre", PAYLOAD);
    demandEqual(await resolved(collected, collecting(timeoutMs)), [], {
      what: "the data collected",
      advice: "Give [].",
    });
  },
};

function collecting(timeoutMs: number): { what: string; timeoutMs: number; advice: string } {
  const advice = "Bound each handler by the timeoutMs of the call (default 1000), and never reject because of one.";
  return { what: "emitAndCollect to resolve", timeoutMs, advice };
}
