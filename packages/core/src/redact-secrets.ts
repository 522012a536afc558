/**
 * Owns what a value looks like where people and files see it: secrets replaced, long texts cut, plain JSON whatever it was
 * before. It goes by names of keys and by the look of values, so it is a net and no proof; when in doubt it redacts.
 */

/** What stands where a secret was. */
export const REDACTED = "[redacted]";

/** Nothing that is shown nests deeper. */
const MAX_DEPTH = 64;

/** So much behind a cut is still searched: a secret that straddles it is to be recognised. */
const BEHIND_CUT = 4096;

const SECRET_KEY =
  /(?:^|_)(?:authorization|token|password|passwd|passphrase|secrets?|credentials?|cookie|headers|(?:api|access|private|secret)_?keys?(?!_(?:env|var|name|id|path|file|url)$)(?:_[a-z0-9]{1,64}){0,4})$/u;

/** These words mean other things too: they say that a text is a secret, and nothing of a number or a table. */
const SECRET_TEXT_KEY = /(?:(?:^|_)(?:pass|pwd|auth|bearer)|_pat)$/u;

/** Numbers here are counts. */
const TOKENS_KEY = /(?:^|_)tokens$/u;

const FOLDER = /^(?:~?[/\\]|[A-Za-z]:[/\\])/u;

// All are bounded: this must not be slow on a text that was made to be.
const SECRETS: readonly RegExp[] = [
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/gu,
  /\b(?:sk|rk)[-_][\w-]{16,}/gu,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/gu,
  /\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,}|AIza[\w-]{30,}|hf_\w{20,}|npm_\w{30,})/gu,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/gu,
];

/** The first group, which says what it is, stays. Without the `i` flag where a text is searched ten times faster so. */
const NAMED_SECRETS: readonly RegExp[] = [
  /((?:[Aa]uthorization|AUTHORIZATION)\\?["']?\s{0,4}[:=]\s{0,4}\\?["']?)[^"'\\\r\n]{6,}/gu,
  /((?:_(?:PASS|PWD|PAT|AUTH)|\b_auth)["']?\s?=\s?["']?)[^\s"'/\\,;&]{4,}/gu,
  /([?&](?:key|sig|signature|auth|pass|pwd)=)[^\s"'\\&#<>)]{6,}/giu,
  /((?:[Bb]earer|BEARER)\s{1,4})[\w.~+/=-]{8,}/gu,
  /(:\/\/)[^\s/:@]{0,256}:[^\s/@]{1,1024}(?=@)/gu,
  /((?:api[_-]?key|access[_-]?key|private[_-]?key|secret(?:[_-]?key)?|token|password|passwd|passphrase)\\?["']?\s{0,4}[=:]\s{0,4}\\?["']?)[^\s"'\\,;&)}\]]{6,}/giu,
];

/**
 * A copy of `value` as plain JSON, without secrets. `maxBytes` of UTF-8 are left of each text in it, and a note; default:
 * all. What JSON has no place for (functions, symbols, undefined) is left out.
 */
export function redactSecrets(value: unknown, options: { readonly maxBytes?: number } = {}): unknown {
  return copyOf(value, { maxBytes: options.maxBytes ?? Number.POSITIVE_INFINITY, around: [] });
}

interface Copying {
  readonly maxBytes: number;
  /** The objects this is inside of. */
  readonly around: readonly object[];
}

function copyOf(value: unknown, copying: Copying): unknown {
  switch (typeof value) {
    case "string":
      return textOf(value, copying.maxBytes);
    case "bigint":
      return value.toString();
    case "object":
      return value === null ? null : objectOf(value, copying);
    case "function":
    case "symbol":
      return undefined;
    default:
      return value;
  }
}

function objectOf(value: object, { maxBytes, around }: Copying): unknown {
  if (around.includes(value)) return "[inside itself]";
  if (around.length > MAX_DEPTH) return "[nested too deeply]";
  const inner = { maxBytes, around: [...around, value] };
  if (Array.isArray(value)) return value.map((item) => copyOf(item, inner) ?? null);
  if ("toJSON" in value && typeof value.toJSON === "function") return copyOf(value.toJSON() as unknown, inner);
  const entries = Object.entries(value).map(([key, field]): [string, unknown] => [
    key,
    isSecret(key, field) ? REDACTED : copyOf(field, inner),
  ]);
  return Object.fromEntries(entries.filter(([, field]) => field !== undefined));
}

function isSecret(key: string, value: unknown): boolean {
  if (value === null || value === undefined || value === "" || typeof value === "boolean") return false;
  const words = wordsOf(key);
  if (SECRET_KEY.test(words)) return true;
  if (TOKENS_KEY.test(words)) return isText(value) || (Array.isArray(value) && value.some(isText));
  // A shell's PWD is the folder it works in.
  return isText(value) && SECRET_TEXT_KEY.test(words) && !(words.endsWith("pwd") && FOLDER.test(value));
}

// A count may come as a text.
function isText(value: unknown): value is string {
  return typeof value === "string" && !/^[\d.,]*$/u.test(value);
}

/** Whether a key says that its value is a secret. `apiKey`, `api-key`, `API_KEY` and `x.api.key` are one. */
export function isSecretKey(key: string): boolean {
  const words = wordsOf(key);
  return SECRET_KEY.test(words) || SECRET_TEXT_KEY.test(words);
}

function wordsOf(key: string): string {
  return key.replaceAll(/(?<=[a-z0-9])(?=[A-Z])|[\s.-]+/gu, "_").toLowerCase();
}

function textOf(text: string, maxBytes: number): string {
  const isSearchedWhole = text.length <= maxBytes + BEHIND_CUT;
  let shown = text.slice(0, maxBytes + BEHIND_CUT);
  for (const secret of SECRETS) shown = shown.replaceAll(secret, REDACTED);
  for (const secret of NAMED_SECRETS) shown = shown.replaceAll(secret, `$1${REDACTED}`);
  if (isSearchedWhole && (shown.length * 3 <= maxBytes || bytesOf(shown).length <= maxBytes)) return shown;
  return `${cutBytes(shown, maxBytes)}[cut: ${bytesOf(text).length} bytes]`;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

// A character that the cut goes through is left out.
function cutBytes(text: string, maxBytes: number): string {
  return new TextDecoder().decode(bytesOf(text).subarray(0, maxBytes), { stream: true });
}
