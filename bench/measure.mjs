/**
 * Owns the order of the runs: rounds in which every contender runs once, in a fresh process, each round beginning with
 * another one, so that what else happens on the machine hits all alike. Ratios are taken within a round.
 */
import { summarize } from "./statistics.mjs";

/** What ratios are relative to. */
export const REFERENCE = "fetch";

/**
 * Runs one measurement on one wire. `measurement.sample({ contender, wire, run, server })` resolves with numbers by
 * metric name. Resolves with `{ values, ratios }`, both `metric -> contender -> summary`.
 */
export async function measure(measurement, { wire, rounds, server, onRun }) {
  const samples = Object.fromEntries(measurement.contenders.map((contender) => [contender, []]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of rotated(measurement.contenders, round)) {
      const run = `${measurement.name}-${wire}-${contender}-${round}`;
      samples[contender].push(await measurement.sample({ contender, wire, run, server }));
      onRun?.(run);
    }
  }
  return { values: valuesOf(samples), ratios: measurement.hasRatios === false ? {} : ratiosOf(samples) };
}

function rotated(list, by) {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

function valuesOf(samples) {
  return byMetric(samples, (metric, contender) => samples[contender].map((sample) => sample[metric]));
}

function ratiosOf(samples) {
  const reference = samples[REFERENCE];
  if (reference === undefined) return {};
  return byMetric(samples, (metric, contender) =>
    samples[contender].map((sample, round) => sample[metric] / reference[round][metric]),
  );
}

function byMetric(samples, runsOf) {
  const metrics = Object.keys(Object.values(samples)[0][0]);
  return Object.fromEntries(
    metrics.map((metric) => [
      metric,
      Object.fromEntries(Object.keys(samples).map((contender) => [contender, summarize(runsOf(metric, contender))])),
    ]),
  );
}
