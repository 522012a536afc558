/**
 * Owns which provider a turn asks.
 */
import { AmplifierError, type Provider, type ProviderInfo } from "amplifier-core";

/** A mounted provider and the name it is mounted under. */
export interface NamedProvider {
  readonly name: string;
  readonly provider: Provider;
  /** Asked for once per call of the model. */
  readonly info: ProviderInfo;
}

/**
 * The providers to ask, in order: `wanted` first, then by priority (100 when absent; ties in mount order).
 * @throws AmplifierError `no_provider` when there is none, or none of that name
 */
export function providersInOrder(providers: ReadonlyMap<string, Provider>, wanted: string | null): readonly string[] {
  const mounted = [...providers.keys()];
  if (mounted.length === 0) {
    const message = "No provider is mounted, so there is no model to ask.";
    throw new AmplifierError("no_provider", message, { data: { mounted } });
  }
  if (wanted !== null && !providers.has(wanted)) {
    const message = `default_provider is "${wanted}", but mounted are: ${mounted.join(", ")}.`;
    throw new AmplifierError("no_provider", message, { data: { wanted, mounted } });
  }
  const priorityOf = (name: string): number => (name === wanted ? -Infinity : (providers.get(name)?.priority ?? 100));
  return mounted.toSorted((one, other) => priorityOf(one) - priorityOf(other) || 0);
}

/** The first provider that has not failed in this turn; the first of all when every one has. */
export function selectProvider(
  providers: ReadonlyMap<string, Provider>,
  { wanted, lost }: { readonly wanted: string | null; readonly lost: readonly string[] },
): NamedProvider {
  const names = providersInOrder(providers, wanted);
  const name = names.find((each) => !lost.includes(each)) ?? names[0] ?? "";
  const provider = providers.get(name) as Provider;
  return { name, provider, info: provider.getInfo() };
}

/** The first provider by priority that is not among `lost`; null when there is none. */
export function providerAfter(providers: ReadonlyMap<string, Provider>, lost: readonly string[]): string | null {
  return providersInOrder(providers, null).find((name) => !lost.includes(name)) ?? null;
}
