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
 * The provider named `wanted`, else the one with the smallest priority (100 when absent; ties in mount order).
 * @throws AmplifierError `no_provider`
 */
export function selectProvider(providers: ReadonlyMap<string, Provider>, wanted: string | null): NamedProvider {
  const mounted = [...providers.keys()];
  if (wanted !== null) {
    const provider = providers.get(wanted);
    if (provider !== undefined) return { name: wanted, provider, info: provider.getInfo() };
    const message = `default_provider is "${wanted}", but mounted are: ${mounted.join(", ") || "none"}.`;
    throw new AmplifierError("no_provider", message, { data: { wanted, mounted } });
  }
  const [first] = [...providers].toSorted(([, a], [, b]) => (a.priority ?? 100) - (b.priority ?? 100));
  if (first !== undefined) return { name: first[0], provider: first[1], info: first[1].getInfo() };
  throw new AmplifierError("no_provider", "No provider is mounted, so there is no model to ask.", {
    data: { mounted },
  });
}
