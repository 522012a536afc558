/**
 * Owns sending an answer as fast as the client takes it. The chunks are framed beforehand and written many at a time, so
 * that the client is what is measured; on the wire each event still is a chunk of its own.
 */
import { nowNs } from "../now.mjs";

const WRITE_BYTES = 256 * 1024;
const SAMPLE_MS = 50;
const framed = new Map();

/** Sends `blocks`; equal modes send equal bytes, so they are made once. Samples in `record.sent` what has left. */
export async function sendBulk({ wire, response, record, mode, numbers }, blocks) {
  const key = `${wire.path} ${mode} ${numbers}`;
  if (!framed.has(key)) framed.set(key, frame(wire.events(blocks)));
  const sampling = setInterval(() => sample(record, response.socket), SAMPLE_MS);
  await writeFramed(response, framed.get(key));
  clearInterval(sampling);
}

async function writeFramed(response, bytes) {
  let wake;
  response.on("drain", () => wake());
  response.on("close", () => wake?.());
  response.flushHeaders();
  // The frames are in the bytes already: what is written from here on is sent as it is, the last chunk included.
  response.chunkedEncoding = false;
  for (let at = 0; at < bytes.length && !response.destroyed; at += WRITE_BYTES) {
    const hasRoom = response.write(bytes.subarray(at, at + WRITE_BYTES));
    if (!hasRoom) await new Promise((resolve) => (wake = resolve));
  }
  response.end();
}

function frame(events) {
  const chunks = [];
  for (const event of events) {
    const bytes = Buffer.from(event);
    chunks.push(Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n"));
  }
  return Buffer.concat([...chunks, Buffer.from("0\r\n\r\n")]);
}

// A socket that is gone has no count any more.
function sample(record, socket) {
  if (socket !== null) record.sent.push({ atNs: nowNs(), bytes: socket.bytesWritten - socket.writableLength });
}
