/**
 * Owns the start of a strict server of the Gemini API.
 */
import { type ModelServer, type ModelServerOptions, startModelServer } from "../model-server.ts";
import { GEMINI_WIRE } from "./gemini-wire.ts";

/** Starts a server at whose `baseUrl` a client of Google's finds `/models/<model>:streamGenerateContent`, and `/models`. */
export function startGeminiServer(options: ModelServerOptions): Promise<ModelServer> {
  return startModelServer(GEMINI_WIRE, options);
}
