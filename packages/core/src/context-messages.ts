/**
 * Owns how a message enters the conversation: the context stores it, and the log has it as `context:message`, so that
 * the conversation can be rebuilt from the log whatever the context is.
 */
import { frozenCopy } from "./events/frozen-copy.ts";
import type { Message } from "./messages/message.ts";
import type { ContextManager } from "./ports/context-manager.ts";
import type { HookRegistry } from "./ports/hook-registry.ts";

/** Adds a copy of `message` to the context and raises `context:message`. Rejects with what the context throws. */
export async function addMessage(
  message: Message,
  to: { readonly context: ContextManager; readonly hooks: HookRegistry; readonly signal?: AbortSignal },
): Promise<void> {
  const stored = frozenCopy(message);
  await to.context.addMessage(stored);
  await to.hooks.emit("context:message", { message: stored }, to.signal ? { signal: to.signal } : {});
}
