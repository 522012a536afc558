/**
 * Owns which file does which step.
 */
import { acknowledgeStop } from "./steps/acknowledge-stop.ts";
import { awaitTools } from "./steps/await-tools.ts";
import { callModel } from "./steps/call-model.ts";
import { finishTurn } from "./steps/finish-turn.ts";
import { startTurn } from "./steps/start-turn.ts";
import type { Step } from "./turn/decide.ts";
import type { Turn } from "./turn/turn.ts";

/** Does one step. What it throws becomes the turn's failure. */
export function perform(step: Exclude<Step, { kind: "end" }>, turn: Turn): Promise<void> {
  switch (step.kind) {
    case "start_turn":
      return startTurn(turn);
    case "acknowledge_stop":
      return acknowledgeStop(turn);
    case "await_tools":
      return awaitTools(turn);
    case "call_model":
      return callModel(turn, step.wrapUp);
    case "finish_turn":
      return finishTurn(turn, step);
  }
}
