/**
 * `npm run bench`: measures our loop against plain clients and prints numbers, ratios and budgets. No number makes it
 * fail; a contender that delivers the wrong text does (exit code 1), and a bad argument (2).
 */
import { makeReady } from "../scripts/ready.mjs";
import { parseArguments } from "./arguments.mjs";
import { measure } from "./measure.mjs";
import { describeRun, printRows, printSummary, rowsOf } from "./report.mjs";
import { startServer } from "./start-server.mjs";

const given = readArguments();
if (given.help !== undefined) {
  console.log(given.help);
  process.exit();
}
await makeReady();
const server = await startServer();
try {
  await runAll(given);
} catch (error) {
  console.error(error.name === "WrongTextError" ? error.message : error);
  process.exitCode = 1;
} finally {
  server.stop();
}

async function runAll({ rounds, json, plan }) {
  const about = describeRun(rounds);
  const show = json ? () => {} : printRows;
  if (!json) printHead(about);
  const all = [];
  for (const { measurement, wire } of plan) {
    const rows = rowsOf(measurement, wire, await measure(measurement, { wire, rounds, server }));
    show(measurement, wire, rows);
    all.push(...rows);
  }
  if (json) console.log(JSON.stringify({ ...about, rows: all }));
  else printSummary(all);
}

function printHead({ node, cpu, cores, rounds }) {
  console.log(`node ${node}, ${cores} x ${cpu}, ${rounds} runs each in fresh processes, contenders taking turns`);
  console.log(
    "CPU is user and system time of the whole client from request to end, after a warm-up answer of 200 tokens.",
  );
  console.log(
    "Columns: median, smallest-largest, ratio to plain fetch in the same round (median, smallest-largest), budget.",
  );
}

function readArguments() {
  try {
    return parseArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`${error.message} See --help.`);
    return process.exit(2);
  }
}
