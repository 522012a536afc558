/**
 * Owns what the Messages API refuses about tools: calls without results, results without calls, ids, names, and tool
 * blocks in a request that declares no tools.
 */
import { isObject, objectsOf, repeated } from "../json.ts";
import type { ProblemFound, RequestRule } from "../request-rule.ts";
import { type AnthropicRequest, blocksOf, type PlacedBlock, type Turn } from "./anthropic-request.ts";

const ID = "^[a-zA-Z0-9_-]+$";
const NAME = "^[a-zA-Z0-9_-]{1,128}$";

/** The rules, in the order in which they answer. */
export const TOOL_RULES: readonly RequestRule<AnthropicRequest>[] = [
  { rule: "tools are well formed", check: ({ tools }) => tools.flatMap((tool, n) => toolProblems(tool, n)) },
  {
    rule: "tools have names of their own",
    check: ({ tools }) =>
      repeated(tools.map(({ name }) => String(name))).length > 0
        ? [{ message: "tools: Tool names must be unique." }]
        : [],
  },
  {
    rule: "a tool choice needs tools",
    check: ({ body, tools }) =>
      body["tool_choice"] !== undefined && tools.length === 0
        ? [{ message: "tool_choice: may only be specified while providing tools" }]
        : [],
  },
  {
    rule: "tool blocks need tools",
    check: ({ turns, tools }) =>
      tools.length === 0 && turns.some((turn) => blocksOf(turn, "tool_use", "tool_result").length > 0)
        ? [{ message: "Requests which include `tool_use` or `tool_result` blocks must define tools." }]
        : [],
  },
  {
    rule: "calls are well formed",
    check: ({ turns }) => turns.flatMap((turn) => blocksOf(turn, "tool_use").flatMap(callProblems)),
  },
  {
    rule: "results are well formed",
    check: ({ turns }) => turns.flatMap((turn) => blocksOf(turn, "tool_result").flatMap(resultProblems)),
  },
  { rule: "calls have ids of their own", check: ({ turns }) => sharedIds(turns) },
  {
    rule: "every call is answered in the next message",
    check: ({ turns }) => turns.flatMap((turn, n) => unanswered(turn, turns[n + 1])),
  },
  {
    rule: "every result answers a call of the message before",
    check: ({ turns }) => turns.flatMap((turn, n) => orphans(turn, turns[n - 1])),
  },
  { rule: "a call has one result", check: ({ turns }) => turns.flatMap(answeredTwice) },
  { rule: "calls of the API's own tools have their results", check: ({ turns }) => halves(turns) },
];

function toolProblems(tool: Readonly<Record<string, unknown>>, n: number): ProblemFound[] {
  // Tools of the API itself have a type with a date, and their own fields.
  const isOwn = tool["type"] === undefined || tool["type"] === "custom";
  const path = `tools.${n}${isOwn ? ".custom" : ""}`;
  if (typeof tool["name"] !== "string") return [{ message: `${path}.name: Field required` }];
  if (!new RegExp(NAME).test(tool["name"])) return [{ message: `${path}.name: String should match pattern '${NAME}'` }];
  if (!isOwn) return [];
  const schema = tool["input_schema"];
  if (!isObject(schema)) return [{ message: `${path}.input_schema: Field required` }];
  return schema["type"] === "object" ? [] : [{ message: `${path}.input_schema.type: Input should be 'object'` }];
}

function callProblems({ path, block }: PlacedBlock): ProblemFound[] {
  const fields = { id: ID, name: NAME };
  const strings = Object.entries(fields).flatMap(([field, pattern]) => {
    const value = block[field];
    if (typeof value !== "string") return [{ message: `${path}.tool_use.${field}: Field required` }];
    if (new RegExp(pattern).test(value)) return [];
    return [{ message: `${path}.tool_use.${field}: String should match pattern '${pattern}'` }];
  });
  return isObject(block["input"])
    ? strings
    : [...strings, { message: `${path}.tool_use.input: Input should be a valid dictionary` }];
}

function resultProblems({ path, block }: PlacedBlock): ProblemFound[] {
  const { tool_use_id: id, content } = block;
  if (typeof id !== "string") return [{ message: `${path}.tool_result.tool_use_id: Field required` }];
  if (!new RegExp(ID).test(id)) {
    return [{ message: `${path}.tool_result.tool_use_id: String should match pattern '${ID}'` }];
  }
  if (content === undefined || typeof content === "string") return [];
  const isList = Array.isArray(content) && objectsOf(content).every(({ type }) => RESULT_BLOCKS.includes(String(type)));
  return isList ? [] : [{ message: `${path}.tool_result.content: Input should be a valid string or list of blocks` }];
}

const RESULT_BLOCKS = ["text", "image", "document", "search_result"];

function sharedIds(turns: readonly Turn[]): ProblemFound[] {
  const calls = turns.flatMap((turn) => blocksOf(turn, "tool_use"));
  return calls
    .filter(({ block }, n) => calls.findIndex((other) => other.block["id"] === block["id"]) < n)
    .map(({ path }) => ({ message: `${path}: \`tool_use\` ids must be unique` }));
}

function unanswered(turn: Turn, next: Turn | undefined): ProblemFound[] {
  const answered = leadingResults(next).map(({ block }) => block["tool_use_id"]);
  const open = blocksOf(turn, "tool_use").filter(({ block }) => !answered.includes(block["id"]));
  if (open.length === 0) return [];
  const ids = open.map(({ block }) => String(block["id"])).join(", ");
  const message = `${turn.path}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
  return [{ message }];
}

// Results count only at the beginning of the message.
function leadingResults(turn: Turn | undefined): readonly PlacedBlock[] {
  const blocks = turn?.blocks ?? [];
  const other = blocks.findIndex(({ type }) => type !== "tool_result");
  return other === -1 ? blocks : blocks.slice(0, other);
}

function orphans(turn: Turn, before: Turn | undefined): ProblemFound[] {
  const calls = blocksOf(before, "tool_use").map(({ block }) => block["id"]);
  return blocksOf(turn, "tool_result")
    .filter(({ block }) => !calls.includes(block["tool_use_id"]))
    .map(({ path, block }) => ({
      message: `${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${String(block["tool_use_id"])}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
    }));
}

function answeredTwice(turn: Turn): ProblemFound[] {
  const ids = blocksOf(turn, "tool_result").map(({ block }) => String(block["tool_use_id"]));
  return repeated(ids).map((id) => ({
    message: `${turn.path}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`,
  }));
}

/** The last answer may wait: the API runs its own tools when it has our results, or goes on. */
function halves(turns: readonly Turn[]): ProblemFound[] {
  const blocks = turns.flatMap((turn) => turn.blocks);
  const results = blocks.filter(({ type }) => type.endsWith("_tool_result")).map(({ block }) => block["tool_use_id"]);
  const place = turns.findLastIndex(({ role }) => role === "assistant");
  const isWaiting = [undefined, "tool_result"].includes(turns[place + 1]?.blocks[0]?.type);
  const over = turns.filter((_turn, n) => n !== place || !isWaiting);
  const running = isWaiting ? blocksOf(turns[place], "tool_use").map(callerOf) : [];
  return over
    .flatMap((turn) => blocksOf(turn, "server_tool_use"))
    .filter(({ block: { id } }) => !results.includes(id) && !running.includes(id))
    .map(({ path, block: { id, name } }) => ({
      message: `${path}: \`${String(name)}\` tool use with id \`${String(id)}\` was found without a corresponding \`${String(name)}_tool_result\` block`,
    }));
}

function callerOf({ block: { caller } }: PlacedBlock): unknown {
  return isObject(caller) ? caller["tool_id"] : undefined;
}
