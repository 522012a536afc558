#!/usr/bin/env node
/**
 * The command `amplifier-ts`. Ends the process itself, once everything is printed, so that nothing a module left behind
 * (a socket kept alive, a timer) holds it open.
 */
import process from "node:process";
import { processIo } from "./io.ts";
import { runProgram } from "./program.ts";

process.exit(await runProgram(process.argv.slice(2), processIo()));
