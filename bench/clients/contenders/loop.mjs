/**
 * Our whole loop as a library user has it: `createSession` with the module's defaults, the memory log, one tool declared;
 * the events of `session.stream()` are what is consumed. `hook` adds one hook on `content_block:delta`, `otherHooks`
 * ten on events that are not raised per token.
 */
import { createSession, MemoryEventLog } from "amplifier-core";
import { ownProviders } from "../own-provider.mjs";

/** Makes a reader of answers; `url` is the base address. Each reader is a session of its own. */
export async function open({ wireName, url, hook = false, otherHooks = false, bufferSize = 10 }) {
  let sink;
  const { name, configOf } = ownProviders[wireName];
  // Loaded by whom it is for: the time to start is measured, too.
  const others = otherHooks ? (await import("../other-events.mjs")).otherEvents : [];
  const lookup = {
    name: "lookup",
    description: "Looks something up",
    inputSchema: { type: "object", properties: { query: { type: "string" } }, required: ["query"] },
    execute: async (input) => sink.toolCalled(input),
  };
  const plan = {
    session: { orchestrator: "loop-streaming" },
    orchestrator: { config: { buffer_size: bufferSize } },
    providers: [{ module: `provider-${name}`, config: configOf(url) }],
    tools: [lookup],
    hooks: [...(hook ? [listenerTo("content_block:delta")] : []), ...others.map(listenerTo)],
  };
  const session = await createSession(plan, { log: new MemoryEventLog() });
  const read = async (to, signal) => {
    sink = to;
    for await (const event of session.stream("Go.", signal ? { signal } : {})) {
      if (event.type === "content_block:delta") {
        if (event.data.block_type === "text") to.text(event.data.delta);
        else to.toolInput(event.data.delta);
      }
      if (to.waiting) await to.waiting;
    }
  };
  return Object.assign(read, { session });
}

function listenerTo(event) {
  return { name: `count ${event}`, events: { [event]: () => {} } };
}
