/**
 * Owns the few colours of the program. Without colour every function returns its text unchanged.
 */

/** Marks text for a terminal. */
export interface Style {
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly red: (text: string) => string;
}

const PLAIN: Style = { dim: (text) => text, bold: (text) => text, red: (text) => text };

const COLOURED: Style = {
  dim: (text) => `\u001b[2m${text}\u001b[22m`,
  bold: (text) => `\u001b[1m${text}\u001b[22m`,
  red: (text) => `\u001b[31m${text}\u001b[39m`,
};

/** The style for a stream: coloured on a terminal, unless `NO_COLOR` is set (https://no-color.org) or it is `dumb`. */
export function styleFor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Style {
  const wanted = stream.isTTY === true && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
  return wanted ? COLOURED : PLAIN;
}
