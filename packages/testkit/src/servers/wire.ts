/**
 * Owns what differs between APIs for the server that speaks them: where it is asked, what it refuses, how it says things.
 * A new wire is a folder with one of these.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { ProviderEvent, Usage } from "amplifier-core";
import type { JsonObject } from "./json.ts";
import type { HttpAnswer, RefusalKind } from "./refusal.ts";
import type { Problem } from "./request-rule.ts";
import type { StreamedError } from "./wire-part.ts";

/** What the model of a server takes, and what that server has said: rules may depend on it. */
export interface ServerFacts {
  /** Whether a model continues an assistant message that ends the conversation. */
  readonly takesPrefill: (model: string) => boolean;
  /** The thinking this server has sent, by its signature: only that may come back. Null: any signature will do. */
  readonly signedThinking: ReadonlyMap<string, string> | null;
}

/** What an encoder is made for. */
export interface EncodedCall {
  readonly body: JsonObject;
  readonly usage: Usage;
}

/** Turns the events of one answer into the text of its body. Stateful: one for each answer. */
export interface AnswerEncoder {
  /** What comes before everything. */
  start(): string;
  event(event: ProviderEvent): string;
  ping(): string;
  emptyDelta(): string;
  /** `null`: that the server is overloaded. */
  error(error: StreamedError | null): string;
}

/** One API. */
export interface Wire {
  readonly name: string;
  /** Behind the server's origin: what a client is given as its base address. */
  readonly basePath: string;
  /**
   * Whether an answer is asked for at this address (path and query behind `basePath`): null when not, else what the
   * address says that other wires have in the body (`model`, `stream`).
   */
  asked(address: string): JsonObject | null;
  /** Behind `basePath`. */
  readonly modelsPath: string;
  /** What is wrong with the headers; null when nothing is. */
  admit(headers: IncomingHttpHeaders): HttpAnswer | null;
  /** Whether this model of the real API continues an assistant message that ends the conversation. */
  takesPrefill(model: string): boolean;
  problems(body: JsonObject, facts: ServerFacts): readonly Problem[];
  /** What is wrong with a body that is no JSON object. */
  readonly notJson: Problem;
  invalid(problem: Problem): HttpAnswer;
  refuse(kind: RefusalKind): HttpAnswer;
  notFound(method: string, path: string): HttpAnswer;
  /** What the test did wrong, as the API would say that it failed. */
  failed(message: string): HttpAnswer;
  models(ids: readonly string[]): JsonObject;
  encoder(call: EncodedCall): AnswerEncoder;
}

/** For a wire whose address says nothing but what is asked for. */
export function askedAt(path: string): Wire["asked"] {
  return (address) => (address.split("?")[0] === path ? {} : null);
}
