/**
 * Owns what differs between OpenAI's models in one request, read off the model's name: whether it reasons, and how hard it
 * can be told to. A name this does not know is taken for a newer one at OpenAI, and for anything elsewhere.
 * Source: OpenAI's model pages and reasoning guide, November 2026.
 */
import type { ReasoningEffort } from "amplifier-core";

/** What a request has to know of its model. */
export interface ResponsesTraits {
  /** It thinks before it answers; null when nobody knows. Models that do not refuse everything that is about reasoning. */
  readonly reasons: boolean | null;
  /** The efforts it takes, from the least on; null when nobody knows. */
  readonly efforts: readonly ReasoningEffort[] | null;
}

const PLAIN: ResponsesTraits = { reasons: false, efforts: [] };

// gpt-6.1-sol, gpt-5-pro, gpt-5.1-codex-max, o4-mini, gpt-4.1, chatgpt-4o-latest, also behind a gateway's prefix or `ft:`.
const NAME = /(?:^|[/:])(?:(o\d)(?!\w)|(?:chat)?gpt-(\d+)(?:\.(\d+))?)/;

/** The traits of a model. `isOpenAI`: the server is OpenAI's own. */
export function responsesTraits(model: string, isOpenAI: boolean): ResponsesTraits {
  const name = model.toLowerCase();
  const [, series, major, minor = "0"] = NAME.exec(name) ?? [];
  if (series !== undefined) return { reasons: true, efforts: ["low", "medium", "high"] };
  if (major === undefined) return { reasons: isOpenAI ? true : null, efforts: null };
  const version = Number(major) * 100 + Number(minor);
  if (version < 500 || name.includes("-chat")) return PLAIN;
  return { reasons: true, efforts: effortsOf(name, version) };
}

/** What to send for a wish: the nearest that the model takes. */
export function nearestEffort({ efforts }: ResponsesTraits, wish: ReasoningEffort): ReasoningEffort {
  if (efforts === null || efforts.includes(wish)) return wish;
  if (wish === "xhigh") return "high";
  return wish === "none" ? (efforts[0] ?? "low") : "low";
}

/** `version`: 601 is GPT-6.1. */
function effortsOf(name: string, version: number): readonly ReasoningEffort[] {
  const isBound = /-(codex|pro|astra)/.test(name) || (name.includes("-sol") && version >= 601);
  return [
    ...(isBound ? [] : version < 501 ? (["minimal"] as const) : (["none"] as const)),
    ...(["low", "medium", "high"] as const),
    ...(version >= 502 || name.includes("codex-max") ? (["xhigh"] as const) : []),
  ];
}
