/**
 * The public API of `amplifier-core`. What is not exported here is no promise.
 */
export type * from "./messages/content-block.ts";
export { textOf } from "./messages/content-block.ts";
export type { Message, Role } from "./messages/message.ts";
export { addUsage, NO_USAGE, type Usage, usageProblem } from "./messages/usage.ts";
export type {
  CallOptions,
  ChatRequest,
  ChatResponse,
  Degradation,
  FinishReason,
  FunctionToolSpec,
  NativeToolSpec,
  ReasoningEffort,
  ResponseFormat,
  ToolCall,
  ToolChoice,
  ToolSpec,
} from "./messages/chat.ts";
export type { InferSchema, JsonSchema } from "./schema/json-schema.ts";
export {
  AmplifierError,
  isAmplifierError,
  type ErrorCode,
  type ErrorData,
  type PlanProblem,
} from "./errors/amplifier-error.ts";
export { isLLMError, LLMError, type LLMErrorFields, type LLMErrorName } from "./errors/llm-error.ts";
export { errorInfo, type ErrorInfo } from "./errors/error-info.ts";
export type {
  ApprovalEventData,
  EventMap,
  EventType,
  InterceptableEvent,
  SteerMode,
  StreamedBlockType,
  ToolDecision,
  ToolEventData,
  TurnStatus,
} from "./events/event-map.ts";
export type { OpenPayload, ReservedEvents } from "./events/reserved-events.ts";
export { isStored, type Event, type EventOf } from "./events/event.ts";
export type {
  AnswerEnd,
  BlockDelta,
  BlockEnd,
  BlockHead,
  BlockStart,
  ModelInfo,
  Provider,
  ProviderEvent,
  ProviderInfo,
  ProviderWarning,
  UsageReport,
} from "./ports/provider.ts";
export { adaptProvider, type CompletingProvider } from "./ports/adapt-provider.ts";
export type { Tool, ToolContext } from "./ports/tool.ts";
export type { ContextManager } from "./ports/context-manager.ts";
export type { ApprovalRequest, ApprovalSystem, DisplaySystem, MessageLevel } from "./ports/approval-system.ts";
export type { EventLog } from "./ports/event-log.ts";
export type {
  ApprovalQuestion,
  ContextInjection,
  Decision,
  EmitOptions,
  HookFields,
  HookHandler,
  HookOptions,
  HookRegistry,
  HookResult,
  InjectionResult,
  InjectionRole,
  UserMessage,
} from "./ports/hook-registry.ts";
export type { ModuleCoordinator, MountPoint, MountPoints } from "./ports/module-coordinator.ts";
export type { Orchestrator, SteerReceipt, SteerTurn, TurnInput } from "./ports/orchestrator.ts";
export type { AmplifierModule, Cleanup, FindModule, ModuleRequest, ModuleType } from "./ports/module.ts";
export { systemClock, type Clock } from "./clock.ts";
export { CancellationToken, type CancelMode, type CancelState } from "./cancellation/cancellation-token.ts";
export {
  jsonCopy,
  serializeToolResult,
  toolMessageContent,
  toToolResult,
  type ToolResult,
} from "./tools/tool-result.ts";
export { defineTool, type ToolDefinition } from "./tools/define-tool.ts";
export { collect } from "./collect.ts";
export { frozenCopy, looseCopy } from "./events/frozen-copy.ts";
export { REDACTED, redactSecrets } from "./redact-secrets.ts";
export { ABORTED, onAborted, untilAborted } from "./until-aborted.ts";
export { continueWith } from "./hooks/decision-builder.ts";
export { publishingHooks } from "./hooks/foreign-hooks.ts";
export type { WaitedHook } from "./hooks/run-handlers.ts";
export { SessionHooks, type PublishingHooks, type ReportHook } from "./hooks/session-hooks.ts";
export { EventPublisher } from "./publishing/event-publisher.ts";
export type { EventSink } from "./publishing/event-sink.ts";
export { Outbox, OUTBOX_ROOM } from "./publishing/outbox.ts";
export { TurnStream, type StreamedTurn } from "./publishing/turn-stream.ts";
export { DEFAULT_LOG_CAPACITY, MemoryEventLog } from "./log/memory-event-log.ts";
export { checkValue, type SchemaProblem } from "./schema/check-value.ts";
export type {
  InlineHook,
  ModuleConfig,
  ModuleEntry,
  MountPlan,
  ProviderEntry,
  SessionPlan,
} from "./plan/mount-plan.ts";
export {
  checkPlan,
  type CheckedMount,
  type CheckPlanOptions,
  type FailedMount,
  type LoadedMount,
  type PlanCheck,
} from "./plan/check-plan.ts";
export { mountPlanSchema, type KnownModule } from "./plan/mount-plan-schema.ts";
export type { ModuleMount, ObjectMount } from "./plan/read-plan.ts";
export type { InjectionLimits, InjectionUse } from "./coordinator/injection-limits.ts";
export { OWN_MODULES } from "./plan/module-id.ts";
export { createSession, type SessionOptions } from "./session/create-session.ts";
export { Session, type TurnOptions } from "./session/session.ts";
export type { TurnSummary } from "./session/turn-summary.ts";
export { injectionMessage, processDecision, type DecisionPorts } from "./coordinator/process-decision.ts";
export { UNGUARDED } from "./session/warn-of-unguarded-tools.ts";
