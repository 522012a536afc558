/**
 * Owns what the demo says. Every answer begins by saying that no model is connected; the rest tells how to connect one.
 */
import { textOf, type ChatRequest } from "amplifier-core";

/** One block of an answer, as the fragments it is streamed in. */
export interface ScriptedBlock {
  readonly type: "thinking" | "text";
  readonly fragments: readonly string[];
}

const MAX_QUOTE = 200;

/** The demo's answer to a request: a thinking block, then a text block that quotes the last user message. */
export function demoAnswer(request: ChatRequest): readonly ScriptedBlock[] {
  const prompt = lastPrompt(request);
  return [
    { type: "thinking", fragments: words("This thinking is canned too: it shows where a model's would appear.") },
    { type: "text", fragments: words(answerTo(prompt)) },
  ];
}

function answerTo(prompt: string): string {
  const quoted = prompt === "" ? "You sent no text." : `You wrote: "${prompt}"`;
  return `This is the demo: no model is connected, this text is canned.

${quoted}

To get real answers, connect a model and start again:

- Anthropic: set ANTHROPIC_API_KEY.
- OpenAI, or any server that speaks its API: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server without keys.
- Ollama: start it on this machine and pull a model (ollama pull qwen3); it is found by itself.
- No key, no server: --provider local fetches a small model once (about 180 MB) and runs it in this process.
`;
}

/** The text of the last message a user wrote, shortened for quoting. */
function lastPrompt({ messages }: ChatRequest): string {
  const message = messages.findLast(({ role }) => role === "user");
  const text = message === undefined ? "" : textOf(message.content).trim();
  // Half of a character that was cut in two is left out.
  return text.length > MAX_QUOTE ? `${text.slice(0, MAX_QUOTE).replace(/[\ud800-\udbff]$/, "")}...` : text;
}

/** A text cut in front of each word: the size of a model's tokens. Joined, the pieces are the text again. */
function words(text: string): readonly string[] {
  return text.match(/\s*\S+\s*$|\s*\S+/g) ?? [];
}
