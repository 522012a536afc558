/**
 * Owns what the Messages API refuses about thinking, the limits that go with it, and an assistant message at the end.
 */
import { isObject, type JsonObject } from "../json.ts";
import type { ProblemFound, RequestRule } from "../request-rule.ts";
import { type AnthropicRequest, blocksOf, type PlacedBlock, type Turn } from "./anthropic-request.ts";

const THINKING = ["thinking", "redacted_thinking"];
const MODES = ["enabled", "disabled", "adaptive", "between_tools"];
const MIN_BUDGET = 1_024;

/** The rules, in the order in which they answer. */
export const THINKING_RULES: readonly RequestRule<AnthropicRequest>[] = [
  { rule: "thinking settings are allowed together", check: settingProblems },
  {
    rule: "thinking comes back as it was signed",
    check: ({ turns, facts }) =>
      turns.flatMap((turn) =>
        blocksOf(turn, "thinking").flatMap((block) => signatureProblem(block, facts.signedThinking)),
      ),
  },
  { rule: "no answer ends with thinking", check: ({ turns }) => turns.flatMap(trailingThinking) },
  { rule: "an unfinished round of tools begins with its thinking", check: missingThinking },
  { rule: "the conversation does not end with the assistant, unless its model continues", check: prefillProblems },
  { rule: "what is to be continued does not end with white space", check: ({ turns }) => trailingSpace(turns.at(-1)) },
];

function settingProblems({ body }: AnthropicRequest): ProblemFound[] {
  const { thinking } = body;
  if (!isObject(thinking)) return [];
  const type = String(thinking["type"]);
  if (!MODES.includes(type)) {
    return [{ message: `thinking: Input tag '${type}' found using 'type' does not match any of the expected tags` }];
  }
  return type === "enabled" ? budgetProblems(thinking["budget_tokens"], body) : [];
}

function budgetProblems(budget: unknown, body: JsonObject): ProblemFound[] {
  const { max_tokens: maxTokens, temperature, tool_choice: choice } = body;
  const isBudget = typeof budget === "number" && budget >= MIN_BUDGET;
  const problems = [
    isBudget ? "" : `thinking.enabled.budget_tokens: Input should be greater than or equal to ${MIN_BUDGET}`,
    isBudget && Number(maxTokens) <= budget ? "`max_tokens` must be greater than `thinking.budget_tokens`." : "",
    (temperature ?? 1) === 1 ? "" : "`temperature` may only be set to 1 when thinking is enabled.",
    isObject(choice) && ["any", "tool"].includes(String(choice["type"]))
      ? "Thinking may not be enabled when tool_choice forces tool use."
      : "",
  ];
  return problems.filter((message) => message !== "").map((message) => ({ message }));
}

function signatureProblem({ path, block }: PlacedBlock, signed: ReadonlyMap<string, string> | null): ProblemFound[] {
  const { signature, thinking } = block;
  if (typeof signature !== "string") return [{ message: `${path}.thinking.signature: Field required` }];
  const original = signed === null && signature !== "" ? thinking : signed?.get(signature);
  if (original === undefined) return [{ message: `${path}: Invalid \`signature\` in \`thinking\` block` }];
  if (original === thinking) return [];
  const message = `${path}: \`thinking\` or \`redacted_thinking\` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.`;
  return [{ message }];
}

function trailingThinking({ role, path, blocks }: Turn): ProblemFound[] {
  const type = blocks.at(-1)?.type ?? "";
  if (role !== "assistant" || !THINKING.includes(type)) return [];
  return [{ message: `${path}: The final block in an assistant message cannot be \`${type}\`.` }];
}

// Only models with a budget want it; adaptive thinking may leave it out.
function missingThinking({ body, turns }: AnthropicRequest): ProblemFound[] {
  const isBudgeted = isObject(body["thinking"]) && body["thinking"]["type"] === "enabled";
  const last = turns.at(-1);
  const answer = blocksOf(last, "tool_result").length > 0 ? turns.at(-2) : last;
  const [first] = answer?.blocks ?? [];
  if (!isBudgeted || answer?.role !== "assistant" || first === undefined || THINKING.includes(first.type)) return [];
  const message = `${first.path}.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first.type}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks). We recommend you include thinking blocks from previous turns. To avoid this requirement, disable \`thinking\`.`;
  return [{ message }];
}

function prefillProblems({ body, turns, facts, thinks }: AnthropicRequest): ProblemFound[] {
  const last = turns.at(-1);
  if (last?.role !== "assistant" || hasPaused(last)) return [];
  if (thinks || !facts.takesPrefill(String(body["model"]))) {
    return [
      {
        message:
          "This model does not support assistant message prefill. The conversation must end with a user message.",
      },
    ];
  }
  const [thought] = blocksOf(last, ...THINKING);
  if (thought === undefined) return [];
  const message = `${thought.path}: When thinking is disabled, an \`assistant\` message in the final position cannot contain \`thinking\`. To use thinking blocks, enable \`thinking\` in your request.`;
  return [{ message }];
}

/** An answer that ends with a tool of the API's own is one that it goes on with by itself. */
function hasPaused(last: Turn): boolean {
  return /^(?!tool_)\w+_tool_(use|result)$/.test(last.blocks.at(-1)?.type ?? "");
}

function trailingSpace(last: Turn | undefined): ProblemFound[] {
  const text = last?.blocks.at(-1)?.block["text"];
  if (last?.role !== "assistant" || typeof text !== "string" || text === text.trimEnd()) return [];
  return [{ message: "messages: final assistant content cannot end with trailing whitespace" }];
}
