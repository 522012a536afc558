/**
 * Owns what differs between Claude models in one request, read off the model's name: one table in words, no call to the
 * API. A name this does not know is taken for a server of another vendor, a Claude newer than the table for the newest.
 * Source: the model pages and migration guides of platform.claude.com, November 2026.
 */

/** How a model is told to think, or that it cannot be told. */
export type ThinkingMode =
  /** Never. */
  | "none"
  /** On request, with a budget of tokens. */
  | "budget"
  /** On request, as much as it finds right. */
  | "adaptive"
  /** Adaptive, also when nothing is said. */
  | "adaptive_by_default";

/** What a model that thinks by default is sent to think less: `effort` when it cannot be turned off. */
export type ThinkingOff = "disabled" | "between_tools" | "effort";

/** What a request has to know of its model. Token counts. */
export interface ModelTraits {
  readonly maxOutputTokens: number;
  readonly thinking: ThinkingMode;
  readonly thinkingOff: ThinkingOff;
  /** It knows the effort `xhigh`. */
  readonly xhighEffort: boolean;
  /** It takes `temperature` and `top_p`. */
  readonly sampling: boolean;
  /** It continues an assistant message that ends the conversation. */
  readonly prefill: boolean;
  /** Its thinking is bound to what came before it: after a change there, the API refuses the block. */
  readonly boundThinking: boolean;
}

/** A model of another vendor behind the same wire: the form every server took first. */
const FOREIGN: ModelTraits = {
  maxOutputTokens: 8_192,
  thinking: "budget",
  thinkingOff: "disabled",
  xhighEffort: false,
  sampling: true,
  prefill: true,
  boundThinking: false,
};

// claude-opus-4-5-20251101, claude-sonnet-4-20250514, claude-3-5-haiku-latest, anthropic.claude-opus-4-7, ...-sonnet-5.5
const NAME = /claude-(?:(opus|sonnet|haiku|fable|mythos)-)?(\d)(?:[-.](\d)(?!\d))?(?:-(opus|sonnet|haiku))?/;

/** The traits of the model with this id or alias, also inside a gateway's longer name. */
export function modelTraits(model: string): ModelTraits {
  const match = NAME.exec(model.toLowerCase());
  if (match === null) return FOREIGN;
  const family = match[1] ?? match[4] ?? "";
  const version = Number(match[2]) + Number(match[3] ?? 0) / 10;
  return {
    maxOutputTokens: maxOutputTokens(family, version),
    thinking: thinkingMode(version),
    thinkingOff: thinkingOff(family, version),
    xhighEffort: version >= 4.7,
    sampling: version < 4.7,
    prefill: version < 4.6,
    boundThinking: version >= (family === "fable" || family === "mythos" ? 5.1 : 5.5),
  };
}

function maxOutputTokens(family: string, version: number): number {
  if (version < 3.5) return 4_096;
  if (version < 3.7) return 8_192;
  if (family === "opus" && version < 4.5) return 32_000;
  return version < 4.6 ? 64_000 : 128_000;
}

function thinkingMode(version: number): ThinkingMode {
  if (version < 3.7) return "none";
  if (version < 4.6) return "budget";
  return version < 5 ? "adaptive" : "adaptive_by_default";
}

function thinkingOff(family: string, version: number): ThinkingOff {
  if (family === "sonnet" && version === 5.5) return "between_tools";
  if (family === "haiku" && version === 5.5) return "disabled";
  return version < 5.5 && (family === "opus" || family === "sonnet") ? "disabled" : "effort";
}
