/**
 * Owns which file does which step.
 */
import { acknowledgeStop } from "./steps/acknowledge-stop.ts";
import { awaitTools } from "./steps/await-tools.ts";
import { callModel } from "./steps/call-model.ts";
import { finishTurn } from "./steps/finish-turn.ts";
import { injectSteers } from "./steps/inject-steers.ts";
import { recover } from "./steps/recover.ts";
import { startTurn } from "./steps/start-turn.ts";
import { storeAnswer } from "./steps/store-answer.ts";
import type { Step } from "./turn/decide.ts";
import { outcomeOf } from "./turn/outcome.ts";
import type { Turn } from "./turn/turn.ts";

/** Does one step. Resolves with the turn's text when it was the last one, else with null. What it throws ended the step. */
export async function perform(step: Step, turn: Turn): Promise<string | null> {
  switch (step.kind) {
    case "start_turn":
      await startTurn(turn);
      return null;
    case "acknowledge_stop":
      await acknowledgeStop(turn);
      return null;
    case "await_tools":
      await awaitTools(turn);
      return null;
    case "call_model":
      await callModel(turn, step.call);
      return null;
    case "recover":
      await recover(turn, step);
      return null;
    case "store_answer":
      await storeAnswer(turn);
      return null;
    case "inject_steers":
      await injectSteers(turn, step.all);
      return null;
    case "finish_turn":
      return finishTurn(turn, { step, outcome: outcomeOf(turn.state, step) });
  }
}
