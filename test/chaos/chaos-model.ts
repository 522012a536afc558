/**
 * Owns what a run of chaos asks of a model's server, whoever made it.
 */

/** A running model that says the lines of a plan. */
export interface ChaosModel {
  /** Without `/v1` and without a slash at its end. */
  readonly origin: string;
  /** @throws Error naming every request that it had to refuse. */
  close(): Promise<void>;
}
