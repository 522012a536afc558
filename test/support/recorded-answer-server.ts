/**
 * A local server that answers every request with one recorded stream, as the API sent it: for wires that have no strict
 * server of their own.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { read } from "../repository/paths.ts";

/** A running server. */
export interface RecordedAnswerServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Paths that were asked for, queries left out. */
  readonly paths: readonly string[];
  close(): Promise<void>;
}

/** Plays a recording of `packages/providers/test/fixtures`, named without its ending, one payload an event. */
export async function startRecordedAnswerServer(recording: string): Promise<RecordedAnswerServer> {
  const lines = read(`packages/providers/test/fixtures/${recording}.jsonl`).trimEnd().split("\n");
  const paths: string[] = [];
  const server = createServer((request, response) => {
    request.resume();
    paths.push(request.url?.split("?")[0] ?? "");
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const line of lines) response.write(frame(line));
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, paths, close };
}

function frame(payload: string): string {
  const { type } = JSON.parse(payload) as { type?: string };
  return `${type === undefined ? "" : `event: ${type}\n`}data: ${payload}\n\n`;
}
