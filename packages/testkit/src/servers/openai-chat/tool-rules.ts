/**
 * Owns what Chat Completions servers refuse about tools: calls without results, results without calls, ids, names, and
 * arguments that are no JSON object.
 */
import { isObject, type JsonObject, repeated } from "../json.ts";
import type { ProblemFound, RequestRule } from "../request-rule.ts";
import { callsOf, type ChatCall, emptyArray, missing, nameProblem, unknownWord, wrongType } from "./chat-request.ts";

const NAME = { pattern: "^[a-zA-Z0-9_-]+$", max: 64 };
const ID = { max: 40 };

/** The rules, in the order in which they answer. */
export const TOOL_RULES: readonly RequestRule<ChatCall>[] = [
  {
    rule: "tools are well formed",
    check: ({ body, tools }) =>
      Array.isArray(body["tools"]) && tools.length === 0 ? [emptyArray("tools")] : tools.flatMap(toolProblems),
  },
  { rule: "a tool choice needs tools", check: choiceProblems },
  {
    // OpenAI does without; the gateways that hand a conversation on to other APIs refuse it as those do.
    rule: "tool calls need tools",
    check: ({ messages, tools }) =>
      tools.length === 0 && messages.some((message) => message["role"] === "tool" || callsOf(message).length > 0)
        ? [
            {
              message: "Requests which include tool calls or tool messages must define 'tools'.",
              param: "tools",
              code: null,
            },
          ]
        : [],
  },
  { rule: "calls are well formed", check: ({ messages }) => messages.flatMap(callProblems) },
  { rule: "calls of an answer have ids of their own", check: ({ messages }) => messages.flatMap(sharedIds) },
  {
    rule: "every call is answered at once",
    check: ({ messages }) => messages.flatMap((message, n) => unanswered(message, messages, n)),
  },
  {
    rule: "every result answers a call of the answer before",
    check: ({ messages }) => messages.flatMap((message, n) => orphans(message, messages, n)),
  },
];

function toolProblems(tool: JsonObject, n: number): readonly ProblemFound[] {
  const path = `tools[${n}]`;
  if (tool["type"] === undefined) return [missing(`${path}.type`)];
  // Tools of the API itself have their fields under their type.
  if (tool["type"] !== "function") return [];
  const declared = tool["function"];
  if (!isObject(declared)) return [missing(`${path}.function`)];
  const parameters = declared["parameters"];
  const wrong =
    parameters === undefined || isObject(parameters)
      ? []
      : [wrongType(`${path}.function.parameters`, "an object", parameters)];
  return [...nameProblem(`${path}.function.name`, declared["name"], NAME), ...wrong];
}

function choiceProblems({ body, tools }: ChatCall): readonly ProblemFound[] {
  const choice = body["tool_choice"];
  if (choice === undefined) return [];
  const param = "tool_choice";
  if (tools.length === 0) {
    const message = "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.";
    return [{ message, param, code: null }];
  }
  if (typeof choice === "string") {
    const words = ["none", "auto", "required"];
    return words.includes(choice) ? [] : [unknownWord(param, choice, words)];
  }
  const wanted = isObject(choice) && isObject(choice["function"]) ? choice["function"]["name"] : undefined;
  const names = tools.map((tool) => (isObject(tool["function"]) ? tool["function"]["name"] : undefined));
  if (wanted !== undefined && names.includes(wanted)) return [];
  return [{ message: `Tool choice '${String(wanted)}' not found in 'tools' parameter.`, param, code: null }];
}

function callProblems(message: JsonObject, n: number): readonly ProblemFound[] {
  const calls = message["tool_calls"];
  if (calls === undefined) return [];
  const path = `messages[${n}].tool_calls`;
  if (!Array.isArray(calls)) return [wrongType(path, "an array of objects", calls)];
  if (calls.length === 0) return [emptyArray(path)];
  return callsOf(message).flatMap((call, at) => {
    const { function: called } = call;
    if (call["type"] !== "function") return [unknownWord(`${path}[${at}].type`, call["type"], ["function"])];
    if (!isObject(called)) return [missing(`${path}[${at}].function`)];
    return [
      ...nameProblem(`${path}[${at}].id`, call["id"], ID),
      ...nameProblem(`${path}[${at}].function.name`, called["name"], NAME),
      ...argumentsProblem(`${path}[${at}].function.arguments`, called["arguments"]),
    ];
  });
}

// OpenAI does not look into them; servers that put them into a template refuse what they cannot parse.
function argumentsProblem(param: string, value: unknown): readonly ProblemFound[] {
  if (typeof value !== "string") return [wrongType(param, "a string", value)];
  try {
    if (isObject(JSON.parse(value))) return [];
  } catch {
    // The same complaint as for JSON that is no object.
  }
  const message = `Invalid '${param}': the "function.arguments" parameter must be in JSON format.`;
  return [{ message, param, code: "invalid_value" }];
}

function sharedIds(message: JsonObject, n: number): readonly ProblemFound[] {
  return repeated(callsOf(message).map(({ id }) => String(id))).map((id) => ({
    message: `Duplicate value for 'tool_call_id' of '${id}' in message[${n}]`,
    param: `messages.[${n}].tool_calls`,
    code: null,
  }));
}

/** The tool messages that follow message `n` without anything between. */
function resultsBehind(messages: readonly JsonObject[], n: number): readonly JsonObject[] {
  const rest = messages.slice(n + 1);
  const other = rest.findIndex(({ role }) => role !== "tool");
  return other === -1 ? rest : rest.slice(0, other);
}

function unanswered(message: JsonObject, messages: readonly JsonObject[], n: number): readonly ProblemFound[] {
  const results = resultsBehind(messages, n);
  const answered = results.map((result) => result["tool_call_id"]);
  const open = callsOf(message).filter(({ id }) => !answered.includes(id));
  if (open.length === 0) return [];
  const ids = open.map(({ id }) => String(id)).join(", ");
  return [
    {
      message: `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids}`,
      param: `messages.[${n + results.length + 1}].role`,
      code: null,
    },
  ];
}

function orphans(message: JsonObject, messages: readonly JsonObject[], n: number): readonly ProblemFound[] {
  if (message["role"] !== "tool") return [];
  const before = messages.slice(0, n).findLastIndex(({ role }) => role !== "tool");
  const calls = callsOf(messages[before]);
  if (calls.length === 0) {
    const text =
      "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
    return [{ message: text, param: `messages.[${n}].role`, code: null }];
  }
  const id = message["tool_call_id"];
  const isTwice = messages.slice(before + 1, n).some((earlier) => earlier["tool_call_id"] === id);
  if (!isTwice && calls.some((call) => call["id"] === id)) return [];
  const text = isTwice
    ? `Duplicate value for 'tool_call_id' of '${String(id)}' in message[${n}]`
    : `Invalid parameter: 'tool_call_id' of '${String(id)}' not found in 'tool_calls' of previous message.`;
  return [{ message: text, param: `messages.[${n}].tool_call_id`, code: null }];
}
