/**
 * Owns the JSON Schema type the project uses and what a TypeScript type it stands for (`InferSchema`).
 * Inference covers what tool inputs are made of; whatever it does not know becomes `unknown`.
 */

/** A JSON Schema, draft 2020-12 or older. Only the keywords named here are used for type inference. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema | boolean;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly description?: string;
  readonly default?: unknown;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly [keyword: string]: unknown;
}

interface Primitives {
  readonly string: string;
  readonly number: number;
  readonly integer: number;
  readonly boolean: boolean;
  readonly null: null;
}

type Flat<T> = { [K in keyof T]: T[K] };

type RequiredKeys<S> = S extends { readonly required: readonly (infer R)[] } ? R & string : never;

type InferObject<S> = S extends { readonly properties: infer P }
  ? Flat<
      { -readonly [K in keyof P as K extends RequiredKeys<S> ? K : never]: InferSchema<P[K]> } & {
        -readonly [K in keyof P as K extends RequiredKeys<S> ? never : K]?: InferSchema<P[K]>;
      }
    >
  : Record<string, unknown>;

type InferNamed<S, T> = T extends keyof Primitives
  ? Primitives[T]
  : T extends "array"
    ? S extends { readonly items: infer I extends JsonSchema }
      ? InferSchema<I>[]
      : unknown[]
    : T extends "object"
      ? InferObject<S>
      : unknown;

/** The TypeScript type of the values a schema literal accepts. */
export type InferSchema<S> = S extends { readonly const: infer C }
  ? C
  : S extends { readonly enum: readonly (infer E)[] }
    ? E
    : S extends { readonly anyOf: readonly (infer A)[] }
      ? InferSchema<A>
      : S extends { readonly oneOf: readonly (infer O)[] }
        ? InferSchema<O>
        : S extends { readonly type: readonly (infer T)[] }
          ? InferNamed<S, T>
          : S extends { readonly type: infer T }
            ? InferNamed<S, T>
            : S extends { readonly properties: unknown }
              ? InferObject<S>
              : unknown;
