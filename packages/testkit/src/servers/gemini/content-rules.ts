/**
 * Owns what the Gemini API refuses in a conversation's form: fields it does not know, roles, and parts that say nothing.
 */
import { type JsonObject, isObject } from "../json.ts";
import type { ProblemFound, RequestRule } from "../request-rule.ts";
import type { GeminiRequest, PlacedPart } from "./gemini-request.ts";

const BODY_FIELDS = [
  "contents",
  "systemInstruction",
  "tools",
  "toolConfig",
  "generationConfig",
  "safetySettings",
  "cachedContent",
  "continuationToken",
  "model",
  "stream",
];
const PART_DATA = [
  "text",
  "inlineData",
  "fileData",
  "functionCall",
  "functionResponse",
  "executableCode",
  "codeExecutionResult",
];
const PART_FIELDS = [...PART_DATA, "thought", "thoughtSignature", "videoMetadata"];

/** The rules, in the order in which they answer. */
export const CONTENT_RULES: readonly RequestRule<GeminiRequest>[] = [
  {
    rule: "fields are known",
    check: ({ body, turns }) => [
      ...unknownFields(body, BODY_FIELDS, ""),
      ...turns.flatMap((turn) =>
        turn.parts.flatMap(({ path, part }) => unknownFields(part, PART_FIELDS, ` at '${path}'`)),
      ),
    ],
  },
  {
    rule: "there is a content",
    check: ({ contents }) =>
      contents.length === 0 ? [{ message: "* GenerateContentRequest.contents: contents is not specified" }] : [],
  },
  {
    rule: "roles are user and model",
    check: ({ contents }) =>
      contents.some(({ role }) => role !== "user" && role !== "model")
        ? [{ message: "Please use a valid role: user, model." }]
        : [],
  },
  {
    rule: "no content is empty",
    check: ({ contents }) =>
      contents.flatMap(({ parts }, n) =>
        Array.isArray(parts) && parts.length > 0
          ? []
          : [{ message: `* GenerateContentRequest.contents[${n}].parts: contents.parts must not be empty.` }],
      ),
  },
  {
    rule: "every part says one thing",
    check: ({ turns }) => turns.flatMap(({ parts }) => parts.flatMap(dataProblems)),
  },
  {
    rule: "the system instruction says something",
    check: ({ body: { systemInstruction: system } }) =>
      system === undefined || (isObject(system) && Array.isArray(system["parts"]) && system["parts"].length > 0)
        ? []
        : [{ message: "* GenerateContentRequest.system_instruction.parts: contents.parts must not be empty." }],
  },
];

function unknownFields(object: JsonObject, known: readonly string[], at: string): readonly ProblemFound[] {
  return Object.keys(object)
    .filter((field) => !known.includes(field))
    .map((field) => ({ message: `Invalid JSON payload received. Unknown name "${field}"${at}: Cannot find field.` }));
}

function dataProblems({ path, part }: PlacedPart): readonly ProblemFound[] {
  const data = PART_DATA.filter((field) => part[field] !== undefined);
  if (data.length > 1) return [{ message: `Invalid value at '${path}' (oneof), oneof field 'data' is already set.` }];
  if (data.length === 1 && part["text"] !== "") return [];
  // A signature may come alone.
  if (part["text"] === "" && part["thoughtSignature"] !== undefined) return [];
  return [
    { message: `* GenerateContentRequest.${path}.data: required oneof field 'data' must have one initialized field` },
  ];
}
