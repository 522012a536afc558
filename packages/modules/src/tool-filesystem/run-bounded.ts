/**
 * Owns a time limit on synchronous matching. Patterns come from a model, and one like `(a+)+$` can run for hours inside a
 * single call that no signal can reach; V8 can stop it through the timeout of `vm`. This is a timer, not a sandbox.
 */
import { createContext, Script } from "node:vm";
import { systemCode, ToolFailure } from "./tool-failure.ts";

/** Longest time one piece of matching may hold the process, in milliseconds. It takes under 10 otherwise. */
export const MATCH_LIMIT_MS = 250;

const script = new Script("run()");
const sandbox: { run: () => void } = { run: () => {} };
const context = createContext(sandbox);

/**
 * Runs `work` at once and gives its result.
 * @throws ToolFailure when it takes longer than `MATCH_LIMIT_MS`; `pattern` names the culprit.
 */
export function runBounded<T>(pattern: string, work: () => T): T {
  const results: T[] = [];
  sandbox.run = () => void results.push(work());
  try {
    script.runInContext(context, { timeout: MATCH_LIMIT_MS });
  } catch (error) {
    if (systemCode(error) !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    throw new ToolFailure(
      `The pattern "${pattern}" took too long to match and was stopped. Use a simpler one, without nested repetition.`,
    );
  } finally {
    sandbox.run = () => {};
  }
  return results[0] as T;
}
