/**
 * Owns the contract suite of the event-log port: what the one writer and its many readers rely on in any `EventLog`. It
 * appends and reads; who assigns `seq` and what the events mean is not its business.
 */
import { type Event, type EventLog, isAmplifierError } from "amplifier-core";
import { drainMicrotasks } from "../drain-microtasks.ts";
import { type ContractTest, contractTests, type Patience, type Patient, type Rules } from "./contract-test.ts";
import { demand, demandEqual, rejection, resolved, type Wait } from "./demand.ts";

/** The log under test. */
export interface EventLogSubject extends Patience {
  /** Opens a new, empty log; asked once or twice per test. */
  readonly open: () => EventLog | Promise<EventLog>;
  /** Opens the same log again, as after a crash: only for logs that outlive their process. */
  readonly reopen?: (log: EventLog) => EventLog | Promise<EventLog>;
  /** Opens a new log that keeps fewer than 100 events: only for logs that drop old ones. */
  readonly openSmall?: () => EventLog | Promise<EventLog>;
}

type Subject = Patient<EventLogSubject>;

/** The rules of the event-log port for one log. `reopen` and `openSmall` add the rules that need them. */
export function eventLogContract(subject: EventLogSubject): readonly ContractTest[] {
  return contractTests(subject, {
    ...APPENDING,
    ...READING,
    ...LEAVING,
    ...(subject.reopen === undefined ? {} : durable(subject.reopen)),
    ...(subject.openSmall === undefined ? {} : trimmed(subject.openSmall)),
  });
}

const APPENDING: Rules<Subject> = {
  "is empty at first, and its last seq is 0": async ({ open }) => {
    demandLast(await open(), 0);
  },

  "has accepted what append resolved for": async ({ open, ...subject }) => {
    const log = await open();
    await append(log, eventsFrom(1, 3), subject);
    demandLast(log, 3);
    await append(log, eventsFrom(4, 4), { ...subject, durable: true });
    demandLast(log, 4);
  },

  "takes an empty durable append, which waits for all before it": async ({ open, ...subject }) => {
    const log = await open();
    const first = append(log, eventsFrom(1, 2), subject);
    await append(log, [], { ...subject, durable: true });
    demandLast(log, 2);
    await first;
  },

  "keeps the order of appends that did not wait for each other": async ({ open, ...subject }) => {
    const log = await open();
    await Promise.all([1, 4, 7].map((first) => append(log, eventsFrom(first, first + 2), subject)));
    demandLast(log, 9);
    demandEvents(await take(log, { count: 9, ...subject }), eventsFrom(1, 9));
  },

  "refuses a gap and a repeat, and goes on as if they had not come": async ({ open, ...subject }) => {
    const log = await open();
    await demandRefused(log, eventsFrom(2, 2), subject);
    await append(log, eventsFrom(1, 2), subject);
    for (const seq of [4, 2, 1]) {
      await demandRefused(log, eventsFrom(seq, seq), subject);
      demandLast(log, 2);
    }
    await append(log, eventsFrom(3, 3), subject);
    demandEvents(await take(log, { count: 3, ...subject }), eventsFrom(1, 3));
  },
};

const READING: Rules<Subject> = {
  "gives every event whole, in order, from the first": async ({ open, ...subject }) => {
    const log = await open();
    await append(log, eventsFrom(1, 120), subject);
    demandEvents(await take(log, { count: 120, ...subject }), eventsFrom(1, 120));
  },

  "gives only what comes after a given seq": async ({ open, ...subject }) => {
    const log = await open();
    await append(log, eventsFrom(1, 10), subject);
    demandEvents(await take(log, { after: 7, count: 3, ...subject }), eventsFrom(8, 10));
  },

  "waits for live events when nothing is left, and gives them as they are accepted": async ({ open, ...subject }) => {
    const log = await open();
    await append(log, eventsFrom(1, 2), subject);
    const reader = readerOf(log, 2);
    const next = reader.next();
    demand(!(await isOver(next)), {
      expected: "a reader that has everything to wait",
      seen: next,
      advice: "Wait for the next append in place of ending or giving an empty list.",
    });
    await append(log, eventsFrom(3, 4), subject);
    demandEvents(await rest(next, reader, { count: 2, ...subject }), eventsFrom(3, 4));
  },

  "gives every reader everything, each at its own pace": async ({ open, ...subject }) => {
    const log = await open();
    await append(log, eventsFrom(1, 3), subject);
    const [early, late] = [readerOf(log, 0), readerOf(log, 2)];
    const firstOfEarly = await resolved(early.next(), reading(subject));
    await append(log, eventsFrom(4, 6), subject);
    demandEvents(await rest(late.next(), late, { count: 4, ...subject }), eventsFrom(3, 6));
    await append(log, eventsFrom(7, 7), subject);
    const had: readonly Event[] = firstOfEarly.value ?? [];
    const events = await rest(early.next(), early, { count: 7 - had.length, ...subject });
    demandEvents([...had, ...events], eventsFrom(1, 7));
  },
};

const LEAVING: Rules<Subject> = {
  "ends a reader whose signal is aborted before it begins": async ({ open, ...subject }) => {
    const log = await open();
    const reader = log.read({ after: 0, signal: AbortSignal.abort() })[Symbol.asyncIterator]();
    await demandDone(reader.next(), subject);
  },

  "ends a reader whose signal is aborted while it waits": async ({ open, ...subject }) => {
    const log = await open();
    const stop = new AbortController();
    const next = log.read({ after: 0, signal: stop.signal })[Symbol.asyncIterator]().next();
    await drainMicrotasks();
    stop.abort();
    await demandDone(next, subject);
    await append(log, eventsFrom(1, 1), subject);
  },

  "lets a reader leave, and goes on for the others": async ({ open, ...subject }) => {
    const log = await open();
    await append(log, eventsFrom(1, 2), subject);
    const [leaves, stays] = [readerOf(log, 0), readerOf(log, 0)];
    const first = await resolved(stays.next(), reading(subject));
    await resolved(leaves.next(), reading(subject));
    await leave(leaves, subject);
    await append(log, eventsFrom(3, 3), subject);
    const had: readonly Event[] = first.value ?? [];
    const events = await rest(stays.next(), stays, { count: 3 - had.length, ...subject });
    demandEvents([...had, ...events], eventsFrom(1, 3));
  },
};

function durable(reopen: NonNullable<EventLogSubject["reopen"]>): Rules<Subject> {
  return {
    "has everything durable when it is opened again": async ({ open, ...subject }) => {
      const first = await open();
      await append(first, eventsFrom(1, 5), { ...subject, durable: true });
      const again = await reopen(first);
      demandLast(again, 5);
      demandEvents(await take(again, { count: 5, ...subject }), eventsFrom(1, 5));
      await append(again, eventsFrom(6, 6), subject);
      demandEvents(await take(again, { after: 4, count: 2, ...subject }), eventsFrom(5, 6));
    },
  };
}

const MANY = 300;

function trimmed(openSmall: NonNullable<EventLogSubject["openSmall"]>): Rules<Subject> {
  return {
    "tells a reader that wants dropped events from where the log is whole": async (subject) => {
      const log = await openSmall();
      for (let seq = 1; seq <= MANY; seq++) await append(log, eventsFrom(seq, seq), subject);
      demandLast(log, MANY);
      const error = await rejection(readerOf(log, 0).next(), {
        what: "reading dropped events to throw log_trimmed",
        timeoutMs: subject.timeoutMs,
        advice: "Never leave a hole in silence: throw AmplifierError log_trimmed with the first seq that is left.",
      });
      demand(isAmplifierError(error, "log_trimmed"), {
        expected: "AmplifierError log_trimmed",
        seen: error,
        advice: "Throw it with data { first_seq }, so that a viewer knows where it may begin.",
      });
      const first = error.data.first_seq;
      const left = await take(log, { after: first - 1, count: MANY - first + 1, ...subject });
      demandEvents(left, eventsFrom(first, MANY));
    },
  };
}

interface Appending extends Required<Patience> {
  readonly durable?: boolean;
}

function append(log: EventLog, events: readonly Event[], options: Appending): Promise<void> {
  return resolved(log.append(events, { durable: options.durable ?? false }), {
    what: `append of ${events.length} events to resolve`,
    timeoutMs: options.timeoutMs,
    advice: "Resolve once the events are accepted (durable: once they would survive a crash).",
  });
}

async function demandRefused(
  log: EventLog,
  events: readonly Event[],
  { timeoutMs }: Required<Patience>,
): Promise<void> {
  const last = log.last();
  await rejection(log.append(events, { durable: false }), {
    what: `append of event ${events[0]?.seq} after ${last} to reject`,
    timeoutMs,
    advice: "A second writer or a lost event would go unnoticed; compare the first seq with last() + 1.",
  });
}

function demandLast(log: EventLog, last: number): void {
  demandEqual(log.last(), last, {
    what: "last()",
    advice: "It is the last seq accepted, known without waiting: the writer counts on from there.",
  });
}

function demandEvents(seen: readonly Event[], wanted: readonly Event[]): void {
  demandEqual(
    seen.map(({ seq }) => seq),
    wanted.map(({ seq }) => seq),
    { what: "the seqs read", advice: "Give each reader every event once, in order." },
  );
  demandEqual(seen, wanted, { what: "the events read", advice: "Give back every field as it was appended." });
}

async function demandDone(next: Promise<IteratorResult<unknown>>, { timeoutMs }: Required<Patience>): Promise<void> {
  const { done } = await resolved(next, {
    what: "a reader whose signal is aborted to end",
    timeoutMs,
    advice: "Wake the reader on abort and end its iteration without a throw.",
  });
  demandEqual(done, true, { what: "done of its last step", advice: "Nothing is given behind an abort." });
}

type Reader = AsyncIterator<readonly Event[]>;

function readerOf(log: EventLog, after: number): Reader {
  return log.read({ after, signal: new AbortController().signal })[Symbol.asyncIterator]();
}

interface Taking extends Required<Patience> {
  readonly after?: number;
  readonly count: number;
}

function take(log: EventLog, options: Taking): Promise<readonly Event[]> {
  const reader = readerOf(log, options.after ?? 0);
  return rest(reader.next(), reader, options);
}

/** What `next` and the steps behind it give, until there are `count` events; then the reader is left. */
async function rest(
  next: Promise<IteratorResult<readonly Event[]>>,
  reader: Reader,
  options: Taking,
): Promise<readonly Event[]> {
  const events: Event[] = [];
  for (let step = next; events.length < options.count;) {
    const { done, value } = await resolved(step, reading(options));
    if (done === true) break;
    events.push(...value);
    if (events.length < options.count) step = reader.next();
  }
  await leave(reader, options);
  return events;
}

async function leave(reader: Reader, { timeoutMs }: Required<Patience>): Promise<void> {
  await resolved<unknown>(reader.return?.(), {
    what: "return() of a reader to resolve",
    timeoutMs,
    advice: "Release what the reader holds when its iteration is left, and wait for nothing.",
  });
}

function reading({ timeoutMs }: Required<Patience>): Wait {
  return {
    what: "a reader to get events that were accepted",
    timeoutMs,
    advice: "Wake waiting readers on every append, and give each what comes after its cursor.",
  };
}

async function isOver(promise: Promise<unknown>): Promise<boolean> {
  let over = false;
  const mark = (): void => {
    over = true;
  };
  void promise.then(mark, mark);
  await drainMicrotasks();
  return over;
}

/** Events that a person could have caused: none of them a delta, which a log may drop sooner. */
function eventsFrom(first: number, last: number): readonly Event[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => {
    const seq = first + n;
    const message = `Event ${seq}: "quoted", new\nline, \u0000, \u2028, \u{1F600}`;
    return Object.freeze({
      seq,
      ts: new Date(Date.UTC(2026, 0, 1) + seq).toISOString(),
      session_id: "contract",
      turn_id: null,
      type: "user:notification",
      data: Object.freeze({ message, level: "info", source: "contract" }),
    });
  });
}
