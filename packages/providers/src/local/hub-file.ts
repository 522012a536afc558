/**
 * Owns asking Hugging Face which file of a repository is meant: its address, size and checksum. One request; the address
 * is `HF_ENDPOINT` where that is set, and `HF_TOKEN` is sent to nobody else.
 */
import { basename } from "node:path";
import type { Environment } from "./cache-folder.ts";
import { downloadFailed, modelUnusable, reasonOf } from "./install-step.ts";
import type { HubReference } from "./model-reference.ts";

/** A file that can be downloaded. */
export interface RemoteFile {
  readonly url: string;
  /** The name it gets in the cache folder. */
  readonly file: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly sha256: string | null;
  readonly bytes: number | null;
}

interface HubEntry {
  readonly path: string;
  readonly size: number;
  readonly lfs?: { readonly oid: string };
}

/** Taken where nobody says which; the best answers for their size. */
const USUAL = ["Q4_K_M", "Q4_K_S", "Q4_0", "Q8_0"];

/**
 * Finds the file.
 * @throws AmplifierError `download_failed` when the hub cannot be asked, `engine_failed` when it has no such file; the
 * message then lists what there is.
 */
export async function findHubFile(
  reference: HubReference,
  { env, signal }: { readonly env: Environment; readonly signal: AbortSignal },
): Promise<RemoteFile> {
  const endpoint = (env["HF_ENDPOINT"]?.trim() || "https://huggingface.co").replace(/\/+$/, "");
  const token = env["HF_TOKEN"]?.trim();
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const { repository, revision } = reference;
  const listing = `${endpoint}/api/models/${repository}/tree/${encodeURIComponent(revision)}?recursive=true`;
  const entry = choose(reference, await list(listing, { headers, signal }));
  const path = entry.path.split("/").map(encodeURIComponent).join("/");
  return {
    url: `${endpoint}/${repository}/resolve/${encodeURIComponent(revision)}/${path}`,
    file: `${repository.split("/", 1)[0] ?? ""}_${basename(entry.path)}`,
    headers,
    sha256: entry.lfs?.oid ?? null,
    bytes: entry.size,
  };
}

async function list(
  url: string,
  request: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<readonly HubEntry[]> {
  const shown = url.replace(/\?.*/, "");
  const response = await fetch(url, request).catch((error: unknown) => {
    if (request.signal.aborted) throw error;
    throw downloadFailed(shown, reasonOf(error), error);
  });
  if (!response.ok) {
    await response.body?.cancel();
    const hint = [401, 403, 404].includes(response.status)
      ? " (no such repository, or one that needs HF_TOKEN and its licence accepted on its page)"
      : "";
    throw downloadFailed(shown, `the server answered ${response.status} ${response.statusText}`.trimEnd() + hint);
  }
  const listed: unknown = await response.json().catch(() => null);
  if (!Array.isArray(listed)) throw downloadFailed(shown, "the server sent no list of files");
  return listed.filter(isModelFile);
}

function isModelFile(entry: unknown): entry is HubEntry {
  const { path, size } = (entry ?? {}) as { readonly path?: unknown; readonly size?: unknown };
  // A projector belongs to a model that sees; alone it answers nothing.
  return typeof path === "string" && typeof size === "number" && /\.gguf$/i.test(path) && !/mmproj/i.test(path);
}

function choose(reference: HubReference, entries: readonly HubEntry[]): HubEntry {
  const { path, quantisation, source } = reference;
  const wanted = quantisation === null ? USUAL : [quantisation];
  const found =
    path === null
      ? (wanted.flatMap((each) => entries.filter((entry) => isOf(entry, each)))[0] ??
        (entries.length === 1 && quantisation === null ? entries[0] : undefined))
      : entries.find((entry) => entry.path === path);
  if (found === undefined) {
    const names = entries.map((entry) => basename(entry.path)).slice(0, 20);
    const has = names.length === 0 ? "It has no GGUF file." : `It has ${names.join(", ")}.`;
    throw modelUnusable(`There is no file for ${source} in ${reference.repository}. ${has} Name one of them.`);
  }
  if (/-\d{5}-of-\d{5}\.gguf$/i.test(found.path)) {
    throw modelUnusable(
      `${basename(found.path)} is one of several parts of a model, and only whole ones are fetched. Name a smaller quantisation, or fetch the parts yourself and give the path of the first.`,
    );
  }
  return found;
}

function isOf({ path }: HubEntry, quantisation: string): boolean {
  const name = basename(path).toLowerCase();
  const end = quantisation.toLowerCase();
  return (
    name === `${end}.gguf` ||
    ["-", ".", "_"].some((before) => name.includes(`${before}${end}.gguf`)) ||
    ["-", ".", "_"].some((before) => name.includes(`${before}${end}-00001-of-`))
  );
}
