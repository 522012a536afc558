/**
 * Owns a session's request to stop: none, then graceful, then immediate. Nobody polls it: `signal` is aborted by the
 * first request, `immediateSignal` by the immediate one; both are new after `reset`.
 */

/** How far a request to stop goes. */
export type CancelMode = "graceful" | "immediate";

/** What has been requested so far. */
export type CancelState = "none" | CancelMode;

/** A request to stop that only grows until `reset`. */
export class CancellationToken {
  #any = new AbortController();
  #immediate = new AbortController();
  /** Copied on write: callbacks that are being called stay those that were there. */
  #callbacks: readonly { readonly run: () => void | Promise<void> }[] = [];
  readonly #children = new Set<CancellationToken>();
  readonly #parents = new Set<CancellationToken>();
  readonly #runningTools = new Map<string, string>();

  /** Aborted by any request. */
  get signal(): AbortSignal {
    return this.#any.signal;
  }

  /** Aborted by the immediate request. */
  get immediateSignal(): AbortSignal {
    return this.#immediate.signal;
  }

  get state(): CancelState {
    if (this.isImmediate) return "immediate";
    return this.#any.signal.aborted ? "graceful" : "none";
  }

  get isCancelled(): boolean {
    return this.#any.signal.aborted;
  }

  /** Only the graceful request was made: running tools may finish. */
  get isGraceful(): boolean {
    return this.state === "graceful";
  }

  get isImmediate(): boolean {
    return this.#immediate.signal.aborted;
  }

  /** True when this was the first request. */
  requestGraceful(): boolean {
    if (this.isCancelled) return false;
    this.#any.abort();
    for (const child of this.#children) child.requestGraceful();
    return true;
  }

  /** True unless an immediate request was there already. */
  requestImmediate(): boolean {
    if (this.isImmediate) return false;
    // The stricter one first: whoever wakes up on `signal` must already see which kind it is.
    this.#immediate.abort();
    this.#any.abort();
    for (const child of this.#children) child.requestImmediate();
    return true;
  }

  /** Requests reach the token of a child session too, at once what was requested before. */
  registerChild(child: CancellationToken): void {
    this.#children.add(child);
    child.#parents.add(this);
    this.#handOnTo(child);
  }

  unregisterChild(child: CancellationToken): void {
    this.#children.delete(child);
    child.#parents.delete(this);
  }

  #handOnTo(child: CancellationToken): void {
    if (this.state === "immediate") child.requestImmediate();
    else if (this.state === "graceful") child.requestGraceful();
  }

  /** Ids and names of the tools that run now, for whoever shows what a stop waits for. */
  get runningTools(): ReadonlyMap<string, string> {
    return this.#runningTools;
  }

  registerToolStart(callId: string, displayName: string): void {
    this.#runningTools.set(callId, displayName);
  }

  registerToolComplete(callId: string): void {
    this.#runningTools.delete(callId);
  }

  /** Called, in order, when the orchestrator has seen the request. Returns the function that takes the callback away. */
  onCancel(callback: () => void | Promise<void>): () => void {
    const added = { run: callback };
    this.#callbacks = [...this.#callbacks, added];
    return () => {
      this.#callbacks = this.#callbacks.filter((other) => other !== added);
    };
  }

  /**
   * Runs the callbacks there are now, each after the one before it; a failing one is given to `report` and the others still
   * run. The caller bounds the wait.
   */
  async triggerCallbacks(report: (error: unknown) => void): Promise<void> {
    for (const callback of this.#callbacks) {
      if (!this.#callbacks.includes(callback)) continue;
      try {
        await callback.run();
      } catch (error) {
        report(error);
      }
    }
  }

  /** Remembers the callbacks and children there are now; the returned function makes it so again. */
  checkpoint(): () => void {
    const callbacks = this.#callbacks;
    const children = [...this.#children];
    return () => {
      this.#callbacks = callbacks;
      for (const child of this.#children) if (!children.includes(child)) this.unregisterChild(child);
      for (const child of children) this.#children.add(child);
    };
  }

  /** Back to what its parents request, which mostly is none, and no running tools; children and callbacks stay. */
  reset(): void {
    this.#runningTools.clear();
    if (!this.isCancelled) return;
    this.#any = new AbortController();
    this.#immediate = new AbortController();
    for (const parent of this.#parents) parent.#handOnTo(this);
  }
}
