/**
 * A whole program over plain fetch: writes each token to stdout. Its first byte is what is timed, from its start.
 */
import { open } from "../contenders/fetch.mjs";
import { wires } from "../../wire/index.mjs";
import { StdoutSink } from "./stdout-sink.mjs";

const [wireName, url] = process.argv.slice(2);
const read = open({ wire: wires[wireName], url });
await read(new StdoutSink());
process.exit();
