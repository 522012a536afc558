/**
 * A package registry on loopback that has the packages it is given and no others: `npm install` works by name, with
 * empty caches and without a network.
 */
import { createReadStream } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { PackedPackage } from "./pack-packages.ts";

/** A running registry. */
export interface LocalRegistry {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a registry on a free port. What it does not have is a 404, as in any registry. */
export async function startLocalRegistry(packages: readonly PackedPackage[]): Promise<LocalRegistry> {
  const byName = new Map(packages.map((each) => [each.manifest.name, each]));
  const server = createServer((request, response) => answer(request, response, byName));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url, close };
}

const TARBALL = "/tarball";

function answer(
  { url = "", headers }: IncomingMessage,
  response: ServerResponse,
  packages: ReadonlyMap<string, PackedPackage>,
): void {
  const path = decodeURIComponent(url).slice(1);
  const found = packages.get(path.endsWith(TARBALL) ? path.slice(0, -TARBALL.length) : path);
  if (found === undefined) response.writeHead(404).end("{}");
  else if (path.endsWith(TARBALL)) createReadStream(found.file).pipe(response);
  else response.end(JSON.stringify(describe(found, `http://${headers.host}${url}${TARBALL}`)));
}

/** What npm asks of a registry before it fetches anything: the versions of a package, here one. */
function describe({ manifest, integrity }: PackedPackage, tarball: string): object {
  const { name, version } = manifest;
  const versions = { [version]: { ...manifest, dist: { tarball, integrity } } };
  return { name, "dist-tags": { latest: version }, versions };
}
