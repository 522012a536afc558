/**
 * Owns a plain client for the tests of the servers: one request, and everything that came of it, byte for byte.
 */
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";

/** An answer as far as it came. */
export interface Exchange {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  /** The body was over, not broken off. */
  readonly whole: boolean;
}

/** A request under way. */
export interface Call {
  /** The answer's head. */
  readonly response: Promise<IncomingMessage>;
  /** Resolves when `count` characters of the body have come in all. */
  came(count: number): Promise<void>;
  readonly over: Promise<Exchange>;
  /** Closes the socket. */
  leave(): void;
}

/** Posts `body` as JSON. */
export function post(url: string, body: unknown, headers: Readonly<Record<string, string>>): Call {
  const sent = httpRequest(url, { method: "POST", headers: { "content-type": "application/json", ...headers } });
  const response = once(sent, "response").then(([message]) => message as IncomingMessage);
  // A test that only leaves does not look at the answer.
  response.catch(() => undefined);
  let text = "";
  const watchers: (() => void)[] = [];
  const over = response.then(async (message) => {
    message.setEncoding("utf8");
    message.on("data", (part: string) => {
      text += part;
      for (const watch of watchers) watch();
    });
    // Told apart by `complete`.
    message.on("error", () => undefined);
    await new Promise((resolve) => message.once("close", resolve));
    return { status: message.statusCode ?? 0, headers: message.headers, text, whole: message.complete };
  });
  over.catch(() => undefined);
  sent.end(typeof body === "string" ? body : JSON.stringify(body));
  return {
    response,
    over,
    came: (count) =>
      new Promise((resolve) => {
        const watch = (): void => {
          if (text.length >= count) resolve();
        };
        watchers.push(watch);
        watch();
      }),
    leave: () => void sent.destroy(),
  };
}
