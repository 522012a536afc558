/**
 * Owns tunnels: connections through a proxy to servers that speak TLS. The server's certificate is checked as without one,
 * and the proxy sees the server's name and nothing of the call. Loaded only when a proxy is set.
 */
import type { Agent, ClientRequest } from "node:http";
import type { Socket } from "node:net";
import { HttpsProxyAgent } from "https-proxy-agent";
import { codeOf } from "./network-error.ts";
import type { Proxy } from "./proxy-for.ts";
import { ProxyFailure } from "./proxy-failure.ts";

type ConnectOptions = Parameters<HttpsProxyAgent<string>["connect"]>[1];

/** What a request that uses a tunnel says besides: when its caller gives up. */
export interface TunnelOptions {
  readonly giveUp?: AbortSignal;
}

const kept = new Map<string, Agent>();

/** The agent whose tunnels through `proxy` are kept for the next call. */
export function tunnelAgent(proxy: Proxy): Agent {
  const key = `${proxy.url.href} ${proxy.authorization}`;
  const known = kept.get(key) ?? new TunnelAgent(proxy, true);
  kept.set(key, known);
  return known;
}

/** An agent that opens one tunnel through `proxy` and keeps none. */
export function freshTunnelAgent(proxy: Proxy): Agent {
  return new TunnelAgent(proxy, false);
}

class TunnelAgent extends HttpsProxyAgent<string> {
  readonly #proxy: Proxy;

  constructor(proxy: Proxy, keepAlive: boolean) {
    super(proxy.url, { keepAlive });
    this.#proxy = proxy;
  }

  /** @throws ProxyFailure when there is no tunnel, whatever the reason */
  override async connect(request: ClientRequest, options: ConnectOptions & TunnelOptions): Promise<Socket> {
    const { giveUp } = options;
    const stop = new AbortController();
    const onGiveUp = (): void => stop.abort();
    giveUp?.addEventListener("abort", onGiveUp);
    if (giveUp?.aborted === true) stop.abort();
    try {
      return await openTunnel(this.#proxy, { request, options, signal: stop.signal });
    } catch (error) {
      throw error instanceof ProxyFailure ? error : new ProxyFailure(this.#proxy, reasonOf(error), { cause: error });
    } finally {
      giveUp?.removeEventListener("abort", onGiveUp);
    }
  }
}

/** What the proxy answered, as the library tells it. */
interface ConnectAnswer {
  readonly statusCode: number;
  readonly statusText: string;
}

async function openTunnel(
  proxy: Proxy,
  {
    request,
    options,
    signal,
  }: { readonly request: ClientRequest; readonly options: ConnectOptions; readonly signal: AbortSignal },
): Promise<Socket> {
  // One for each connection: only so can a proxy that says nothing be given up for this call and no other. The password
  // goes in a header and not in the address, which the library writes into its debug log.
  const headers = proxy.authorization === null ? {} : { "proxy-authorization": proxy.authorization };
  const agent = new HttpsProxyAgent(proxy.url, { keepAlive: true, headers, signal });
  let answer: ConnectAnswer | undefined;
  agent.once("proxyConnect", (connect: ConnectAnswer) => (answer = connect));
  const socket = await agent.connect(request, options);
  if (answer?.statusCode === 200) return socket;
  socket.destroy();
  const { statusCode: status = 0, statusText = "" } = answer ?? {};
  if (!(status >= 100 && status < 600)) throw new ProxyFailure(proxy, "it does not speak HTTP", {});
  throw new ProxyFailure(proxy, `${status} ${statusText}`.trim(), { status });
}

function reasonOf(error: unknown): string {
  return codeOf(error) ?? (error instanceof Error ? error.message : String(error));
}
