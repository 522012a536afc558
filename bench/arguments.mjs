/**
 * Owns the command line of the bench.
 */
import { parseArgs } from "node:util";
import { measurements } from "./measurements/index.mjs";
import { wires } from "./wire/index.mjs";

/** What no wire has of its own is measured on this many. */
const MAIN_WIRES = 2;

const HELP = `npm run bench -- [options]
  --runs N       fresh processes per contender and measurement (default 7)
  --quick        3 runs; long measurements on one wire only
  --only NAME    one measurement: ${measurements.map(({ name }) => name).join(", ")}
  --wire NAME    one wire: ${Object.keys(wires).join(", ")}
  --json         one JSON object instead of tables`;

/** `{ rounds, json, plan }`; `plan` lists what to measure on which wire (null: on none). Throws a `TypeError` for a bad argument. */
export function parseArguments(args) {
  const values = readOptions(args);
  if (values.help) return { help: HELP };
  const rounds = Number(values.runs ?? (values.quick ? 3 : 7));
  if (!Number.isInteger(rounds) || rounds < 1) throw new TypeError(`--runs ${values.runs} is no number of runs.`);
  const chosen = chooseFrom(measurements, values.only, "--only");
  const wireNames = chooseFrom(
    Object.keys(wires).map((name) => ({ name })),
    values.wire,
    "--wire",
  ).map(({ name }) => name);
  const plan = chosen.flatMap((measurement) => {
    if (measurement.hasWire === false) return [{ measurement, wire: null }];
    const onOneWire = values.quick && measurement.isLong === true;
    const count = onOneWire ? 1 : measurement.onEveryWire === true ? wireNames.length : MAIN_WIRES;
    return wireNames.slice(0, count).map((wire) => ({ measurement, wire }));
  });
  return { rounds, json: values.json, plan };
}

function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: "string" },
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      wire: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return values;
}

function chooseFrom(all, name, flag) {
  if (name === undefined) return all;
  const found = all.filter((each) => each.name === name);
  if (found.length > 0) return found;
  throw new TypeError(`${flag} ${name} is unknown; there is ${all.map((each) => each.name).join(", ")}.`);
}
