/**
 * Owns what the Messages API refuses in a conversation's form: roles, order, empty messages, blocks in the wrong place.
 */
import { listOf, objectsOf } from "../json.ts";
import type { ProblemFound, RequestRule } from "../request-rule.ts";
import type { AnthropicRequest, PlacedBlock, Turn } from "./anthropic-request.ts";

/** Which blocks may stand where. Both roles take the blocks named in neither list. */
const ASSISTANT_ONLY = ["tool_use", "thinking", "redacted_thinking", "server_tool_use"];
const USER_ONLY = ["tool_result", "image", "document", "search_result"];
const BOTH = ["text", "web_search_tool_result", "web_fetch_tool_result", "code_execution_tool_result"];

/** The rules, in the order in which they answer. */
export const MESSAGE_RULES: readonly RequestRule<AnthropicRequest>[] = [
  {
    rule: "there is a message",
    check: ({ body, messages }) => {
      if (!Array.isArray(body["messages"])) return [{ message: "messages: Field required" }];
      return messages.length === 0 ? [{ message: "messages: at least one message is required" }] : [];
    },
  },
  {
    rule: "roles are user and assistant",
    check: ({ messages }) => messages.flatMap(({ role }, n) => roleProblem(role, n)),
  },
  {
    rule: "the user speaks first",
    check: ({ turns: [first] }) =>
      first?.role === "assistant" ? [{ message: 'messages: first message must use the "user" role' }] : [],
  },
  {
    rule: "content is text or blocks",
    check: ({ messages }) => messages.flatMap(({ content }, n) => contentProblem(content, n)),
  },
  {
    rule: "no message is empty",
    check: ({ messages }) =>
      messages.flatMap(({ content, role }, n) => {
        const isEmpty = content === "" || (Array.isArray(content) && content.length === 0);
        const mayBeEmpty = role === "assistant" && n === messages.length - 1;
        if (!isEmpty || mayBeEmpty) return [];
        return [
          {
            message: `messages.${n}: all messages must have non-empty content except for the optional final assistant message`,
          },
        ];
      }),
  },
  { rule: "no text is empty", check: ({ turns }) => turns.flatMap(({ blocks }) => blocks.flatMap(textProblem)) },
  { rule: "blocks stand in messages of their role", check: ({ turns }) => turns.flatMap(placeProblems) },
];

function roleProblem(role: unknown, n: number): ProblemFound[] {
  if (role === "user" || role === "assistant") return [];
  if (role === "system") {
    const message =
      'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.';
    return [{ message }];
  }
  return [{ message: `messages.${n}.role: Input should be 'user' or 'assistant'` }];
}

function contentProblem(content: unknown, n: number): ProblemFound[] {
  if (typeof content === "string") return [];
  if (!Array.isArray(content)) return [{ message: `messages.${n}.content: Input should be a valid list` }];
  const wrong = listOf(content).findIndex((block) => typeof block !== "object" || block === null);
  return wrong === -1 ? [] : [{ message: `messages.${n}.content.${wrong}: Input should be a valid dictionary` }];
}

function textProblem({ path, type, block }: PlacedBlock): ProblemFound[] {
  if (type === "tool_result") {
    return objectsOf(block["content"]).flatMap((inner, n) =>
      textProblem({ path: `${path}.tool_result.content.${n}`, type: String(inner["type"]), block: inner }),
    );
  }
  if (type !== "text") return [];
  const { text } = block;
  if (typeof text !== "string") return [{ message: `${path}.text.text: Input should be a valid string` }];
  if (text === "") return [{ message: "messages: text content blocks must be non-empty" }];
  return text.trim() === "" ? [{ message: "messages: text content blocks must contain non-whitespace text" }] : [];
}

function placeProblems({ role, blocks }: Turn): ProblemFound[] {
  return blocks.flatMap(({ path, type }) => {
    if (![...ASSISTANT_ONLY, ...USER_ONLY, ...BOTH].includes(type)) {
      return [{ message: `${path}: Input tag '${type}' found using 'type' does not match any of the expected tags` }];
    }
    const only = ASSISTANT_ONLY.includes(type) ? "assistant" : USER_ONLY.includes(type) ? "user" : role;
    return only === role
      ? []
      : [{ message: `${path}: \`${type}\` blocks can only be in \`${String(only)}\` messages` }];
  });
}
