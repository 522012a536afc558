/**
 * Owns the beginning of a turn: its first events, and the person's message in the conversation.
 */
import type { Prompt } from "amplifier-core";
import type { Turn } from "../turn/turn.ts";

/** Raises `execution:start` and `prompt:submit`; a prompt that is not denied enters the context, as hooks changed it. */
export async function startTurn(turn: Turn): Promise<void> {
  await turn.emit("execution:start", { prompt: turn.input.prompt }, { signal: turn.stop.signal });
  let prompt: Prompt = turn.input.prompt;
  let enters = true;
  await turn.ask(
    "prompt:submit",
    { prompt },
    {
      stored: (decision) => {
        turn.noteDenial(decision);
        // Also where nobody said no because the turn stopped first: what was to be allowed and was not does not enter.
        enters = decision.action !== "deny";
        prompt = decision.data.prompt;
        return decision.data;
      },
    },
  );
  await turn.addInjections();
  if (enters) await turn.addMessage({ role: "user", content: prompt });
}
