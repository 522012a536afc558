/**
 * Owns the smallest conversation memory there is: an array. It compacts nothing and mends nothing, so what a loop stores
 * is what a test sees.
 */
import type { ContextManager, Message } from "amplifier-core";

/** A `ContextManager` that keeps what it is given, in order. */
export class ArrayContext implements ContextManager {
  #messages: readonly Message[];

  constructor(messages: readonly Message[] = []) {
    this.#messages = [...messages];
  }

  addMessage(message: Message): Promise<void> {
    this.#messages = [...this.#messages, message];
    return Promise.resolve();
  }

  getMessages(): Promise<readonly Message[]> {
    return Promise.resolve(this.#messages);
  }

  getMessagesForRequest(): Promise<readonly Message[]> {
    return Promise.resolve(this.#messages);
  }

  setMessages(messages: readonly Message[]): Promise<void> {
    this.#messages = [...messages];
    return Promise.resolve();
  }

  clear(): Promise<void> {
    this.#messages = [];
    return Promise.resolve();
  }
}
