/**
 * A whole program over our library: writes each token to stdout. Its first byte is what is timed, from its start.
 */
import { open } from "../contenders/loop.mjs";
import { StdoutSink } from "./stdout-sink.mjs";

const [wireName, url] = process.argv.slice(2);
const read = await open({ wireName, url });
await read(new StdoutSink());
process.exit();
