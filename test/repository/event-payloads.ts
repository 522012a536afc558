/**
 * Reads which fields each event's payload has: out of the interfaces that declare them, and out of the tables that document
 * them. An optional field ends in `?`. Fields of fields are not looked at.
 */

/** Event -> its fields, sorted. */
export type Payloads = Readonly<Record<string, readonly string[]>>;

/** What the sources declare. @throws Error for a payload that this cannot read */
export function declaredPayloads(source: string): Payloads {
  const code = source.replaceAll(/\/\*\*.*?\*\//gs, "").replaceAll(/^\s*\n/gm, "");
  const shared = new Map(
    [...code.matchAll(/^(?:export )?interface (\w+) (?:extends \w+ )?\{(.*?)^\}/gms)].map(
      ([, name = "", body = ""]) => [name, topLevelFields(body)],
    ),
  );
  shared.set("OpenPayload", []);
  const members = [...code.matchAll(/^ {2}"([a-z_]+:[a-z_]+)": (.*?);\n(?= {2}"|\})/gms)];
  return Object.fromEntries(members.map(([, name = "", type = ""]) => [name, fieldsOf(type, shared).toSorted()]));
}

function fieldsOf(type: string, shared: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const open = type.includes("{") ? type.indexOf("{") : type.length;
  const inherited = type
    .slice(0, open)
    .split("&")
    .map((name) => name.trim());
  return [
    ...inherited.filter(Boolean).flatMap((name) => {
      const fields = shared.get(name);
      if (fields === undefined) throw new Error(`No interface ${name} in the sources.`);
      return fields;
    }),
    ...topLevelFields(type.slice(open + 1, -1)),
  ];
}

function topLevelFields(body: string): readonly string[] {
  let flat = body;
  for (let inner = ""; inner !== flat; flat = flat.replaceAll(/\{[^{}]*\}/g, "")) inner = flat;
  return [...flat.matchAll(/readonly (\w+\??):/g)].map(([, field = ""]) => field);
}

/** What the tables say. `the same` means the row above, and `common` the fields that all events of a prefix carry. */
export function documentedPayloads(document: string, common: Readonly<Record<string, readonly string[]>>): Payloads {
  const payloads: Record<string, readonly string[]> = {};
  let first: readonly string[] = [];
  for (const [, name = "", cell = ""] of document.matchAll(/^\| `([a-z_:]+)`(?: \*ours\*)? \|([^|]*)\|/gm)) {
    const own = [...cell.replaceAll(/\([^)]*\)/g, "").matchAll(/`(\w+\??)`/g)].map(([, field = ""]) => field);
    const isSame = cell.includes("the same");
    if (!isSame) first = own;
    const prefix = name.slice(0, name.indexOf(":"));
    payloads[name] = [...(isSame ? first : []), ...own, ...(common[prefix] ?? [])].toSorted();
  }
  return payloads;
}
