/**
 * Owns what the server can answer, by name. Every mode sends each event as an HTTP chunk of its own, as real servers do.
 * A mode's numbers come from the path. Modes end early when the client has gone.
 */
import { stampOf } from "../wire/stamp.mjs";
import { tokens } from "../wire/tokens.mjs";
import { nowNs } from "../now.mjs";
import { sendBulk } from "./send-bulk.mjs";
import { sendLive } from "./send-live.mjs";

const TOOL_FRAGMENT = 12;

/** `modes[mode]({ wire, response, record, mode, numbers })` resolves when the answer is sent or the client has gone. */
export const modes = {
  /** `bulk/<tokens>`: as fast as the client reads. */
  bulk: (call) => sendBulk(call, [text(tokens(call.numbers[0]))]),
  /** `live/<tokens>/<ms>`: one token each `ms`. */
  live: (call) => sendLive(call, [text(tokens(call.numbers[0]))], call.numbers[1]),
  /** `stamps/<tokens>/<ms>`: as `live`; each token is the time at which it was written (see `wire/stamp.mjs`). */
  stamps: (call) => sendLive(call, [text(stamps(call.numbers[0]))], call.numbers[1]),
  /** `tool-input/<bytes>`: one tool call with an input of that size in small fragments. */
  "tool-input": (call) => sendBulk(call, [lookup(call.numbers[0])]),
  /** `early-tool/<tokens>/<ms>`: a short tool call, then a text, live. */
  "early-tool": (call) => sendLive(call, [lookup(40), text(tokens(call.numbers[0]))], call.numbers[1]),
  /** `tool`: a short tool call and nothing else. */
  tool: (call) => sendBulk(call, [lookup(40)]),
  /** The answer to a tool's result, whatever the mode was. */
  done: (call) => sendBulk(call, [text(["Done", "."])]),
};

function text(pieces) {
  return { type: "text", pieces };
}

function* stamps(count) {
  for (let n = 0; n < count; n++) yield stampOf(nowNs());
}

function lookup(bytes) {
  return { type: "tool", name: "lookup", pieces: fragments(toolInput(bytes)) };
}

function* fragments(json) {
  for (let at = 0; at < json.length; at += TOOL_FRAGMENT) yield json.slice(at, at + TOOL_FRAGMENT);
}

/** JSON of about `bytes` bytes, with some structure and escapes in it as a file's text has. */
function toolInput(bytes) {
  const line = 'const answer = "forty-two";\n';
  return JSON.stringify({ query: line.repeat(Math.ceil(bytes / JSON.stringify(line).length)) });
}
