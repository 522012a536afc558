/**
 * Owns checking a value against a JSON Schema and saying what is wrong in words: where, which value, what is allowed.
 * The checking itself is @cfworker/json-schema's, which generates no code and so runs everywhere.
 */
import { type OutputUnit, type Schema, Validator } from "@cfworker/json-schema";
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
    validator = new Validator(schema as Schema, "2020-12", false);
    validators.set(schema, validator);
  }
  const { valid, errors } = validator.validate(value);
  if (valid) return [];
  const precise = errors.filter((error) => !WRAPPERS.has(error.keyword));
  return (precise.length > 0 ? precise : errors).map((error) => problemOf(error, value, schema));
}

function problemOf(error: OutputUnit, value: unknown, schema: JsonSchema): SchemaProblem {
  const steps = pointerSteps(error.instanceLocation);
  const found = steps.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], value);
  const limit = pointerSteps(error.keywordLocation).reduce<unknown>(
    (at, step) => (at as Record<string, unknown> | undefined)?.[step],
    schema,
  );
  return { path: dotted(steps), message: sentence(error, found, limit) };
}

function sentence(error: OutputUnit, found: unknown, limit: unknown): string {
  const shown = JSON.stringify(found) ?? String(found);
  const value = shown.length > 80 ? `${shown.slice(0, 77)}...` : shown;
  switch (error.keyword) {
    case "type":
      return `is ${value}, must be ${Array.isArray(limit) ? limit.join(" or ") : String(limit)}`;
    case "enum":
      return `is ${value}, must be one of ${(limit as unknown[]).map((each) => JSON.stringify(each)).join(", ")}`;
    case "minimum":
      return `is ${value}, must be at least ${String(limit)}`;
    case "maximum":
      return `is ${value}, must be at most ${String(limit)}`;
    case "exclusiveMinimum":
      return `is ${value}, must be more than ${String(limit)}`;
    case "required":
    case "additionalProperties":
    case "unevaluatedProperties":
      return error.error;
    default:
      return `is ${value}: ${error.error}`;
  }
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
