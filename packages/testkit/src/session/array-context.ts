/**
 * Owns the smallest conversation memory there is: an array. It compacts nothing and mends nothing, so what a loop stores
 * is what a test sees. Invariant: what is stored is frozen, and no list is shared.
 */
import { type ContextManager, frozenCopy, type Message } from "amplifier-core";

/** A `ContextManager` that keeps what it is given, in order. */
export class ArrayContext implements ContextManager {
  #messages: readonly Message[];

  constructor(messages: readonly Message[] = []) {
    this.#messages = frozenCopy(messages);
  }

  addMessage(message: Message): Promise<void> {
    this.#messages = [...this.#messages, frozenCopy(message)];
    return Promise.resolve();
  }

  getMessages(): Promise<readonly Message[]> {
    return Promise.resolve([...this.#messages]);
  }

  getMessagesForRequest(): Promise<readonly Message[]> {
    return Promise.resolve([...this.#messages]);
  }

  setMessages(messages: readonly Message[]): Promise<void> {
    this.#messages = frozenCopy(messages);
    return Promise.resolve();
  }

  clear(): Promise<void> {
    this.#messages = [];
    return Promise.resolve();
  }
}
