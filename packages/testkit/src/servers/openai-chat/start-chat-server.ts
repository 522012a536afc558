/**
 * Owns the start of a strict server of Chat Completions.
 */
import { type ModelServer, type ModelServerOptions, startModelServer } from "../model-server.ts";
import { CHAT_WIRE } from "./chat-wire.ts";

/** Starts a server at whose `baseUrl` (with `/v1`) a client of OpenAI's finds `/chat/completions`, and `/models`. */
export function startChatServer(options: ModelServerOptions): Promise<ModelServer> {
  return startModelServer(CHAT_WIRE, options);
}
