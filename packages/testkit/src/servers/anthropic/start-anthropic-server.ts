/**
 * Owns the start of a strict server of the Messages API.
 */
import { type ModelServer, type ModelServerOptions, startModelServer } from "../model-server.ts";
import { ANTHROPIC_WIRE } from "./anthropic-wire.ts";

/** Starts a server at whose `baseUrl` a client of Anthropic's finds `/v1/messages`, and `/v1/models`. */
export function startAnthropicServer(options: ModelServerOptions): Promise<ModelServer> {
  return startModelServer(ANTHROPIC_WIRE, options);
}
