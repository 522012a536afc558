/**
 * The floor: node:http, lines split by hand, JSON.parse. As little as one can do and still have the text.
 */
import { request as httpRequest } from "node:http";

/** Makes a reader of answers; `url` is the base address. */
export function open({ wire, url }) {
  return (sink) =>
    new Promise((resolve, reject) => {
      const headers = { "content-type": "application/json" };
      const request = httpRequest(url + wire.path, { method: "POST", headers }, (response) => {
        let rest = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => {
          rest = readLines(rest + chunk, wire, sink);
        });
        response.on("end", resolve);
        response.on("error", reject);
      });
      request.on("error", reject);
      request.end(JSON.stringify(wire.request));
    });
}

function readLines(text, wire, sink) {
  let start = 0;
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
    if (text.startsWith("data: ", start)) wire.readPayload(text.slice(start + 6, end), sink);
    start = end + 1;
  }
  return text.slice(start);
}
