/**
 * The bench's model: a process of its own, so that its work is not counted in the client. The first segments of a path
 * say what it answers, so a base address chooses it: `/<run>/<mode>/<numbers...>` and then the API's own path.
 * It stamps when each answer began, ended and was closed, and hands the stamps of a run to the parent. Whatever else a
 * client asks for, such as the list of models, is not found, and leaves no stamps.
 */
import { createServer } from "node:http";
import { wireOf } from "../wire/index.mjs";
import { modes } from "./modes.mjs";
import { nowNs } from "../now.mjs";

/** Per run: one record an answer, in order of their requests. */
const records = new Map();

// An error in here ends the process, and with it the bench: a number taken after it would mean nothing.
const server = createServer((request, response) => void answer(request, response));

async function answer(request, response) {
  const wire = request.method === "POST" ? wireOf(request.url) : undefined;
  if (wire === undefined) return refuse(request, response);
  let body = "";
  for await (const chunk of request) body += chunk;
  const [run, mode, ...numbers] = request.url.slice(1).split("/");
  const record = { startedNs: nowNs(), endedNs: null, closedNs: null, sent: [] };
  recordsOf(run).push(record);
  // A client that leaves ends its side first; whichever comes first is when it was gone.
  const onClose = () => (record.closedNs ??= nowNs());
  for (const event of ["end", "close", "error"]) request.socket.once(event, onClose);
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
  const answered = isAfterTools(body) ? "done" : mode;
  await modes[answered]({ wire, response, record, mode: answered, numbers: numbers.map(Number) });
  record.endedNs ??= nowNs();
  for (const event of ["end", "close", "error"]) request.socket.off(event, onClose);
}

function refuse(request, response) {
  const message = `The bench does not answer ${request.method} ${request.url}.`;
  request.resume();
  response.writeHead(404, { "content-type": "application/json" });
  response.end(JSON.stringify({ type: "error", error: { type: "not_found_error", message } }));
}

function recordsOf(run) {
  if (!records.has(run)) records.set(run, []);
  return records.get(run);
}

// The request that brings a tool's result back: the conversation is to end.
function isAfterTools(body) {
  return ['"role":"tool"', '"type":"tool_result"', '"type":"function_call_output"', '"functionResponse"'].some((mark) =>
    body.includes(mark),
  );
}

process.on("message", ({ take }) => {
  process.send({ records: recordsOf(take) });
  records.delete(take);
});
process.on("disconnect", () => process.exit());

server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
