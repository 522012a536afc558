/**
 * Owns the script of a server: which answer a request gets. A request it has no answer for is an error.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { JsonObject } from "./json.ts";
import type { Refusal, WholeAnswer } from "./refusal.ts";
import type { Reply } from "./reply.ts";
import type { Problem } from "./request-rule.ts";

/** A request for an answer, as the server got it. */
export interface SeenRequest {
  /** Counted from 1. */
  readonly number: number;
  /** The parsed body, with what the address says instead of it (Gemini's model); `{}` when it was no JSON object. */
  readonly body: JsonObject;
  /** Without the key. */
  readonly headers: IncomingHttpHeaders;
  /** What the API would refuse; the first of them is what the client was told. */
  readonly problems: readonly Problem[];
  /** Resolves when the exchange is over. `whole`: the server sent all it had; else it was cut or left by the client. */
  readonly closed: Promise<{ readonly whole: boolean }>;
}

/** What is answered in the end. */
export type ScriptedAnswer = Reply | Refusal | WholeAnswer;

/** Decides on an answer when it sees the request; what it throws fails the request and the test. */
export type ScriptFunction = (request: SeenRequest) => ScriptEntry | Promise<ScriptEntry>;

/** The answer to one request. */
export type ScriptEntry = ScriptedAnswer | ScriptFunction;

/** Gives out the answers of a list in order, or asks one function for all of them. */
export class Script {
  readonly #entries: ScriptEntry[];
  readonly #forAll: ScriptFunction | null;
  #played = 0;

  constructor(script: readonly ScriptEntry[] | ScriptFunction) {
    this.#forAll = typeof script === "function" ? script : null;
    this.#entries = typeof script === "function" ? [] : [...script];
  }

  /** @throws TypeError when one function answers everything already. */
  add(entries: readonly ScriptEntry[]): void {
    if (this.#forAll !== null) throw new TypeError("This script is a function; it answers every request already.");
    this.#entries.push(...entries);
  }

  /** The answer to `request`. @throws Error when the script has none, and what its functions throw. */
  async answerTo(request: SeenRequest): Promise<ScriptedAnswer> {
    let entry = this.#forAll ?? this.#entries[this.#played++];
    while (typeof entry === "function") entry = await entry(request);
    if (entry !== undefined) return entry;
    throw new Error(`Request ${request.number} is not in the script of ${this.#entries.length}.`);
  }
}
