/**
 * Owns the ports to the person: who answers a question and where messages for people go.
 */

/** A question to the person. `timeoutMs` bounds the wait; `default` is the answer when it runs out. */
export interface ApprovalRequest {
  readonly prompt: string;
  readonly options: readonly string[];
  readonly timeoutMs: number;
  readonly default: "allow" | "deny";
  readonly signal: AbortSignal;
}

/** Asks somebody. Resolves with one of `options`; rejects when `signal` is aborted. */
export interface ApprovalSystem {
  requestApproval(request: ApprovalRequest): Promise<string>;
}

/** How serious a message to the person is. */
export type MessageLevel = "info" | "warning" | "error";

/** Shows messages to the person, outside the conversation. Must not throw. */
export interface DisplaySystem {
  showMessage(message: string, level: MessageLevel, source: string): void;
}
