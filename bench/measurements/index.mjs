/**
 * Owns the list of what is measured, in the order in which it is printed. A measurement says its `name`, `title`, `unit`,
 * `contenders`, whether it `isLong` (a quick bench then does one wire only), whether it `hasWire` (all but one do), whether
 * it runs `onEveryWire` (else on the first two, or on the one that is named), and takes one `sample`.
 */
import * as abort from "./abort.mjs";
import * as bulk from "./bulk.mjs";
import * as crowd from "./crowd.mjs";
import * as emit from "./emit.mjs";
import * as firstTool from "./first-tool.mjs";
import * as latency from "./latency.mjs";
import * as live from "./live.mjs";
import * as slowConsumer from "./slow-consumer.mjs";
import * as start from "./start.mjs";
import * as stop from "./stop.mjs";
import * as toolInput from "./tool-input.mjs";
import * as turns from "./turns.mjs";

/** All measurements. */
export const measurements = [
  bulk,
  emit,
  live,
  latency,
  crowd,
  start,
  firstTool,
  toolInput,
  abort,
  stop,
  slowConsumer,
  turns,
];
