/**
 * Owns what the person has allowed for the rest of the session, and finding out: an answer comes back as an event that
 * carries the question's prompt, and prompts in flight are matched to what they cover. When two questions with different
 * scopes read the same, neither is remembered: the person could not tell them apart.
 */

interface Asked {
  readonly scope: string | null;
  readonly times: number;
}

/** Scopes that need no question any more. */
export class RememberedAnswers {
  readonly #allowed = new Set<string>();
  readonly #asked = new Map<string, Asked>();

  /** Whether the person allowed this scope for ever. */
  allows(scope: string): boolean {
    return this.#allowed.has(scope);
  }

  /** A question is on its way to the person. */
  ask(prompt: string, scope: string): void {
    const before = this.#asked.get(prompt);
    const same = before === undefined || before.scope === scope;
    this.#asked.set(prompt, { scope: same ? scope : null, times: (before?.times ?? 0) + 1 });
  }

  /** The question was answered; `always` when for the rest of the session. */
  answer(prompt: string, options: { readonly always: boolean }): void {
    const asked = this.#asked.get(prompt);
    if (asked === undefined) return;
    if (options.always && asked.scope !== null) this.#allowed.add(asked.scope);
    if (asked.times > 1) this.#asked.set(prompt, { ...asked, times: asked.times - 1 });
    else this.#asked.delete(prompt);
  }
}
