/**
 * Owns what is promised: one line a promise. A budget on a `ratio` is relative to plain fetch in the same round; one on a
 * `value` is in the measurement's unit. Missing one is printed, never a failure: a number of a busy machine proves nothing.
 */

/** `{ measurement, metric, contender, of: "ratio" | "value", atMost }` */
export const budgets = [
  { measurement: "bulk", metric: "CPU per token", contender: "loop", of: "ratio", atMost: 0.7 },
  { measurement: "bulk", metric: "CPU per token", contender: "loop+hook", of: "ratio", atMost: 1 },
  { measurement: "bulk", metric: "CPU per token", contender: "loop+10 others", of: "ratio", atMost: 0.7 },
  { measurement: "bulk", metric: "CPU per token", contender: "provider", of: "ratio", atMost: 0.7 },
  { measurement: "emit", metric: "CPU per event", contender: "guarded", of: "value", atMost: 50 },
  { measurement: "emit", metric: "CPU per event", contender: "unguarded", of: "value", atMost: 50 },
  { measurement: "live", metric: "CPU per token", contender: "loop", of: "ratio", atMost: 0.7 },
  { measurement: "latency", metric: "p99", contender: "loop unbuffered", of: "ratio", atMost: 0.3 },
  { measurement: "start", metric: "first token", contender: "loop", of: "ratio", atMost: 1 },
  { measurement: "first-tool", metric: "tool starts at", contender: "loop", of: "value", atMost: 99 },
  { measurement: "tool-input", metric: "CPU", contender: "loop", of: "ratio", atMost: 1.2 },
  { measurement: "tool-input", metric: "growth", contender: "loop", of: "value", atMost: 2.5 },
  { measurement: "abort", metric: "socket given up", contender: "loop", of: "ratio", atMost: 1.2 },
  { measurement: "stop", metric: "until settled", contender: "loop", of: "value", atMost: 50 },
  { measurement: "slow-consumer", metric: "memory grows", contender: "loop", of: "value", atMost: 4 },
  { measurement: "slow-consumer", metric: "sent while paused", contender: "loop", of: "value", atMost: 0.1 },
  { measurement: "turns", metric: "heap grows", contender: "loop", of: "value", atMost: 4 },
];

/** The budget of one number, with `isMet`; undefined where nothing is promised. */
export function budgetOf({ measurement, metric, contender }, { value, ratio }) {
  const budget = budgets.find(
    (each) => each.measurement === measurement && each.metric === metric && each.contender === contender,
  );
  if (budget === undefined) return undefined;
  const median = budget.of === "ratio" ? ratio.median : value.median;
  return { of: budget.of, atMost: budget.atMost, isMet: median <= budget.atMost };
}
