/**
 * Owns the loop: decide, perform, again, until a step has the turn's text. What is decided is `decide`'s, what a step does
 * is its own file's; here is only that every way out goes through the closing events.
 */
import { perform } from "./perform.ts";
import { decide } from "./turn/decide.ts";
import type { Turn } from "./turn/turn.ts";

/**
 * Runs a turn to its end and resolves with the text of its last answer.
 * Rejects, after the closing events, with the first error of the turn: the provider's own, the caller's abort reason, or
 * AmplifierError `turn_timeout`, `no_provider`, `log_append_failed`.
 */
export async function runTurn(turn: Turn): Promise<string> {
  try {
    for (;;) {
      const step = decide(turn.state, turn.config);
      const text = await perform(step, turn).catch((error: unknown) => {
        // What the closing step throws is the caller's; anything else is a reason to close.
        if (step.kind === "finish_turn") throw error;
        turn.note({ type: "fact:failed", error });
        return null;
      });
      if (text !== null) return text;
    }
  } finally {
    turn.dispose();
  }
}
