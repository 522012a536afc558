/**
 * Owns the session in which the orchestrator suite runs its subject: a real one, with a scripted model and a context that
 * mends nothing. Whatever a turn does, its events hold the invariants and its conversation stays valid.
 */
import {
  createSession,
  type Event,
  type InlineHook,
  MemoryEventLog,
  type Message,
  type Orchestrator,
  type Session,
  type Tool,
} from "amplifier-core";
import { assertInvariants } from "../invariants/check-invariants.ts";
import { checkConversation } from "../invariants/message-rules.ts";
import type { AnswerPart } from "../provider/answer-part.ts";
import type { Answer } from "../provider/answer.ts";
import { ScriptedProvider } from "../provider/scripted-provider.ts";
import { ArrayContext } from "../session/array-context.ts";
import { RecordingDisplay } from "../session/recording-display.ts";
import { ScriptedApprovals, type ScriptedReply } from "../session/scripted-approvals.ts";
import { readLog, type RecordedTurn, type RecordOptions, recordTurn } from "../session/run-turn.ts";
import type { Patience, Patient } from "./contract-test.ts";
import { demandEqual, settled } from "./demand.ts";

/** The orchestrator under test. */
export interface OrchestratorSubject extends Patience {
  /** Makes the orchestrator, with the configuration you ship; asked once per test. */
  readonly create: () => Orchestrator | Promise<Orchestrator>;
}

/** The subject with its patience. */
export type TurnSubject = Patient<OrchestratorSubject>;

/** What is around the orchestrator. */
export interface Surroundings {
  readonly script: readonly (Answer | AnswerPart)[];
  readonly tools?: readonly Tool[];
  readonly hooks?: readonly InlineHook["events"][];
  readonly system?: string;
  /** What the person answers to questions, in order. */
  readonly replies?: readonly ScriptedReply[];
  /** Default: a new one of the subject. */
  readonly orchestrator?: Orchestrator;
}

/** A session with the subject in it. */
export interface ContractSession {
  readonly session: Session;
  readonly provider: ScriptedProvider;
  /** Runs a turn to its end. @throws Error when it does not end in time, or breaks an invariant */
  readonly turn: (prompt: string, options?: RecordOptions) => Promise<RecordedTurn>;
  /** What each request so far said, oldest first, without the fields that differ from loop to loop. */
  readonly requests: () => readonly (readonly SaidMessage[])[];
  /** The stored conversation, in the same form. */
  readonly conversation: () => Promise<readonly SaidMessage[]>;
  readonly log: () => Promise<readonly Event[]>;
}

/** What a message says to a model. */
export type SaidMessage = Pick<Message, "role" | "content" | "tool_call_id">;

/** Lets `use` run turns, then checks that the whole script was played, the log and the stored conversation. */
export async function inSession(
  subject: TurnSubject,
  surroundings: Surroundings,
  use: (opened: ContractSession) => Promise<void>,
): Promise<void> {
  const opened = await open(subject, surroundings);
  try {
    await use(opened);
  } catch (error) {
    // A turn that hangs would hold up the close as well.
    void opened.session.close().catch(() => undefined);
    throw error;
  }
  await opened.session.close();
  opened.provider.assertDone();
  assertInvariants(await opened.log(), { source: "log" });
  demandEqual(checkConversation(await opened.session.messages()), [], {
    what: "the problems of the stored conversation",
    advice: "Whatever ends a turn, every stored call needs its result behind it, in the order of the calls.",
  });
}

async function open(subject: TurnSubject, surroundings: Surroundings): Promise<ContractSession> {
  const provider = new ScriptedProvider(surroundings.script);
  const log = new MemoryEventLog();
  const { tools = [], hooks = [], replies = [], system } = surroundings;
  const orchestrator = surroundings.orchestrator ?? (await subject.create());
  const session = await createSession(
    {
      session: { orchestrator, context: new ArrayContext(), ...(system === undefined ? {} : { system }) },
      providers: [provider],
      tools,
      hooks: hooks.map((events, n) => ({ name: `hook-${n}`, events })),
    },
    { log, sessionId: "contract", display: new RecordingDisplay(), approvals: new ScriptedApprovals(replies) },
  );
  return {
    session,
    provider,
    turn: (prompt, options) => {
      const turn = ended(subject, recordTurn(session, prompt, options));
      // A rule that fails first does not wait for it.
      turn.catch(() => undefined);
      return turn;
    },
    requests: () => provider.requests.map(({ messages }) => messages.map(saidIn)),
    conversation: async () => (await session.messages()).map(saidIn),
    log: () => readLog(log),
  };
}

/** Waits for a turn, and throws what it throws. @throws Error when it does not end in time */
export async function ended<T>({ timeoutMs }: TurnSubject, turn: Promise<T>): Promise<T> {
  const advice = "Await nothing without the turn's signals: coordinator.cancellation.signal and input.signal.";
  await settled(turn, { what: "the turn to end", timeoutMs, advice });
  return turn;
}

function saidIn({ role, content, tool_call_id }: Message): SaidMessage {
  return tool_call_id === undefined ? { role, content } : { role, content, tool_call_id };
}
