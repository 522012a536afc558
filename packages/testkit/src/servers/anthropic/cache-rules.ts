/**
 * Owns what the Messages API refuses about the marks of its prompt cache: too many, and on blocks that cannot have one.
 */
import { type JsonObject, objectsOf } from "../json.ts";
import type { RequestRule } from "../request-rule.ts";
import type { AnthropicRequest } from "./anthropic-request.ts";

const MAX_MARKS = 4;
const UNMARKABLE = ["thinking", "redacted_thinking"];

/** The rules, in the order in which they answer. */
export const CACHE_RULES: readonly RequestRule<AnthropicRequest>[] = [
  {
    rule: "thinking is not marked for the cache",
    check: ({ turns }) =>
      turns
        .flatMap(({ blocks }) => blocks)
        .filter(({ type, block }) => UNMARKABLE.includes(type) && isMarked(block))
        .map(({ path, type }) => ({ message: `${path}.${type}.cache_control: Extra inputs are not permitted` })),
  },
  {
    rule: "at most four blocks are marked for the cache",
    check: ({ body, turns, tools }) => {
      const blocks = turns.flatMap((turn) => turn.blocks.map(({ block }) => block));
      const found = [body, ...tools, ...objectsOf(body["system"]), ...blocks].filter(isMarked).length;
      if (found <= MAX_MARKS) return [];
      return [{ message: `A maximum of ${MAX_MARKS} blocks with cache_control may be provided. Found ${found}.` }];
    },
  },
];

function isMarked(block: JsonObject): boolean {
  return block["cache_control"] !== undefined && block["cache_control"] !== null;
}
