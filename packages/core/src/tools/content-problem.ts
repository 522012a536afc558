/**
 * Owns what the `content` of a tool's result may hold: texts and images in base64. An image by URL is refused, since
 * whoever fetches it would be told where to go by a tool's output.
 */

import { isRecord } from "../is-record.ts";

/** What is wrong with `content`, as the middle of a sentence; null when nothing is. */
export function contentProblem(content: unknown): string | null {
  if (!Array.isArray(content)) return `its content is ${shown(content)}, must be a list of text and image blocks`;
  for (const [index, block] of content.entries()) {
    const problem = blockProblem(block);
    if (problem !== null) return `content[${index}] ${problem}`;
  }
  return null;
}

function blockProblem(block: unknown): string | null {
  if (!isRecord(block)) return `is ${shown(block)}, must be a text or an image block`;
  if (block["type"] === "text")
    return typeof block["text"] === "string" ? null : `has the text ${shown(block["text"])}, must be a string`;
  if (block["type"] === "image") return imageProblem(block["source"]);
  return `has the type ${shown(block["type"])}, must be "text" or "image"`;
}

function imageProblem(source: unknown): string | null {
  if (!isRecord(source) || source["type"] !== "base64")
    return `is an image from ${shown(isRecord(source) ? source["type"] : source)}, must be given as base64`;
  const { media_type: mediaType, data } = source;
  if (typeof mediaType !== "string" || !/^image\/[a-z0-9.+-]+$/u.test(mediaType))
    return `is an image of media type ${shown(mediaType)}, must be image/...`;
  return isBase64(data) ? null : "is an image whose data is no base64";
}

function isBase64(data: unknown): boolean {
  return typeof data === "string" && data !== "" && data.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/u.test(data);
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 60) ?? String(value);
}
