/**
 * The public API of `amplifier-testkit`: what authors of modules test with. It needs no test runner.
 */
export { type ContextManagerSubject, contextManagerContract } from "./contracts/context-manager-contract.ts";
export type { OrchestratorSubject } from "./contracts/contract-session.ts";
export type { ContractTest } from "./contracts/contract-test.ts";
export { eventLogContract, type EventLogSubject } from "./contracts/event-log-contract.ts";
export { hookRegistryContract, type HookRegistrySubject } from "./contracts/hook-registry-contract.ts";
export { orchestratorContract } from "./contracts/orchestrator-contract.ts";
export { providerContract, type ProviderSubject } from "./contracts/provider-contract.ts";
export { toolContract, type ToolSubject } from "./contracts/tool-contract.ts";
export { drainMicrotasks } from "./drain-microtasks.ts";
export { FAKE_CLOCK_START_MS, FakeClock, type PendingTimer } from "./fake-clock.ts";
export { Gate, gate } from "./gate.ts";
export { assertInvariants, checkInvariants, INVARIANTS } from "./invariants/check-invariants.ts";
export { checkConversation } from "./invariants/message-rules.ts";
export type { EventSource, Violation } from "./invariants/violation.ts";
export { type Answer, answer, ANSWER_USAGE } from "./provider/answer.ts";
export {
  type AnswerPart,
  type BlockPart,
  breaksOff,
  brokenToolCall,
  fails,
  finish,
  hangs,
  inFragments,
  interleaved,
  oneRead,
  signed,
  text,
  thinking,
  toolCall,
  unchecked,
  unfinished,
  usage,
  warning,
  whole,
} from "./provider/answer-part.ts";
export { checkProviderEvents } from "./provider/check-provider-events.ts";
export { type RecordedCall, ScriptedProvider, type ScriptedProviderOptions } from "./provider/scripted-provider.ts";
export { ArrayContext } from "./session/array-context.ts";
export { normalizeEvents, type NormalizedEvent, outlineEvents, outlineMessage } from "./session/outline-events.ts";
export { RecordingDisplay, type ShownMessage } from "./session/recording-display.ts";
export { readLog, type RecordOptions, recordTurn, type RecordedTurn, runTurn } from "./session/run-turn.ts";
export { ScriptedApprovals, type ScriptedReply } from "./session/scripted-approvals.ts";
