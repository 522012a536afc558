/**
 * Owns how much text hooks may put into the conversation: a hard limit per injection, a soft budget per turn. It counts;
 * what happens to a refused injection is `processDecision`'s.
 */

/** Limits of a session's plan. Null: no limit. */
export interface InjectionLimits {
  /** Characters (Unicode scalar values) of one injection; more is refused. */
  readonly sizeLimit: number | null;
  /** Tokens (characters / 4) of one turn; more is told to the person. */
  readonly budgetPerTurn: number | null;
}

/** The limits, and what was injected under them. */
export interface InjectionUse extends InjectionLimits {
  /** Tokens (characters / 4) of this turn so far; ephemeral text counts as well. */
  readonly tokens: number;
}

/** What `InjectionAccount.admit` found. */
export type Admission =
  | { readonly admitted: true; readonly overBudget: { readonly tokens: number; readonly budget: number } | null }
  | { readonly admitted: false; readonly size: number; readonly limit: number };

/** Counts the injections of one turn after the other. */
export class InjectionAccount {
  readonly #limits: InjectionLimits;
  #tokens = 0;

  constructor(limits: InjectionLimits) {
    this.#limits = limits;
  }

  get use(): InjectionUse {
    return { ...this.#limits, tokens: this.#tokens };
  }

  /** Counts an injection, or refuses it. Exactly the limit is allowed. */
  admit(content: string): Admission {
    const { sizeLimit, budgetPerTurn } = this.#limits;
    let size = 0;
    for (const _ of content) size++;
    if (sizeLimit !== null && size > sizeLimit) return { admitted: false, size, limit: sizeLimit };
    this.#tokens += Math.floor(size / 4);
    const isOver = budgetPerTurn !== null && this.#tokens > budgetPerTurn;
    return { admitted: true, overBudget: isOver ? { tokens: this.#tokens, budget: budgetPerTurn } : null };
  }

  /** A new turn begins. */
  reset(): void {
    this.#tokens = 0;
  }
}
