/**
 * Owns what a rule about requests is: a pure function from a body to what the real API would refuse in it.
 * Each wire has one table of rules; the first finding is what its server answers with.
 */

/** What a request breaks, in the API's own words. `param` and `code` are OpenAI's; other wires leave them out. */
export interface Problem {
  readonly rule: string;
  readonly message: string;
  readonly param?: string | null;
  readonly code?: string | null;
}

/** What a rule found; its name is added by the table. */
export type ProblemFound = Omit<Problem, "rule">;

/** A rule over a request of type `Request`. Later rules run also when earlier ones found something. */
export interface RequestRule<Request> {
  readonly rule: string;
  readonly check: (request: Request) => readonly ProblemFound[];
}

/** Everything `request` breaks, in the order of the table. */
export function applyRules<Request>(rules: readonly RequestRule<Request>[], request: Request): readonly Problem[] {
  return rules.flatMap(({ rule, check }) => check(request).map((found) => ({ rule, ...found })));
}
