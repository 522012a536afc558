/**
 * Owns what the Gemini API refuses about functions: their names, calls and results that do not fit each other, and what
 * its newer models want to have back signed.
 */
import { isObject, repeated } from "../json.ts";
import type { ProblemFound, RequestRule } from "../request-rule.ts";
import { functionsIn, type GeminiRequest, type PlacedPart, type Turn } from "./gemini-request.ts";

const NAME = /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/;

/** The rules, in the order in which they answer. */
export const FUNCTION_RULES: readonly RequestRule<GeminiRequest>[] = [
  {
    rule: "functions are named",
    check: ({ functions, turns }) => [
      ...functions.flatMap(({ name }, n) => nameProblem(name, `tools[0].function_declarations[${n}].name`)),
      ...turns.flatMap((turn) =>
        [...functionsIn(turn, "functionCall"), ...functionsIn(turn, "functionResponse")].flatMap(({ path, part }) =>
          nameProblem(part["name"], `${path}.name`),
        ),
      ),
    ],
  },
  {
    rule: "functions have names of their own",
    check: ({ functions }) =>
      repeated(functions.map(({ name }) => String(name))).map((name) => ({
        message: `Duplicate function declaration found: ${name}`,
      })),
  },
  { rule: "arguments and results are objects", check: ({ turns }) => turns.flatMap(structProblems) },
  {
    rule: "calls come behind what the user or a function said",
    check: ({ turns: [first] }) =>
      first?.role === "model" && functionsIn(first, "functionCall").length > 0
        ? [
            {
              message:
                "Please ensure that function call turn comes immediately after a user turn or after a function response turn.",
            },
          ]
        : [],
  },
  {
    rule: "results come behind their calls",
    check: ({ turns }) =>
      turns.some((turn, n) => hasResults(turn) && functionsIn(turns[n - 1], "functionCall").length === 0)
        ? [{ message: "Please ensure that function response turn comes immediately after a function call turn." }]
        : [],
  },
  {
    rule: "every call has its result",
    check: ({ turns }) => turns.flatMap((turn, n) => unanswered(turn, turns[n + 1])),
  },
  { rule: "the first call of an answer is signed", check: unsigned },
  {
    rule: "thoughts come back as they were signed",
    check: ({ turns, facts: { signedThinking } }) =>
      turns.flatMap(({ parts }) => parts.flatMap((part) => thoughtProblem(part, signedThinking))),
  },
];

function nameProblem(name: unknown, path: string): readonly ProblemFound[] {
  if (typeof name === "string" && NAME.test(name)) return [];
  const message = `* GenerateContentRequest.${path}: [FIELD_INVALID] Invalid function name. Must start with a letter or an underscore. Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.`;
  return [{ message }];
}

function structProblems(turn: Turn): readonly ProblemFound[] {
  const wrong = [
    ...functionsIn(turn, "functionCall").filter(({ part: { args } }) => args !== undefined && !isObject(args)),
    ...functionsIn(turn, "functionResponse").filter(({ part: { response } }) => !isObject(response)),
  ];
  return wrong.map(({ path }) => ({
    message: `Invalid value at '${path}' (type.googleapis.com/google.protobuf.Struct)`,
  }));
}

function hasResults(turn: Turn): boolean {
  return functionsIn(turn, "functionResponse").length > 0;
}

/** Only what comes behind has to answer: at the end of a conversation the model may have called. */
function unanswered(turn: Turn, next: Turn | undefined): readonly ProblemFound[] {
  const calls = functionsIn(turn, "functionCall").map(word);
  const results = functionsIn(next, "functionResponse").map(word);
  if (next === undefined || calls.toSorted().join("\n") === results.toSorted().join("\n")) return [];
  const message =
    "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.";
  return calls.length === 0 ? [] : [{ message }];
}

/** What matches a result to its call. */
function word({ part }: PlacedPart): string {
  return `${String(part["name"])} ${String(part["id"])}`;
}

function unsigned({ body, turns }: GeminiRequest): readonly ProblemFound[] {
  if (!/^gemini-([3-9]|\d\d)/.test(String(body["model"]))) return [];
  return turns.flatMap(({ parts }) => {
    const first = parts.find(({ part }) => part["functionCall"] !== undefined);
    if (first === undefined || first.part["thoughtSignature"] !== undefined) return [];
    const message = `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, ${first.path}.`;
    return [{ message }];
  });
}

function thoughtProblem(
  { path, part }: PlacedPart,
  signed: ReadonlyMap<string, string> | null,
): readonly ProblemFound[] {
  const { thought, text, thoughtSignature: signature } = part;
  if (thought !== true || signed === null) return [];
  if (typeof signature === "string" && signed.get(signature) === text) return [];
  return [{ message: `Corrupted thought signature. ${path}` }];
}
