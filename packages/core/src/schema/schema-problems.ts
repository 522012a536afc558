/**
 * Owns whether a JSON Schema is one, as far as models' APIs ask: they refuse a whole request for one tool whose schema they
 * cannot read. It is a check of form; what a schema means is nobody's business here.
 */
import { looseCopy } from "../events/frozen-copy.ts";
import { dereference, type Schema } from "@cfworker/json-schema";
import { checkValue, type SchemaProblem } from "./check-value.ts";
import type { JsonSchema } from "./json-schema.ts";

const SCHEMA: JsonSchema = { $ref: "#/$defs/schema" };
const SCHEMAS: JsonSchema = { type: "array", items: SCHEMA };
const BY_NAME: JsonSchema = { type: "object", additionalProperties: SCHEMA };
const COUNT: JsonSchema = { type: "integer", minimum: 0 };
const NAME: JsonSchema = { enum: ["object", "array", "string", "number", "integer", "boolean", "null"] };

/** The keywords that are checked; others may say what they like. */
const KEYWORDS: Readonly<Record<string, JsonSchema>> = {
  type: { anyOf: [NAME, { type: "array", items: NAME }] },
  properties: BY_NAME,
  patternProperties: BY_NAME,
  $defs: BY_NAME,
  definitions: BY_NAME,
  additionalProperties: SCHEMA,
  items: { anyOf: [SCHEMA, SCHEMAS] },
  prefixItems: SCHEMAS,
  anyOf: SCHEMAS,
  oneOf: SCHEMAS,
  allOf: SCHEMAS,
  not: SCHEMA,
  required: { type: "array", items: { type: "string" } },
  enum: { type: "array" },
  pattern: { type: "string", format: "regex" },
  $ref: { type: "string" },
  description: { type: "string" },
  minimum: { type: "number" },
  maximum: { type: "number" },
  minLength: COUNT,
  maxLength: COUNT,
  minItems: COUNT,
  maxItems: COUNT,
};

const FORM: JsonSchema = {
  type: "object",
  properties: { ...KEYWORDS, type: { const: "object" } },
  $defs: { schema: { type: ["object", "boolean"], properties: KEYWORDS } },
};

/** What is wrong with the schema of an input, which has to be one of an object; empty: nothing. */
export function schemaProblems(schema: unknown): readonly SchemaProblem[] {
  try {
    const problems = checkValue(schema, FORM);
    if (problems.length > 0) return problems;
    // Some of it shows only when a value is checked.
    const lost = lostReferences(schema as Schema);
    if (lost.length === 0) checkValue({}, schema as JsonSchema);
    return lost;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // What follows the first line is the checker's own affair.
    return [{ path: "", message: `cannot be used: ${reason.split("\n", 1)[0]}` }];
  }
}

// The checker follows a reference only when a value leads it there, which would be in the middle of a turn.
function lostReferences(schema: Schema): readonly SchemaProblem[] {
  const found = dereference(looseCopy(schema));
  return Object.entries(found).flatMap(([uri, each]) => {
    if (typeof each === "boolean" || each.__absolute_ref__ === undefined || each.__absolute_ref__ in found) return [];
    const message = `is ${JSON.stringify(each.$ref)}, which is nowhere in the schema`;
    return [{ path: [...stepsOf(uri), "$ref"].join("."), message }];
  });
}

function stepsOf(uri: string): readonly string[] {
  const pointer = uri.slice(uri.indexOf("#") + 1);
  return uri.includes("#") ? pointer.split("/").slice(1).map(decodeURIComponent) : [];
}
