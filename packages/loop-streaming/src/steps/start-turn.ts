/**
 * Owns the beginning of a turn: its first events, and the person's message in the conversation.
 */
import type { Prompt } from "amplifier-core";
import type { Turn } from "../turn/turn.ts";

/** Raises `execution:start` and `prompt:submit`; a prompt that is not denied enters the context, as hooks changed it. */
export async function startTurn(turn: Turn): Promise<void> {
  await turn.emit("execution:start", { prompt: turn.input.prompt }, { signal: turn.stop.signal });
  let prompt: Prompt = turn.input.prompt;
  let denied = false;
  await turn.ask(
    "prompt:submit",
    { prompt },
    {
      stored: (decision) => {
        denied = turn.noteDenial(decision);
        prompt = decision.data.prompt;
        return decision.data;
      },
    },
  );
  await turn.addInjections();
  if (!denied) await turn.addMessage({ role: "user", content: prompt });
}
