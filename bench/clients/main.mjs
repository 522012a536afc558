/**
 * The client process: one contender does one task, and the result goes to stdout as one line of JSON. Only that
 * contender's modules are loaded. The task comes as JSON in the first argument: `{ scenario, contender, wire, base, ... }`.
 */
import { wires } from "../wire/index.mjs";

const task = JSON.parse(process.argv[2]);
const contender = await import(`./contenders/${task.contender}.mjs`);
const scenario = await import(`./scenarios/${task.scenario}.mjs`);
const target = { wire: wires[task.wire], wireName: task.wire, ...task.options };

/** Makes a reader of the answers of one mode (`bulk/200`). */
const open = (mode) => contender.open({ ...target, url: `${task.base}/${mode}` });

const result = await scenario.run(open, task);
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit());
