/**
 * Owns the port to the loop: one call is one turn, from the person's prompt to the final answer.
 */
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

/** Runs turns. State lives in the turn, so one orchestrator may run several sessions at once. */
export interface Orchestrator {
  /** Resolves with the text of the last iteration; rejects with the original error after the closing events. */
  execute(input: TurnInput): Promise<string>;
  /** The same turn as a stream of its events. Nothing runs before the first `next()`; `return()` stops it at once. */
  stream?(input: TurnInput): AsyncIterable<Event>;
}
