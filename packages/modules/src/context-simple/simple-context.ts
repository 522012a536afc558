/**
 * Owns the messages of one session, in memory, in the order they came. Does not compact or persist.
 * Invariant: what is stored is a deeply frozen copy; nothing a caller holds can change it, and no array is shared.
 */
import type { ContextManager, Message } from "amplifier-core";

/** A `ContextManager` that keeps everything and gives everything. */
export class SimpleContext implements ContextManager {
  #messages: Message[] = [];

  /** Stores a copy of `message` at the end. */
  async addMessage(message: Message): Promise<void> {
    this.#messages.push(frozenCopy(message));
  }

  /** All messages, oldest first; the array is the caller's own. */
  async getMessages(): Promise<readonly Message[]> {
    return [...this.#messages];
  }

  /** The same as `getMessages`: this context never leaves anything out. */
  async getMessagesForRequest(): Promise<readonly Message[]> {
    return [...this.#messages];
  }

  /** Replaces all messages by copies of these. */
  async setMessages(messages: readonly Message[]): Promise<void> {
    this.#messages = messages.map(frozenCopy);
  }

  /** Forgets all messages. */
  async clear(): Promise<void> {
    this.#messages = [];
  }
}

// Not structuredClone: it copies the characters of every string, and a message may hold megabytes of image.
function frozenCopy<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy)) as T;
  const entries = Object.entries(value).map(([key, field]) => [key, frozenCopy(field)] as const);
  return Object.freeze(Object.fromEntries(entries)) as T;
}
