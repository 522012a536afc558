/**
 * Owns a person who answers as written down. A question nobody expected is an error, and so is an answer nobody asked for.
 */
import type { ApprovalRequest, ApprovalSystem } from "amplifier-core";
import { Gate } from "../gate.ts";

/**
 * What the person does: chooses, throws, waits behind a gate and then chooses, or never answers. `deaf`: the question's
 * signal is ignored.
 */
export type ScriptedReply =
  | string
  | { readonly fails: Error }
  | { readonly gate: Gate; readonly choice: string }
  | { readonly hangs: "until_withdrawn" | "deaf" };

/** Answers questions in order. */
export class ScriptedApprovals implements ApprovalSystem {
  readonly questions: ApprovalRequest[] = [];
  readonly #replies: readonly ScriptedReply[];

  constructor(replies: readonly ScriptedReply[]) {
    this.#replies = replies;
  }

  async requestApproval(request: ApprovalRequest): Promise<string> {
    this.questions.push(request);
    const reply = this.#replies[this.questions.length - 1];
    if (reply === undefined) throw new Error(`Nobody expected the question: ${request.prompt}`);
    if (typeof reply === "string") return reply;
    if ("fails" in reply) throw reply.fails;
    if ("hangs" in reply) {
      await new Gate().pass(reply.hangs === "deaf" ? undefined : request.signal);
      throw new Error("A gate that nobody can open was opened.");
    }
    await reply.gate.pass(request.signal);
    return reply.choice;
  }

  /** @throws Error unless every reply was asked for, and nothing more. */
  assertDone(): void {
    if (this.questions.length === this.#replies.length) return;
    const asked = this.questions.map(({ prompt }) => prompt).join("; ");
    throw new Error(
      `${this.#replies.length} questions were expected, ${this.questions.length} asked: ${asked || "none"}.`,
    );
  }
}
