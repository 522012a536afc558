/**
 * Owns how results look: rows for people, and one JSON object for programs with the same numbers and every single run.
 */
import { cpus } from "node:os";
import { budgetOf } from "./budgets.mjs";
import { REFERENCE } from "./measure.mjs";

/** One row a number: `{ measurement, wire, metric, unit, contender, value, ratio?, budget? }`; `wire` may be null. */
export function rowsOf(measurement, wire, { values, ratios }) {
  const rows = [];
  for (const [metric, byContender] of Object.entries(values)) {
    for (const [contender, value] of Object.entries(byContender)) {
      const ratio = ratios[metric]?.[contender];
      const budget = budgetOf({ measurement: measurement.name, metric, contender }, { value, ratio });
      rows.push({
        measurement: measurement.name,
        wire,
        metric,
        unit: measurement.unit,
        contender,
        value,
        ratio,
        budget,
      });
    }
  }
  return rows;
}

/** What was measured, and where. */
export function describeRun(rounds) {
  const { length, 0: first } = cpus();
  return { node: process.version, platform: process.platform, cpu: first?.model ?? "unknown", cores: length, rounds };
}

/** The lines of one measurement on one wire. */
export function printRows(measurement, wire, rows) {
  console.log(`\n${measurement.title}  [${[wire, measurement.unit].filter(Boolean).join(", ")}]`);
  for (const row of rows) console.log(line(row));
}

function line({ metric, contender, value, ratio, budget }) {
  const cells = [
    `  ${metric}`.padEnd(20),
    contender.padEnd(16),
    number(value.median).padStart(8),
    `${number(value.min)}-${number(value.max)}`.padStart(15),
    ratioText(contender, ratio).padEnd(26),
    budgetText(budget),
  ];
  return cells.join("  ").trimEnd();
}

function ratioText(contender, ratio) {
  if (ratio === undefined || contender === REFERENCE) return "";
  return `${ratio.median.toFixed(2)} x (${ratio.min.toFixed(2)}-${ratio.max.toFixed(2)})`;
}

function budgetText(budget) {
  if (budget === undefined) return "";
  const limit = budget.of === "ratio" ? `${budget.atMost} x` : `${budget.atMost}`;
  return `${budget.isMet ? "met   " : "MISSED"} at most ${limit}`;
}

function number(value) {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

/** The last lines: how many budgets are met, and which are not. */
export function printSummary(rows) {
  const withBudget = rows.filter(({ budget }) => budget !== undefined);
  const missed = withBudget.filter(({ budget }) => !budget.isMet);
  console.log(`\n${withBudget.length - missed.length} of ${withBudget.length} budgets met.`);
  for (const { measurement, wire, metric, contender } of missed) {
    console.log(`  missed: ${[measurement, wire].filter(Boolean).join(" ")}, ${metric} of ${contender}`);
  }
}
