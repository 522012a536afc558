/**
 * Owns which key stands for which answer of a question: `[a]llow once  [A]llow always  [d]eny`.
 */

/** One answer: the key that gives it, the label with the key in brackets, the value handed back. */
export interface OptionKey {
  readonly key: string;
  readonly label: string;
  readonly value: string;
}

/**
 * Gives each option a key of its own: its first letter, small, else capital, else another of its letters, else a number
 * from 1. Order is kept.
 */
export function optionKeys(options: readonly string[]): readonly OptionKey[] {
  const taken = new Set<string>();
  return options.map((value, index) => {
    const letter = freeLetter(value, taken);
    const key = letter?.key ?? freeNumber(index, taken);
    taken.add(key);
    if (letter === null) return { key, label: `[${key}] ${value}`, value };
    const { position } = letter;
    return { key, label: `${value.slice(0, position)}[${key}]${value.slice(position + 1)}`, value };
  });
}

function freeLetter(
  value: string,
  taken: ReadonlySet<string>,
): { readonly key: string; readonly position: number } | null {
  for (let position = 0; position < value.length; position += 1) {
    const letter = value.charAt(position);
    if (!/[a-z]/i.test(letter)) continue;
    const key = [letter.toLowerCase(), letter.toUpperCase()].find((candidate) => !taken.has(candidate));
    if (key !== undefined) return { key, position };
  }
  return null;
}

function freeNumber(index: number, taken: ReadonlySet<string>): string {
  let number = index + 1;
  while (taken.has(String(number))) number += 1;
  return String(number);
}
