/**
 * What one decision of hooks looks like at each event that asks them: the same effect, told in the words of the prompt, the
 * request, the call or its result.
 */
import type { InterceptableEvent } from "amplifier-core";
import { type Difference, POST, PRE, RESULT } from "./hook-turn.ts";

type Lines = readonly string[];

/** A whole payload's fields as a hook changes them, at each event. */
export const MODIFIED: Readonly<Record<InterceptableEvent, Readonly<Record<string, unknown>>>> = {
  "prompt:submit": { prompt: "Come" },
  "provider:request": { model: "other" },
  "tool:pre": { tool_input: { zone: "Rome" } },
  "tool:post": { result: { success: true, output: "redacted" } },
};

/** What hooks have come to at one event. What is left out did not happen. */
export interface Effect {
  /** What was told of questions. */
  readonly questions?: Lines;
  /** The payload is that of `MODIFIED`. */
  readonly modified?: boolean;
  /** Why it was denied. */
  readonly denied?: string;
  /** Messages that entered the conversation. */
  readonly kept?: Lines;
  /** Messages of the next request only. */
  readonly once?: Lines;
}

/** What the effect makes different in the turn. */
export function differenceAt(event: InterceptableEvent, effect: Effect): Difference {
  return FRAMES[event](effect);
}

const FRAMES: Readonly<Record<InterceptableEvent, (effect: Effect) => Difference>> = {
  "prompt:submit": ({ questions = [], modified, denied, kept = [], once = [] }) => {
    const prompt = modified ? '"Come"' : '"Go"';
    const entered = [...kept, ...(denied === undefined ? [`user: ${prompt}`] : [])];
    return {
      prompt: [...questions, `prompt:submit ${prompt}`, ...messages(entered)],
      sent: (n, conversation) => (n === 1 ? [...conversation, ...once] : conversation),
      ...(denied === undefined ? {} : { denied: { at: "prompt", reason: denied } }),
    };
  },
  "provider:request": ({ questions = [], modified, denied, kept = [], once = [] }) => ({
    request: (n) => [...questions, `provider:request #${n}`, ...messages(kept)],
    sent: (_n, conversation) => [...(modified ? ["model other"] : []), ...conversation, ...once],
    ...(denied === undefined ? {} : { denied: { at: "request", reason: denied } }),
  }),
  "tool:pre": ({ questions = [], modified, denied, kept = [], once = [] }) => {
    const zone = modified ? "Rome" : "Oslo";
    const ran = [`tool:pre c1 run {"zone":"${zone}"}`, `tool:post c1 "12:00 in ${zone}"`];
    const notRun = [`tool:pre c1 denied {"zone":"${zone}"}`, "tool:error c1 denied"];
    const result = denied === undefined ? `12:00 in ${zone}` : `Denied: ${quoted(denied)}`;
    return {
      call: [...questions, ...(denied === undefined ? ran : notRun)],
      results: messages([`tool(c1): "${result}"`, ...kept]),
      ...atSecond(once),
    };
  },
  "tool:post": ({ questions = [], modified, denied, kept = [], once = [] }) => {
    const shown = modified ? ['tool:post c1 "redacted"', ...messages(['tool(c1): "redacted"'])] : [POST, RESULT];
    const withheld = [
      `tool:post c1 failed: Denied: ${denied}`,
      ...messages([`tool(c1): "Error: Denied: ${quoted(denied ?? "")}"`]),
    ];
    const [post = "", result = ""] = denied === undefined ? shown : withheld;
    return { call: [PRE, ...questions, post], results: [result, ...messages(kept)], ...atSecond(once) };
  },
};

function atSecond(once: Lines): Pick<Difference, "sent"> {
  return { sent: (n, conversation) => (n === 2 ? [...conversation, ...once] : conversation) };
}

function messages(outlined: Lines): Lines {
  return outlined.map((each) => `context:message ${each}`);
}

/** As it stands inside an outlined text. */
function quoted(said: string): string {
  return JSON.stringify(said).slice(1, -1);
}
