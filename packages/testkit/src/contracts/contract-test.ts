/**
 * Owns the form of a contract suite: a list of named checks without a runner, so that `it(name, run)` of vitest, node:test,
 * Mocha or Bun runs them alike. What the checks are is each suite's own.
 */

/** One rule of a port. `name` is a sentence about behaviour; `run` rejects with an Error that says what is wrong. */
export interface ContractTest {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** A rule's check: rejects when the subject breaks it. */
export type Check<S> = (subject: S) => Promise<void>;

/** Rules by name, in the order they are listed. */
export type Rules<S> = Readonly<Record<string, Check<S>>>;

/** What every subject may say. */
export interface Patience {
  /** How long anything may take before it counts as hanging. Milliseconds; default 2000. */
  readonly timeoutMs?: number;
}

/** A subject whose patience is known. */
export type Patient<S extends Patience> = S & { readonly timeoutMs: number };

const TIMEOUT_MS = 2000;

/** Binds rules to a subject. */
export function contractTests<S extends Patience>(subject: S, rules: Rules<Patient<S>>): readonly ContractTest[] {
  const patient = { ...subject, timeoutMs: subject.timeoutMs ?? TIMEOUT_MS };
  return Object.entries(rules).map(([name, check]) => ({ name, run: async () => check(patient) }));
}
