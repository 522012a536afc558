/**
 * Owns the conversation of the running program and what outlives it: when a new one begins, the plan and a loaded model
 * stay.
 */
import type { CallOptions, Session } from "amplifier-core";

/** A session of a plan, which can be had anew. */
export class StartedSession {
  /** For every turn. */
  readonly options: CallOptions;
  readonly #create: () => Promise<Session>;
  readonly #release: () => Promise<void>;
  #session: Session;

  constructor(parts: {
    readonly session: Session;
    readonly create: () => Promise<Session>;
    readonly options: CallOptions;
    readonly release?: () => Promise<void>;
  }) {
    this.#session = parts.session;
    this.#create = parts.create;
    this.options = parts.options;
    this.#release = parts.release ?? (() => Promise.resolve());
  }

  /** The current conversation. */
  get session(): Session {
    return this.#session;
  }

  /** Begins a new conversation with the same modules and ends the old one. */
  async restart(): Promise<void> {
    const next = await this.#create();
    await this.#session.close();
    this.#session = next;
  }

  /** Ends the conversation and gives back what was loaded for it. */
  async close(): Promise<void> {
    await this.#session.close();
    await this.#release();
  }
}
