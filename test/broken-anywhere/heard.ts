/**
 * Owns reading a request of either wire as its model does: which prompt it is about, and what of the answer to it the
 * client has got already.
 */

/** What the client shows that it has got since its last prompt. */
export interface Heard {
  readonly prompt: string;
  /** The text of the answer that the model is in the middle of; empty when it begins one. */
  readonly said: string;
  /** The text of its answers before that. */
  readonly saidBefore: string;
  /** What the tools have returned, those not run included. */
  readonly results: readonly string[];
  /** How its answer goes on: "by itself" from a prefill, "as asked" by an instruction. */
  readonly goesOn: "with a new answer" | "by itself" | "as asked";
}

interface Message {
  readonly role: string;
  readonly content: string | readonly Block[] | null;
}

interface Block {
  readonly type: string;
  readonly text?: string;
  readonly content?: string | readonly Block[];
}

/** What a request's messages tell. @throws Error when none of the `prompts` is among them. */
export function heardIn(messages: unknown, prompts: readonly string[]): Heard {
  const all = messages as readonly Message[];
  const at = all.findLastIndex(({ role, content }) => role === "user" && prompts.includes(lastText(content)));
  const prompt = lastText(all[at]?.content ?? null);
  if (at === -1) throw new Error(`No prompt is known in ${JSON.stringify(messages)}.`);
  const since = all.slice(at + 1);
  const results = since.flatMap(resultsIn);
  const lastResult = since.findLastIndex((message) => resultsIn(message).length > 0) + 1;
  return {
    prompt,
    said: saidIn(since.slice(lastResult)),
    saidBefore: saidIn(since.slice(0, lastResult)),
    results,
    goesOn: goesOn(since),
  };
}

function saidIn(messages: readonly Message[]): string {
  return messages.flatMap(({ role, content }) => (role === "assistant" ? textsIn(content) : [])).join("");
}

function goesOn(since: readonly Message[]): Heard["goesOn"] {
  const last = since.at(-1);
  if (last?.role === "assistant") return "by itself";
  const isAsked = last?.role === "user" && lastText(last.content).startsWith("Your answer was cut off.");
  return isAsked ? "as asked" : "with a new answer";
}

function resultsIn({ role, content }: Message): string[] {
  if (role === "tool") return [textsIn(content).join("")];
  if (typeof content === "string" || content === null) return [];
  return content.flatMap((block) => (block.type === "tool_result" ? [textsIn(block.content ?? null).join("")] : []));
}

function lastText(content: Message["content"]): string {
  return textsIn(content).at(-1) ?? "";
}

function textsIn(content: Message["content"]): string[] {
  if (content === null) return [];
  return typeof content === "string"
    ? [content]
    : content.flatMap(({ type, text = "" }) => (type === "text" ? [text] : []));
}
