/**
 * Owns checking a value against a JSON Schema and saying what is wrong in words: where, which value unless it is a secret,
 * what is allowed.
 * The checking itself is @cfworker/json-schema's, which generates no code and so runs everywhere.
 */
import { looseCopy } from "../events/frozen-copy.ts";
import { type OutputUnit, type Schema, Validator } from "@cfworker/json-schema";
import { isSecretKey, REDACTED, redactSecrets } from "../redact-secrets.ts";
import { describeSchema } from "./describe-schema.ts";
import type { JsonSchema } from "./json-schema.ts";

/** One thing that is wrong. `path` is dotted (`files[0].name`), empty for the value itself. */
export interface SchemaProblem {
  readonly path: string;
  readonly message: string;
}

const validators = new WeakMap<object, Validator>();

// Keywords that only say that something deeper failed.
const WRAPPERS: ReadonlySet<string> = new Set(["properties", "items", "prefixItems", "allOf", "$ref", "if", "false"]);

/** What is wrong with `value`, most precise first; empty when it is right. Throws on a schema that is none. */
export function checkValue(value: unknown, schema: JsonSchema): readonly SchemaProblem[] {
  let validator = validators.get(schema);
  if (validator === undefined) {
    // A copy: the checker writes into what it is given, which may be frozen.
    validator = new Validator(looseCopy(schema) as Schema, "2020-12", false);
    validators.set(schema, validator);
  }
  const { valid, errors } = validator.validate(value);
  if (valid) return [];
  const precise = errors.filter((error) => !isWrapper(error, schema) && !isInsideAlternative(error, errors));
  return (precise.length > 0 ? precise : errors).map((error) => problemOf(error, value, schema));
}

function isWrapper({ keyword, keywordLocation }: OutputUnit, schema: JsonSchema): boolean {
  if (keyword !== "additionalProperties") return WRAPPERS.has(keyword);
  return keywordAt(schema, pointerSteps(keywordLocation)) !== false;
}

// What is wrong with each branch of an alternative says less than what the alternative allows.
function isInsideAlternative(error: OutputUnit, errors: readonly OutputUnit[]): boolean {
  return errors.some(
    ({ keyword, keywordLocation }) =>
      (keyword === "anyOf" || keyword === "oneOf") && error.keywordLocation.startsWith(`${keywordLocation}/`),
  );
}

function problemOf(error: OutputUnit, value: unknown, schema: JsonSchema): SchemaProblem {
  const steps = pointerSteps(error.instanceLocation);
  const found = at(value, steps);
  const where = pointerSteps(error.keywordLocation);
  const owner = keywordAt(schema, where.slice(0, -1)) as JsonSchema | undefined;
  const key = /"([^"]+)"/.exec(error.error)?.[1];
  if (error.keyword === "required" && key !== undefined)
    return { path: dotted([...steps, key]), message: "is missing" };
  if (error.keyword === "additionalProperties" && key !== undefined) {
    const known = Object.keys(owner?.properties ?? {}).join(", ");
    const allowed = known === "" ? "none is allowed" : `known are ${known}`;
    return { path: dotted([...steps, key]), message: `is not a known key; ${allowed}` };
  }
  const shown = steps.some(isSecretKey) ? REDACTED : (JSON.stringify(redactSecrets(found)) ?? typeof found);
  return { path: dotted(steps), message: sentence(error, shown, keywordAt(schema, where)) };
}

function sentence(error: OutputUnit, shown: string, limit: unknown): string {
  const value = shown.length > 80 ? `${shown.slice(0, 77)}...` : shown;
  if (error.keyword === "not") return `is ${value}, which is not allowed together`;
  const allowed = describeSchema({ [error.keyword]: limit });
  return allowed === undefined ? `is ${value}: ${error.error}` : `is ${value}, must be ${allowed}`;
}

// A keyword's place leads through references as they were followed.
function keywordAt(schema: JsonSchema, steps: readonly string[]): unknown {
  return steps.reduce<unknown>((here, step) => {
    const next = (here as Record<string, unknown> | undefined)?.[step];
    return step === "$ref" && typeof next === "string" ? at(schema, pointerSteps(next)) : next;
  }, schema);
}

function at(value: unknown, steps: readonly string[]): unknown {
  return steps.reduce<unknown>((here, step) => (here as Record<string, unknown> | undefined)?.[step], value);
}

function pointerSteps(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~"));
}

function dotted(steps: readonly string[]): string {
  return steps.reduce((path, step) => {
    if (/^\d+$/.test(step)) return `${path}[${step}]`;
    return path === "" ? step : `${path}.${step}`;
  }, "");
}
