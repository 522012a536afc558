/**
 * Owns the port to the loop: one call is one turn, from the person's prompt to the final answer.
 */
import type { SteerMode } from "../events/event-map.ts";
import type { Event } from "../events/event.ts";
import type { CallOptions } from "../messages/chat.ts";
import type { Prompt } from "../messages/content-block.ts";
import type { ContextManager } from "./context-manager.ts";
import type { HookRegistry } from "./hook-registry.ts";
import type { ModuleCoordinator } from "./module-coordinator.ts";
import type { Provider } from "./provider.ts";
import type { Tool } from "./tool.ts";

/** Everything a turn works with. */
export interface TurnInput {
  readonly prompt: Prompt;
  readonly context: ContextManager;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly hooks: HookRegistry;
  readonly coordinator?: ModuleCoordinator;
  /** Aborting it stops the turn immediately; the call then rejects, after the closing events. */
  readonly signal?: AbortSignal;
  /** The system prompt, put in front of every request. */
  readonly system?: string;
  readonly options?: CallOptions;
}

/** What whoever steers gets. Each steer ends in `orchestrator:steering_injected` or `orchestrator:steering_returned`. */
export interface SteerReceipt {
  readonly id: string;
  /** Takes it back; false when it has entered, or was handed back, before. */
  readonly withdraw: () => boolean;
}

/**
 * The capability `session.steer`: a message of the person for the running turn. `mode` default `next`.
 * @throws AmplifierError `steer_refused` when no turn runs, the text is blank, or 100 wait already
 */
export type SteerTurn = (text: string, options?: { readonly mode?: SteerMode }) => SteerReceipt;

/** Runs turns. State lives in the turn, so one orchestrator may run several sessions at once. */
export interface Orchestrator {
  /** Resolves with the text of the last iteration; rejects with the original error after the closing events. */
  execute(input: TurnInput): Promise<string>;
  /** The same turn as a stream of its events. Nothing runs before the first `next()`; `return()` stops it at once. */
  stream?(input: TurnInput): AsyncIterable<Event>;
}
