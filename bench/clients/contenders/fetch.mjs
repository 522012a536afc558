/**
 * The reference: what a careful user writes in an hour. Global fetch, eventsource-parser, JSON.parse, one answer, no loop.
 */
import { createParser } from "eventsource-parser";

/** Makes a reader of answers; `url` is the base address. */
export function open({ wire, url }) {
  return async (sink, signal) => {
    const response = await fetch(url + wire.path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(wire.request),
      signal,
    });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    const decoder = new TextDecoder();
    const parser = createParser({ onEvent: ({ data }) => wire.readPayload(data, sink) });
    for await (const chunk of response.body) {
      parser.feed(decoder.decode(chunk, { stream: true }));
      if (sink.waiting) await sink.waiting;
    }
    if (sink.input !== "") sink.toolCalled(JSON.parse(sink.input));
  };
}
