/**
 * Owns what `doctor` says of everything but the providers: versions, folders, files, the environment, Ollama. Of a variable
 * that may hold a secret it says only that it is set.
 */
import { readContextFiles } from "../system-prompt/read-context-files.ts";
import type { Places } from "../system-prompt/system-of-plan.ts";
import type { App } from "../app.ts";
import type { Io } from "../io.ts";
import { findOllamaModel } from "../providers/find-ollama-model.ts";
import { ENVIRONMENT } from "../providers/select-provider.ts";
import { version } from "../version.ts";

/** One thing that was looked at. `none`: it is not there, which is no fault. */
export interface Finding {
  readonly what: string;
  readonly status: "ok" | "none" | "failed";
  readonly detail: string;
}

const PROXIES = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"];
const OTHERS = ["OLLAMA_HOST", "AMPLIFIER_CACHE", "NODE_EXTRA_CA_CERTS"];

/** Looks at everything, in the order in which it is shown. */
export async function findSurroundings(app: App, { workspace }: Places): Promise<readonly Finding[]> {
  const { args, io } = app;
  const variables = [...ENVIRONMENT.flatMap(({ keys }) => keys), ...PROXIES, ...OTHERS];
  return [
    { what: "amplifier-ts", status: "ok", detail: version() },
    { what: "Node.js", status: "ok", detail: `${process.version} on ${io.platform} ${process.arch}` },
    { what: "workspace", status: "ok", detail: workspace },
    { what: "plan", status: "ok", detail: args.plan ?? "built in" },
    ...(await findContextFiles(workspace)),
    ...variables.map((name) => findVariable(io, name)),
    await findOllama(io),
  ];
}

/** Whether the local model answers without anything being fetched. */
export async function isLocalModelInstalled(env: Io["env"]): Promise<boolean> {
  const { localModelState } = await import("amplifier-providers/local");
  return Object.values(localModelState({ env })).every(Boolean);
}

async function findContextFiles(workspace: string): Promise<readonly Finding[]> {
  try {
    const files = await readContextFiles(workspace, { skipped: () => undefined });
    if (files.length === 0) return [{ what: "AGENTS.md", status: "none", detail: "none from here to the root" }];
    return files.map(({ path, bytes }) => ({ what: "AGENTS.md", status: "ok", detail: `${path} (${bytes} bytes)` }));
  } catch (error) {
    return [{ what: "AGENTS.md", status: "failed", detail: error instanceof Error ? error.message : String(error) }];
  }
}

function findVariable(io: Io, name: string): Finding {
  // Proxies are known in lower case too, and that is what counts first.
  const value = (PROXIES.includes(name) ? io.env[name.toLowerCase()] : undefined) ?? io.env[name] ?? "";
  if (value === "") return { what: name, status: "none", detail: "not set" };
  return { what: name, status: "ok", detail: name.endsWith("_BASE_URL") ? addressIn(value) : "set" };
}

// An address may hold a name and a password.
function addressIn(value: string): string {
  if (!URL.canParse(value)) return "set, and no URL";
  const { origin, pathname } = new URL(value);
  return origin === "null" ? "set" : origin + pathname;
}

async function findOllama(io: Io): Promise<Finding> {
  const found = await findOllamaModel(io.env);
  if (found === null) return { what: "Ollama", status: "none", detail: "does not answer, or has no model that chats" };
  return { what: "Ollama", status: "ok", detail: `${addressIn(found.baseUrl)}, model ${found.model}` };
}
