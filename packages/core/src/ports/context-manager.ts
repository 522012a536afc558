/**
 * Owns the port to the conversation's memory. Order of messages is the order of `addMessage`; the system prompt is not
 * among them.
 */
import type { Message } from "../messages/message.ts";
import type { Provider } from "./provider.ts";

/** Keeps the messages of a session and gives the part of them that one request should carry. */
export interface ContextManager {
  addMessage(message: Message): Promise<void>;
  /** All messages, oldest first. */
  getMessages(): Promise<readonly Message[]>;
  /** What the next request carries: all messages, or fewer where the context compacts. */
  getMessagesForRequest(options: { readonly provider?: Provider }): Promise<readonly Message[]>;
  setMessages(messages: readonly Message[]): Promise<void>;
  clear(): Promise<void>;
}
