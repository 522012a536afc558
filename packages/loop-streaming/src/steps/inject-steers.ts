/**
 * Owns letting steers into the conversation.
 */
import { ORCHESTRATOR } from "../orchestrator-name.ts";
import type { Turn } from "../turn/turn.ts";

/** Adds each waiting steer as a message of the person: those for the next model call, or `all`. */
export async function injectSteers(turn: Turn, all: boolean): Promise<void> {
  const steers = turn.steering.take(all);
  for (const [index, { id, content, mode }] of steers.entries()) {
    await turn.addMessage({ role: "user", content });
    await turn.emit("orchestrator:steering_injected", {
      orchestrator: ORCHESTRATOR,
      id,
      content,
      mode,
      iteration: turn.state.iteration,
      queued_remaining: steers.length - index - 1,
      metadata: null,
    });
  }
}
