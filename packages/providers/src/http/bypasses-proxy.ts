/**
 * Owns the rules of `NO_PROXY`. No standard has them, so they are what curl, Go and undici agree on, with Go's exception
 * for this machine itself: a local model must not be asked for at a proxy. An entry that makes no sense matches nothing.
 */
import { BlockList, isIP, isIPv6 } from "node:net";
import { isLoopback } from "./http-request.ts";

/**
 * Whether `url` is reached without a proxy: it is on this machine, or `list` has it. Entries are separated by commas or
 * white space: `*`; a name, which stands for all names under it too (`example.com`, `.example.com`; `*.example.com` is only
 * what is under it); an IP address or a network (`10.0.0.0/8`, `fd00::/8`); each with `:port` for that port alone.
 */
export function bypassesProxy(url: URL, list: string): boolean {
  if (isLoopback(url.href)) return true;
  const host = url.hostname.replace(/^\[|\]$|\.$/g, "");
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  // An IPv6 address has colons of its own, so its port needs brackets.
  const [, name = entry, ofPort = port] =
    /^\[(.+)\](?::(\d+))?$/.exec(entry) ?? /^([^:]+)(?::(\d+))?$/.exec(entry) ?? [];
  if (ofPort !== port || name === "") return false;
  if (name === "*") return true;
  if (isIP(host) !== 0) return holds(name, host);
  const domain = name.replace(/^\*?\./, "");
  return (host === domain && !name.startsWith("*.")) || host.endsWith(`.${domain}`);
}

/** Whether `network`, one address or many, holds `address`. */
function holds(network: string, address: string): boolean {
  const [, first = "", bits] = /^([^/]+)(?:\/(\d+))?$/.exec(network) ?? [];
  const most = isIPv6(first) ? 128 : 32;
  const prefix = Number(bits ?? most);
  if (isIP(first) === 0 || prefix > most) return false;
  const block = new BlockList();
  block.addSubnet(first, prefix, familyOf(first));
  return block.check(address, familyOf(address));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}
