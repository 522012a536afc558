/**
 * Owns which provider answers when the plan lists none or `--provider` names some, and the one line that says why.
 * Order: a key or base URL in the environment (Anthropic, OpenAI, Gemini), Ollama on this machine, the local model.
 */
import { moduleOf, sectionOf, type RawPlan } from "../plan/plan-file.ts";
import { usageError } from "../usage-error.ts";
import { findOllamaModel, type OllamaModel } from "./find-ollama-model.ts";

/** Entries for the plan's `providers`, and one line for the person: which and why. */
export interface ProviderChoice {
  readonly providers: readonly unknown[];
  readonly reason: string;
  /** The person named it: if it does not work, nothing else is tried. */
  readonly named: boolean;
}

/** What selection looks at. */
export interface SelectionInput {
  readonly plan: RawPlan;
  /** `--provider`, in order. */
  readonly names: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asks Ollama; a test gives its own. */
  readonly findOllama?: (env: SelectionInput["env"]) => Promise<OllamaModel | null>;
}

/** The variables that make a provider the one to ask. */
export const ENVIRONMENT = [
  { module: "provider-anthropic", keys: ["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"] },
  { module: "provider-openai", keys: ["OPENAI_API_KEY", "OPENAI_BASE_URL"] },
  { module: "provider-gemini", keys: ["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GEMINI_BASE_URL"] },
] as const;

/** Chooses; null when the plan's own providers stand. @throws AmplifierError `usage` for `--provider ollama` without one. */
export async function selectProvider(input: SelectionInput): Promise<ProviderChoice | null> {
  const listed = sectionOf(input.plan, "providers");
  if (input.names.length > 0) return chooseNamed(input, listed ?? []);
  if (listed === null || listed.length > 0) return null;
  return fromEnvironment(input.env) ?? (await fromOllama(input)) ?? localModel();
}

/** The provider that answers from a script, for when there is no model at all. */
export function demoProvider(reason: string): ProviderChoice {
  return { providers: [{ module: "provider-demo" }], reason: `demo, which is no model: ${reason}`, named: false };
}

async function chooseNamed(input: SelectionInput, listed: readonly unknown[]): Promise<ProviderChoice> {
  const providers = await Promise.all(input.names.map((name) => namedEntry(name, { input, listed })));
  return { providers, reason: `${input.names.join(", ")}: named with --provider`, named: true };
}

async function namedEntry(
  name: string,
  { input, listed }: { readonly input: SelectionInput; readonly listed: readonly unknown[] },
): Promise<unknown> {
  const module = name.startsWith("provider-") ? name : `provider-${name}`;
  const own = listed.find((entry) => moduleOf(entry) === module);
  if (own !== undefined) return own;
  if (module !== "provider-ollama") return { module };
  const found = await (input.findOllama ?? findOllamaModel)(input.env);
  if (found !== null) return ollamaEntry(found);
  throw usageError("No Ollama with a model that can chat answers; start it, pull a model, or set OLLAMA_HOST.", {
    value: name,
  });
}

/** All that selection could choose from, in its order: for a look at what there is. The local model is always there. */
export async function everyProvider(input: SelectionInput): Promise<readonly unknown[]> {
  const listed = sectionOf(input.plan, "providers") ?? [];
  if (input.names.length > 0) return (await chooseNamed(input, listed)).providers;
  if (listed.length > 0) return listed;
  const keyed = ENVIRONMENT.filter(({ keys }) => keys.some((name) => isSet(input.env[name])));
  const ollama = await (input.findOllama ?? findOllamaModel)(input.env);
  return [
    ...keyed.map(({ module }) => ({ module })),
    ...(ollama === null ? [] : [ollamaEntry(ollama)]),
    ...localModel().providers,
  ];
}

function isSet(value: string | undefined): boolean {
  return (value ?? "") !== "";
}

function fromEnvironment(env: SelectionInput["env"]): ProviderChoice | null {
  for (const { module, keys } of ENVIRONMENT) {
    const key = keys.find((name) => isSet(env[name]));
    if (key !== undefined) {
      return { providers: [{ module }], reason: `${module.replace("provider-", "")}: ${key} is set`, named: false };
    }
  }
  return null;
}

async function fromOllama(input: SelectionInput): Promise<ProviderChoice | null> {
  const found = await (input.findOllama ?? findOllamaModel)(input.env);
  if (found === null) return null;
  const reason = `ollama, model ${found.model}: no key is set, and Ollama runs on this machine`;
  return { providers: [ollamaEntry(found)], reason, named: false };
}

function ollamaEntry({ model, baseUrl }: OllamaModel): unknown {
  // A key of the environment is meant for OpenAI, never for whoever listens on this machine's port.
  return {
    module: "provider-openai",
    instance_id: "ollama",
    config: { name: "ollama", base_url: baseUrl, model, api_key: "ollama" },
  };
}

function localModel(): ProviderChoice {
  const reason =
    "the local model: no key is set (ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY) and no Ollama runs on this machine";
  return { providers: [{ module: "provider-local" }], reason, named: false };
}
