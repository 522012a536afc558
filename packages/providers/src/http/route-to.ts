/**
 * Owns how a call gets to its server: directly, or through the proxy that the environment names. An http server is asked
 * for at the proxy by its whole address; to an https server the proxy opens a tunnel. Sockets are kept for the next call.
 */
import { Agent as HttpAgent, request as httpRequest, type Agent, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { HttpRequest } from "./http-request.ts";
import { proxyFor, type Proxy } from "./proxy-for.ts";
import type { TunnelOptions } from "./tunnel-agent.ts";

/** A way to a server. */
export interface Route {
  /** `request` of node:http or of node:https, as the first hop speaks. */
  readonly open: typeof httpRequest;
  /** What stands over the parts of the URL. */
  readonly options: RequestOptions & TunnelOptions;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: Agent;
  /** Makes a connection for one call; false: what Node takes without an agent. */
  readonly freshAgent: Agent | false;
  /** Whom the connection is made to, where that is not the server: what fails before the answer fails there. */
  readonly hop: Proxy | null;
  /** Ends the wait for a connection that Node's request does not know of yet. */
  readonly giveUp: () => void;
}

// An idle socket does not keep the process alive; the agent honours the server's own Keep-Alive limit.
const httpAgent = new HttpAgent({ keepAlive: true });
const httpsAgent = new HttpsAgent({ keepAlive: true });

const PLAIN: Route = {
  open: httpRequest,
  options: {},
  headers: {},
  agent: httpAgent,
  freshAgent: false,
  hop: null,
  giveUp: () => undefined,
};
const SECURE: Route = { ...PLAIN, open: httpsRequest, agent: httpsAgent };

/**
 * The way to `request`'s server.
 * @throws LLMError `ConfigurationError` for a proxy variable that cannot be used; TypeError for an address that is none.
 */
export async function routeTo(request: HttpRequest): Promise<Route> {
  const url = new URL(request.url);
  const isSecure = url.protocol === "https:";
  const proxy = proxyFor(url, process.env, request);
  if (proxy === null) return isSecure ? SECURE : PLAIN;
  if (!isSecure) return forwarded(url, proxy);
  const { freshTunnelAgent, tunnelAgent } = await import("./tunnel-agent.ts");
  const controller = new AbortController();
  return {
    ...SECURE,
    options: { giveUp: controller.signal },
    agent: tunnelAgent(proxy),
    freshAgent: freshTunnelAgent(proxy),
    giveUp: () => controller.abort(),
  };
}

function forwarded(url: URL, proxy: Proxy): Route {
  const { protocol, hostname, port } = proxy.url;
  return {
    ...(protocol === "https:" ? SECURE : PLAIN),
    options: {
      protocol,
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port,
      path: url.origin + url.pathname + url.search,
    },
    headers: {
      host: url.host,
      ...(proxy.authorization === null ? {} : { "proxy-authorization": proxy.authorization }),
    },
    hop: proxy,
  };
}
