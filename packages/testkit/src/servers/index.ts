/**
 * The public API of `amplifier-testkit/servers`: strict servers of the models' APIs on loopback, for tests over a real
 * socket. They need Node; scripts are written in the words of `amplifier-testkit`, and in the words for wires below.
 */
export { ANTHROPIC_RULES, checkAnthropicRequest } from "./anthropic/check-anthropic-request.ts";
export { startAnthropicServer } from "./anthropic/start-anthropic-server.ts";
export { checkGeminiRequest, GEMINI_RULES } from "./gemini/check-gemini-request.ts";
export { startGeminiServer } from "./gemini/start-gemini-server.ts";
export type { ModelServer, ModelServerOptions } from "./model-server.ts";
export { CHAT_RULES, checkChatRequest } from "./openai-chat/check-chat-request.ts";
export { startChatServer } from "./openai-chat/start-chat-server.ts";
export { type HttpAnswer, type Refusal, type RefusalKind, refuses, responds, type WholeAnswer } from "./refusal.ts";
export { cutAfter, type Reply, reply } from "./reply.ts";
export type { Problem } from "./request-rule.ts";
export type { ScriptedAnswer, ScriptEntry, ScriptFunction, SeenRequest } from "./script.ts";
export {
  cuts,
  dripping,
  emptyDelta,
  errorFrame,
  type Pace,
  pings,
  raw,
  type StreamedError,
  type WirePart,
} from "./wire-part.ts";
