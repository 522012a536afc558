/**
 * Owns a provider whose model answers in memory: the adapter's own request goes to the strict rules of its API and to a
 * truthful model, whose bytes come back through the adapter's own translator. The first answers may be cut.
 */
import type { ChatRequest, ModelInfo, Provider, ProviderEvent } from "amplifier-core";
import { translateStream } from "../../packages/providers/src/http/translate-stream.ts";
import { bytePayloads, type Ending } from "./byte-payloads.ts";
import { says, type Manner, type Speech } from "./truthful-model.ts";
import { type BothEnds, bytesOf, refusals } from "./wires.ts";

/** Where the answers are cut, the first one first, and how. */
export interface Cuts {
  readonly after: readonly number[];
  readonly ending: Ending;
  /** How many bytes one read of the network brings. */
  readonly size: number;
}

/** A provider for one session. */
export class MemoryModel implements Provider {
  readonly name = "model";
  /** How often it was asked. */
  asked = 0;
  readonly #ends: BothEnds;
  readonly #speech: Speech;
  readonly #manner: Manner;
  readonly #cuts: Cuts;
  readonly #signed = new Map<string, string>();

  constructor(ends: BothEnds, said: { readonly speech: Speech; readonly manner: Manner }, cuts: Cuts) {
    this.#ends = ends;
    this.#speech = said.speech;
    this.#manner = said.manner;
    this.#cuts = cuts;
  }

  getInfo() {
    return { id: this.name, displayName: this.name, defaultModel: this.#ends.model };
  }

  async listModels(): Promise<readonly ModelInfo[]> {
    const { model, wire } = this.#ends;
    return [{ id: model, supportsPrefill: wire.takesPrefill(model) }];
  }

  stream(request: ChatRequest): AsyncIterable<readonly ProviderEvent[]> {
    const bytes = this.answerTo(request);
    const { after, ending, size } = this.#cuts;
    const at = after[this.asked - 1] ?? bytes.length;
    const body = { bytes: bytes.subarray(0, at), size, ending: at < bytes.length ? ending : null };
    return translateStream(bytePayloads(body), this.#ends.translator());
  }

  /** The whole bytes of an answer. @throws Error when the API would refuse the request. */
  answerTo(request: ChatRequest): Buffer {
    const body = this.#ends.bodyOf(request);
    const refused = refusals(this.#ends, body, this.#signed);
    if (refused.length > 0) throw new Error(`The API refuses the request: ${refused.join(" ")}`);
    const number = ++this.asked;
    this.#signed.set(`signature-${number}`, this.#speech.thought?.join("") ?? "");
    return bytesOf(this.#ends, body, says(this.#speech, this.#manner, { number, messages: body["messages"] }));
  }
}
