/**
 * Owns the library `yaml`: plans in YAML, and where the keys of YAML and JSON files stand (JSON is YAML). It is loaded
 * only for such a file, or when a problem in one has to be placed.
 */
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { oneLine } from "../terminal/printable.ts";
import { usageError } from "../usage-error.ts";
import { PlanPositions, type Step } from "./plan-positions.ts";

// Amplifier reads its plans with merge keys (`<<`).
const OPTIONS = { merge: true, prettyErrors: false } as const;

/** Reads one YAML document. @throws AmplifierError `usage` with file, line and column, as one line */
export function parseYaml(text: string, shown: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { ...OPTIONS, lineCounter });
  // A tag nobody knows is only a warning to the library; the value would silently be another one.
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const { line, col } = lineCounter.linePos(problem.pos[0]);
    throw invalidYaml(`${shown}:${String(line)}:${String(col)}`, problem, shown);
  }
  try {
    return document.toJS() as unknown;
  } catch (error) {
    // Aliases that multiply without end are found when they are resolved.
    throw invalidYaml(shown, error as Error, shown);
  }
}

function invalidYaml(place: string, error: Error, shown: string): Error {
  const reason = oneLine(error.message, 200).replace(/\.$/, "");
  return usageError(`${place}: not valid YAML: ${reason}.`, { value: shown, cause: error });
}

/** Finds the place of every key and list item of a YAML or JSON document. */
export function yamlPositions(text: string): PlanPositions {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { ...OPTIONS, uniqueKeys: false, lineCounter });
  const positions = new PlanPositions();
  const note = (steps: readonly Step[], node: unknown): void => {
    const offset = isNode(node) ? node.range?.[0] : undefined;
    if (offset === undefined) return;
    const { line, col: column } = lineCounter.linePos(offset);
    positions.add(steps, { line, column });
  };
  walk(document.contents, { steps: [], note });
  return positions;
}

interface Walk {
  readonly steps: readonly Step[];
  readonly note: (steps: readonly Step[], node: unknown) => void;
}

// What an alias stands for is placed at the alias: that is where this part of the plan says it.
function walk(node: unknown, { steps, ...rest }: Walk): void {
  if (isAlias(node)) return;
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      const inside = [...steps, isScalar(key) ? String(key.value) : String(key)];
      rest.note(inside, key);
      walk(value, { ...rest, steps: inside });
    }
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      rest.note([...steps, index], item);
      walk(item, { ...rest, steps: [...steps, index] });
    }
  }
}
