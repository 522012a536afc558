/**
 * Owns putting an answer into the conversation, when nothing more will be added to it.
 */
import type { Turn } from "../turn/turn.ts";

/** Stores what the model has said as one message. Rejects when the context refuses it; its calls still settle. */
export async function storeAnswer(turn: Turn): Promise<void> {
  const { answer } = turn;
  let phase: "stored" | "lost" = "lost";
  try {
    const { blocks = [], metadata } = answer ?? {};
    if (blocks.length > 0)
      await turn.addMessage({ role: "assistant", content: blocks, ...(metadata === undefined ? {} : { metadata }) });
    phase = "stored";
  } finally {
    turn.note({ type: "fact:answer_kept", phase });
  }
}
