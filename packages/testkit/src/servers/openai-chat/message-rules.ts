/**
 * Owns what Chat Completions servers refuse in a conversation's messages: roles, kinds of content, empty answers, and an
 * assistant message at the end.
 */
import { isObject, type JsonObject, objectsOf } from "../json.ts";
import type { ProblemFound, RequestRule } from "../request-rule.ts";
import { callsOf, type ChatCall, emptyArray, missing, unknownWord, wrongType } from "./chat-request.ts";

const ROLES = ["system", "assistant", "user", "function", "tool", "developer"];
const USER_PARTS = ["text", "image_url", "input_audio", "file"];

/** The rules, in the order in which they answer. */
export const MESSAGE_RULES: readonly RequestRule<ChatCall>[] = [
  {
    rule: "there is a message",
    check: ({ body, messages }) => {
      if (body["messages"] === undefined) return [missing("messages")];
      if (!Array.isArray(body["messages"])) return [wrongType("messages", "an array of objects", body["messages"])];
      return messages.length === 0 ? [emptyArray("messages")] : [];
    },
  },
  {
    rule: "roles are known",
    check: ({ messages }) =>
      messages.flatMap(({ role }, n) =>
        ROLES.includes(String(role)) ? [] : [unknownWord(`messages[${n}].role`, role, ROLES)],
      ),
  },
  { rule: "content is of the kind its role takes", check: ({ messages }) => messages.flatMap(contentProblems) },
  { rule: "no answer is empty", check: ({ messages }) => messages.flatMap(emptyAnswer) },
  {
    // OpenAI would begin a new answer; those that could go on want a flag of their own, and the others refuse.
    rule: "the conversation does not end with the assistant, unless its model continues",
    check: ({ body, messages, facts }) =>
      messages.at(-1)?.["role"] === "assistant" && !facts.takesPrefill(String(body["model"]))
        ? [
            {
              message: "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant",
              param: null,
              code: null,
            },
          ]
        : [],
  },
];

function contentProblems({ role, content, tool_calls: calls }: JsonObject, n: number): readonly ProblemFound[] {
  if (typeof content === "string") return [];
  const param = `messages.[${n}].content`;
  if (content === undefined || content === null) {
    if (role === "assistant" && calls !== undefined) return [];
    const message = `Invalid value for 'content': expected a string, got ${content === null ? "null" : "undefined"}.`;
    return [{ message, param, code: null }];
  }
  if (!Array.isArray(content))
    return [wrongType(`messages[${n}].content`, "one of a string or array of objects", content)];
  if (content.length === 0) return [emptyArray(`messages[${n}].content`)];
  return objectsOf(content).flatMap((part, at) => partProblem(part, String(role), `messages[${n}].content[${at}]`));
}

function partProblem(part: JsonObject, role: string, path: string): readonly ProblemFound[] {
  const allowed = role === "user" ? USER_PARTS : role === "assistant" ? ["text", "refusal"] : ["text"];
  const type = String(part["type"]);
  if (!allowed.includes(type)) return [unknownWord(`${path}.type`, part["type"], allowed)];
  if (type === "text" && typeof part["text"] !== "string") return [wrongType(`${path}.text`, "a string", part["text"])];
  const image = part["image_url"];
  if (type !== "image_url" || (isObject(image) && typeof image["url"] === "string")) return [];
  return [wrongType(`${path}.image_url`, "an object", image)];
}

// OpenAI takes an empty text; Moonshot, whose words these are, Mistral and others do not.
function emptyAnswer(message: JsonObject, n: number): readonly ProblemFound[] {
  const { role, content, refusal } = message;
  if (role !== "assistant" || callsOf(message).length > 0 || typeof refusal === "string") return [];
  const parts = objectsOf(content);
  const isEmpty = typeof content === "string" ? content === "" : parts.length > 0 && parts.every(saysNothing);
  if (!isEmpty) return [];
  const text = `Invalid request: the message at position ${n} with role 'assistant' must not be empty`;
  return [{ message: text, param: null, code: null }];
}

function saysNothing(part: JsonObject): boolean {
  return part["text"] === "";
}
