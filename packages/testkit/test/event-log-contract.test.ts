/** The suite of the event-log port notices what it is there to notice. */
import { type EventLog, MemoryEventLog } from "amplifier-core";
import { eventLogContract, type EventLogSubject } from "amplifier-testkit";
import { showThatItFails } from "./broken-subjects.ts";

type Read = EventLog["read"];
type Append = EventLog["append"];
type Wrap = (log: MemoryEventLog) => Partial<EventLog>;

/** A log in memory of which something is replaced. Opened again it is a new one with what it held. */
function subject(wrap: Wrap, more: Partial<EventLogSubject> = {}): EventLogSubject {
  const wrapped = (log: MemoryEventLog): EventLog => {
    const sound: EventLog = {
      append: (events, options) => log.append(events, options),
      read: (options) => log.read(options),
      last: () => log.last(),
    };
    return { ...sound, ...wrap(log) };
  };
  return {
    open: () => wrapped(new MemoryEventLog()),
    openSmall: () => wrapped(new MemoryEventLog({ capacity: 50 })),
    reopen: (log) => log,
    timeoutMs: 200,
    ...more,
  };
}

/** A log in memory that is read another way. */
function reads(read: (log: MemoryEventLog, options: Parameters<Read>[0]) => ReturnType<Read>): EventLogSubject {
  return subject((log) => ({ read: (options) => read(log, options) }));
}

const READS = {
  whole: "gives every event whole, in order, from the first",
  after: "gives only what comes after a given seq",
  live: "waits for live events when nothing is left, and gives them as they are accepted",
  several: "gives every reader everything, each at its own pace",
};
const LEAVES = {
  before: "ends a reader whose signal is aborted before it begins",
  waiting: "ends a reader whose signal is aborted while it waits",
  others: "lets a reader leave, and goes on for the others",
};
const ORDER = "keeps the order of appends that did not wait for each other";
const GAPS = "refuses a gap and a repeat, and goes on as if they had not come";
const ACCEPTED = "has accepted what append resolved for";
const EMPTY = "takes an empty durable append, which waits for all before it";
const DURABLE = "has everything durable when it is opened again";
const TRIMMED = "tells a reader that wants dropped events from where the log is whole";

const never = new Promise<never>(() => undefined);

const OTHER = new AbortController().signal;

showThatItFails({
  contract: eventLogContract,
  sound: subject(() => ({})),
  broken: [
    {
      what: "counts from one",
      subject: subject((log) => ({ last: () => Math.max(1, log.last()) })),
      breaks: ["is empty at first, and its last seq is 0"],
    },
    {
      what: "is late in counting",
      subject: subject((log) => {
        let last = 0;
        const append: Append = async (events, options) => {
          await log.append(events, options);
          setImmediate(() => (last = log.last()));
        };
        return { append, last: () => last };
      }),
      breaks: [ACCEPTED, EMPTY, ORDER, GAPS, DURABLE, TRIMMED],
    },
    {
      what: "never resolves an empty append",
      subject: subject((log) => ({
        append: (events, options) => (events.length === 0 ? never : log.append(events, options)),
      })),
      breaks: [EMPTY],
    },
    {
      what: "accepts what comes late before what came early",
      subject: subject((log) => {
        const append: Append = async (events, options) => {
          if (events[0]?.seq === 1) await new Promise((resolve) => setImmediate(resolve));
          return log.append(events, options);
        };
        return { append };
      }),
      breaks: [EMPTY, ORDER],
    },
    {
      what: "swallows refusals",
      subject: subject((log) => ({ append: (events, options) => log.append(events, options).catch(() => undefined) })),
      breaks: [GAPS],
    },
    {
      what: "takes what comes after a gap",
      subject: subject((log) => {
        const append: Append = async (events, options) => {
          const renumbered = events.map((event, n) => ({ ...event, seq: log.last() + 1 + n }));
          return log.append(renumbered, options);
        };
        return { append };
      }),
      breaks: [GAPS],
    },
    {
      what: "loses what events say",
      subject: reads(async function* (log, options) {
        for await (const batch of log.read(options)) yield batch.map((event) => ({ ...event, turn_id: "lost" }));
      }),
      breaks: [ORDER, GAPS, READS.whole, READS.after, READS.live, READS.several, LEAVES.others, DURABLE, TRIMMED],
    },
    {
      what: "always reads from the first",
      subject: reads((log, options) => log.read({ ...options, after: 0 })),
      breaks: [READS.after, READS.live, READS.several, DURABLE, TRIMMED],
    },
    {
      what: "ends a reader that has everything",
      subject: reads(async function* (log, { after, signal }) {
        for await (const batch of log.read({ after, signal })) {
          yield batch;
          return;
        }
      }),
      breaks: [READS.several, LEAVES.others],
    },
    {
      what: "knows no live reading",
      subject: reads(async function* (log, { after, signal }) {
        if (log.last() > after) yield* log.read({ after, signal });
      }),
      breaks: [READS.live],
    },
    {
      what: "gives each event to one reader only",
      subject: subject((log) => {
        let given = 0;
        async function* read({ after, signal }: Parameters<Read>[0]): ReturnType<MemoryEventLog["read"]> {
          for await (const batch of log.read({ after, signal })) {
            const own = batch.filter(({ seq }) => seq > given);
            given = Math.max(given, batch.at(-1)?.seq ?? 0);
            if (own.length > 0) yield own;
          }
        }
        return { read };
      }),
      breaks: [READS.several, LEAVES.others, DURABLE],
    },
    {
      what: "does not look at a signal that is aborted already",
      subject: reads((log, options) => log.read(options.signal.aborted ? { ...options, signal: OTHER } : options)),
      breaks: [LEAVES.before],
    },
    {
      what: "does not listen to the signal of a waiting reader",
      subject: reads((log, options) => log.read(options.signal.aborted ? options : { ...options, signal: OTHER })),
      breaks: [LEAVES.waiting],
    },
    {
      what: "throws on abort",
      subject: reads(async function* (log, options) {
        yield* log.read(options);
        options.signal.throwIfAborted();
      }),
      breaks: [LEAVES.before, LEAVES.waiting],
    },
    {
      what: "lets nobody leave",
      subject: reads((log, options) => {
        const reader = log.read(options);
        return { [Symbol.asyncIterator]: () => ({ next: () => reader.next(), return: () => never }) };
      }),
      breaks: [ORDER, GAPS, READS.whole, READS.after, READS.live, READS.several, LEAVES.others, DURABLE, TRIMMED],
    },
    {
      what: "forgets",
      subject: subject(() => ({}), { reopen: () => new MemoryEventLog() }),
      breaks: [DURABLE],
    },
    {
      what: "drops events in silence",
      subject: reads((log, { after, signal }) => log.read({ after: Math.max(after, log.last() - 20), signal })),
      breaks: [READS.whole, TRIMMED],
    },
    {
      what: "tells of dropped events in its own words",
      subject: reads(async function* (log, options) {
        try {
          yield* log.read(options);
        } catch {
          throw new RangeError("They are gone.");
        }
      }),
      breaks: [TRIMMED],
    },
  ],
});
