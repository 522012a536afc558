/**
 * Owns the rules of model calls: each request has one outcome, and blocks belong to a request that is under way.
 */
import type { Event } from "amplifier-core";
import { at, type Finding, missing, perTurn, type Rule } from "./violation.ts";

/** Each `provider:request` has exactly one `provider:response` or `provider:error`, unless its turn was denied there. */
export const requestsHaveOneOutcome: Rule = perTurn((turn) => {
  const findings: Finding[] = [];
  let open: Event | null = null;
  for (const event of turn) {
    if (event.type === "provider:request") {
      if (open !== null) findings.push(at(event, "comes before the last request had its outcome"));
      open = event;
    } else if (event.type === "provider:response" || event.type === "provider:error") {
      if (open === null) findings.push(at(event, "answers no request"));
      open = null;
    }
  }
  const denied = turn.some((event) => event.type === "execution:end" && event.data.status === "denied");
  if (open !== null && !denied) findings.push(missing(`the provider:request at seq ${open.seq} has no outcome`));
  return findings;
});

/** Iterations count 1, 2, 3 ...; the wrap-up and a call made again do not count; outcomes name the iteration of their request. */
export const iterationsCount: Rule = perTurn((turn) => {
  let iteration = 0;
  return turn.flatMap((event) => {
    if (event.type === "provider:request") {
      const expected = event.data.max_reached || event.data.again ? iteration : iteration + 1;
      iteration = event.data.iteration;
      return iteration === expected ? [] : [at(event, `iteration ${iteration} where ${expected} was next`)];
    }
    const outcome =
      event.type === "provider:response" || event.type === "provider:error" || event.type === "content_block:start";
    if (!outcome || event.data.iteration === iteration) return [];
    return [at(event, `names iteration ${event.data.iteration} in iteration ${iteration}`)];
  });
});

/** Blocks, and `llm:stream_aborted`, come between a request and its outcome. */
export const blocksBelongToARequest: Rule = perTurn((turn) => {
  let open = false;
  return turn.flatMap((event) => {
    if (event.type === "provider:request") open = true;
    if (event.type === "provider:response" || event.type === "provider:error") open = false;
    const belongs = event.type.startsWith("content_block:") || event.type === "llm:stream_aborted";
    return belongs && !open ? [at(event, "comes while no model call is under way")] : [];
  });
});
