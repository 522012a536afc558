/**
 * Owns asking a local Ollama which models it has. It is a guess that may fail: no server, no answer in time, or nothing
 * that can chat all mean null, and selection goes on.
 */
import { request } from "node:http";

const DEFAULT_ORIGIN = "http://127.0.0.1:11434";
/** A server on this machine answers in a few milliseconds; nobody should wait for one that is not there. */
const LIMIT_MS = 300;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** Families and names of models that only embed, for servers too old to send capabilities. */
const EMBEDDING = /bert|embed|minilm|\bbge\b/i;

/** A model that can chat, and the OpenAI-compatible base URL it is reached at. */
export interface OllamaModel {
  readonly model: string;
  readonly baseUrl: string;
}

interface Tag {
  readonly name: string;
  readonly modified_at?: string;
  readonly capabilities?: readonly string[];
  readonly details?: { readonly family?: string };
}

/** Finds the newest model that can chat, at `OLLAMA_HOST` or this machine's default port. */
export async function findOllamaModel(env: Readonly<Record<string, string | undefined>>): Promise<OllamaModel | null> {
  const origin = originOf(env["OLLAMA_HOST"]);
  if (origin === null) return null;
  const answer = await fetchJson(`${origin}/api/tags`);
  const tags = tagsOf(answer).filter(canChat);
  const [newest] = tags.toSorted((left, right) => modifiedAt(right) - modifiedAt(left));
  return newest === undefined ? null : { model: newest.name, baseUrl: `${origin}/v1` };
}

/** The origin Ollama's own client would use: host, host:port or URL; 0.0.0.0 is where a server listens, not a place to call. */
export function originOf(host: string | undefined): string | null {
  const given = host?.trim() ?? "";
  if (given === "") return DEFAULT_ORIGIN;
  const hasScheme = /^https?:\/\//.test(given);
  if (!URL.canParse(hasScheme ? given : `http://${given}`)) return null;
  const url = new URL(hasScheme ? given : `http://${given}`);
  if (url.protocol !== "http:") return null;
  const name = url.hostname === "0.0.0.0" ? "127.0.0.1" : url.hostname;
  const port = url.port !== "" ? url.port : hasScheme ? "80" : "11434";
  return `http://${name}:${port}${url.pathname.replace(/\/+$/, "")}`;
}

function fetchJson(url: string): Promise<unknown> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const call = request(url, { signal, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
        if (text.length > MAX_ANSWER_BYTES) response.destroy();
      });
      response.on("error", () => resolve(null));
      response.on("close", () => resolve(response.statusCode === 200 ? parsed(text) : null));
    });
    call.on("error", () => resolve(null));
    call.end();
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Something else listens on this port, or the answer was cut off.
    return null;
  }
}

function tagsOf(answer: unknown): readonly Tag[] {
  const models: unknown = (answer as { readonly models?: unknown } | null)?.models;
  return Array.isArray(models) ? models.filter((tag): tag is Tag => typeof (tag as Tag | null)?.name === "string") : [];
}

function canChat({ name, capabilities, details }: Tag): boolean {
  if (capabilities !== undefined) return capabilities.includes("completion") || capabilities.includes("chat");
  return !EMBEDDING.test(`${name} ${details?.family ?? ""}`);
}

function modifiedAt({ modified_at }: Tag): number {
  const time = Date.parse(modified_at ?? "");
  return Number.isNaN(time) ? 0 : time;
}
