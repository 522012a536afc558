/**
 * Owns what a model's name in the config means: the default model, a file, a name in the cache folder, a file of a Hugging
 * Face repository, or an address. Reads nothing but whether a file is there; asks no server.
 */
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { shownUrl } from "../http/http-request.ts";
import type { CachePlaces } from "./cache-folder.ts";
import { WEIGHTS } from "./model-pins.ts";

/** A file of a Hugging Face repository, by its path or by its quantisation; with neither, the usual one is meant. */
export interface HubReference {
  readonly kind: "hub";
  /** As it was asked for; how it is found again. */
  readonly source: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly revision: string;
  readonly path: string | null;
  /** Such as `Q4_K_M`. */
  readonly quantisation: string | null;
}

/** What a name means. `source` holds no secret. */
export type ModelReference =
  | { readonly kind: "default" }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "named"; readonly name: string; readonly path: string }
  | { readonly kind: "url"; readonly source: string; readonly url: string }
  | HubReference;

/** A model that has to be fetched. */
export type RemoteReference = Extract<ModelReference, { readonly source: string }>;

const HUB = /^(?:hf|huggingface):([\w.-]+\/[\w.-]+)(?::([\w.-]+)|\/([^#]+\.gguf))?(?:#(.+))?$/i;
const HUB_ADDRESS = /^https:\/\/(?:huggingface\.co|hf\.co)\/([\w.-]+\/[\w.-]+)\/(?:resolve|blob)\/([^/]+)\/(.+\.gguf)/i;

/** What `model` means; null when it begins like a reference and is none. A file of that path goes before a name. */
export function modelReference(model: string | undefined, places: CachePlaces): ModelReference | null {
  if (model === undefined || model.toLowerCase() === WEIGHTS.id) return { kind: "default" };
  if (/^(hf|huggingface):/i.test(model)) return hubReference(model);
  if (/^https?:/i.test(model)) return URL.canParse(model) ? addressReference(model) : null;
  const path = resolve(model);
  if (/[\\/]/.test(model) || existsSync(path)) return { kind: "file", path };
  const file = /\.gguf$/i.test(model) ? model : `${model}.gguf`;
  return { kind: "named", name: model, path: join(places.models, file) };
}

/** How a reference is called where a person reads it, and in requests. */
export function referenceName(reference: ModelReference): string {
  switch (reference.kind) {
    case "default":
      return WEIGHTS.id;
    case "file":
      return basename(reference.path);
    case "named":
      return reference.name;
    case "url":
      return basename(new URL(reference.url).pathname);
    case "hub":
      return reference.source;
  }
}

function hubReference(model: string): HubReference | null {
  const [, repository, quantisation, path, revision] = HUB.exec(model) ?? [];
  if (repository === undefined) return null;
  return {
    kind: "hub",
    source: model,
    repository,
    revision: revision ?? "main",
    path: path ?? null,
    quantisation: quantisation ?? null,
  };
}

/** An address on Hugging Face is one of its files: then its checksum is known. */
function addressReference(model: string): ModelReference {
  const [, repository, revision, path] = HUB_ADDRESS.exec(model) ?? [];
  if (repository === undefined || revision === undefined || path === undefined) {
    return { kind: "url", source: shownUrl(model), url: model };
  }
  return { kind: "hub", source: shownUrl(model), repository, revision, path, quantisation: null };
}
