/**
 * A session of this loop for tests: a scripted model, a clock moved by hand, fakes that fail on what they do not expect.
 * What a test left over (answers, warnings, timers) fails it when it ends.
 */
import {
  type ContextManager,
  createSession,
  type EventLog,
  type InlineHook,
  MemoryEventLog,
  type ModuleConfig,
  type Provider,
  type Session,
  type Tool,
} from "amplifier-core";
import {
  type Answer,
  type AnswerPart,
  ArrayContext,
  FakeClock,
  RecordingDisplay,
  ScriptedApprovals,
  ScriptedProvider,
  type ScriptedProviderOptions,
  type ScriptedReply,
} from "amplifier-testkit";
import { onTestFinished } from "vitest";
import { createLoopConfig, StreamingOrchestrator } from "../src/index.ts";

/** A model call that breaks is neither made again nor continued. */
export const NO_RECOVERY = { retry: { attempts: 1 }, max_continuations: 0 };

export interface LoopSetup {
  readonly script: readonly (Answer | AnswerPart)[];
  /** What the scripted provider is besides. */
  readonly provider?: ScriptedProviderOptions;
  /** How it tells of its models. */
  readonly listModels?: Provider["listModels"];
  /** Providers mounted behind it. */
  readonly others?: readonly ScriptedProvider[];
  readonly tools?: readonly Tool[];
  readonly hooks?: readonly InlineHook[];
  readonly config?: ModuleConfig;
  readonly context?: ContextManager;
  readonly log?: EventLog;
  /** Null: nobody can be asked. */
  readonly replies?: readonly ScriptedReply[] | null;
  /** What each warning shown to the person has to match, in order. */
  readonly warnings?: readonly RegExp[];
  readonly system?: string;
}

export interface LoopSession {
  readonly session: Session;
  readonly provider: ScriptedProvider;
  readonly clock: FakeClock;
  readonly display: RecordingDisplay;
  readonly context: ContextManager;
  readonly log: EventLog;
  readonly approvals: ScriptedApprovals | undefined;
}

export async function loopSession(setup: LoopSetup): Promise<LoopSession> {
  const clock = new FakeClock();
  const provider = new ScriptedProvider(setup.script, setup.provider);
  const { others = [], listModels } = setup;
  if (listModels !== undefined) provider.listModels = listModels;
  const display = new RecordingDisplay(setup.warnings);
  const context = setup.context ?? new ArrayContext();
  const log = setup.log ?? new MemoryEventLog();
  const approvals = setup.replies === null ? undefined : new ScriptedApprovals(setup.replies ?? []);
  const session = await createSession(
    {
      session: {
        orchestrator: new StreamingOrchestrator(createLoopConfig(setup.config ?? {})),
        context,
        ...(setup.system === undefined ? {} : { system: setup.system }),
      },
      providers: [provider, ...others],
      tools: setup.tools ?? [],
      hooks: setup.hooks ?? [],
    },
    { clock, display, log, sessionId: "session", ...(approvals === undefined ? {} : { approvals }) },
  );
  onTestFinished(() => {
    for (const each of [provider, ...others]) each.assertDone();
    approvals?.assertDone();
    display.assertExpected();
    clock.assertIdle();
  });
  return { session, provider, clock, display, context, log, approvals };
}
