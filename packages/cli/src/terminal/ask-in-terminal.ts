/**
 * Owns asking the person in the terminal, in place: one key answers. While a question is open nothing else is printed.
 * Raw mode delivers no SIGINT, so Ctrl-C is read here and goes the way of the signal. What was typed before the question
 * was on the screen never answers it. However it ends, the terminal is as it was before.
 */
import { setImmediate as nextRound } from "node:timers/promises";
import type { ApprovalRequest, ApprovalSystem } from "amplifier-core";
import type { Interrupts } from "./interrupts.ts";
import type { Keyboard } from "./keyboard.ts";
import type { Output } from "./output.ts";
import { optionKeys, type OptionKey } from "./option-keys.ts";
import { unambiguous } from "./printable.ts";
import { screenLines } from "./screen-lines.ts";

const CTRL_C = "\u0003";
/** Escape and Ctrl-D: no answer is a no. */
const REFUSALS: ReadonlySet<string> = new Set(["\u001b", "\u0004"]);

/** What a question needs of the terminal. */
export interface AskingTerminal {
  readonly output: Output;
  readonly keyboard: Keyboard;
  readonly interrupts: Interrupts;
  /** Resolves when the events before the question have been shown, so that it stands below what it is about. */
  readonly caughtUp: () => Promise<void>;
}

/** An `ApprovalSystem` for a person at a terminal. Rejects with the signal's reason when the question is withdrawn. */
export function askInTerminal(terminal: AskingTerminal): ApprovalSystem {
  return {
    requestApproval: async (request) => {
      await terminal.caughtUp();
      request.signal.throwIfAborted();
      const release = terminal.output.hold();
      try {
        return await ask(request, terminal);
      } finally {
        release();
      }
    },
  };
}

async function ask(request: ApprovalRequest, terminal: AskingTerminal): Promise<string> {
  const { output, keyboard, interrupts } = terminal;
  const options = optionKeys(request.options);
  let open = false;
  let settle: (choice: string) => void = () => undefined;
  const chosen = new Promise<string>((resolve) => {
    settle = resolve;
  });
  const stopReading = keyboard.read((keys) => {
    if (keys.includes(CTRL_C)) return interrupts.press();
    if (!open) return;
    const choice = choiceOf(keys, options);
    if (choice === null) return;
    output.ask(`${unambiguous(choice)}\n`);
    settle(choice);
  });
  const withdrawn = whenAborted(request.signal);
  try {
    // Two rounds of the event loop: what the terminal had buffered arrives and is dropped.
    await nextRound();
    await nextRound();
    output.ask(questionText(request, options, output));
    open = true;
    const choice = await Promise.race([chosen, withdrawn.promise]);
    return choice;
  } catch (error) {
    output.ask("(withdrawn)\n");
    throw error;
  } finally {
    withdrawn.forget();
    stopReading();
  }
}

function questionText(request: ApprovalRequest, options: readonly OptionKey[], output: Output): string {
  const { columns, style } = output;
  const labels = options.map(({ label }) => unambiguous(label).replaceAll("\n", " "));
  const row = `${labels.join("  ")} ? `;
  const choices = row.length < columns ? row : screenLines(`${labels.join("\n  ")} ? `, columns);
  return `${style.bold(screenLines(unambiguous(request.prompt), columns))}\n${choices}`;
}

/** The option a key stands for; a line end after the key does no harm. Other keys and pasted text are no answer. */
function choiceOf(keys: string, options: readonly OptionKey[]): string | null {
  const key = keys.replace(/[\r\n]+$/, "");
  if (REFUSALS.has(key)) return refusalOf(options);
  return options.find((option) => option.key === key)?.value ?? caseless(key, options);
}

/** A capital where only the small letter is an answer (caps lock). */
function caseless(key: string, options: readonly OptionKey[]): string | null {
  const fitting = options.filter((option) => option.key.toLowerCase() === key.toLowerCase());
  return fitting.length === 1 ? (fitting[0]?.value ?? null) : null;
}

function refusalOf(options: readonly OptionKey[]): string {
  return options.find(({ value }) => /^(deny|no)\b/i.test(value))?.value ?? "Deny";
}

function whenAborted(signal: AbortSignal): { readonly promise: Promise<never>; readonly forget: () => void } {
  let onAbort: () => void = () => undefined;
  const promise = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  // It may be rejected after the choice was made, when nobody looks any more.
  promise.catch(() => undefined);
  return { promise, forget: () => signal.removeEventListener("abort", onAbort) };
}
