/**
 * Owns where the keys of a plan file stand, so that a problem can name its line. Every format fills the same table.
 */

/** A place in a file; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One step into a plan: a table's key, or a list's index. */
export type Step = string | number;

/** Positions by key path (`tools[0].config.path`), as the problems of a plan name it. */
export class PlanPositions {
  readonly #positions = new Map<string, Position>();

  /** Notes where a key or an item stands; the first place of a path counts. */
  add(steps: readonly Step[], position: Position): void {
    const path = pathOf(steps);
    if (!this.#positions.has(path)) this.#positions.set(path, position);
  }

  /** The place of a path, else of the nearest table around it: what is missing stands nowhere. Null when there is none. */
  find(path: string): Position | null {
    for (let here = path; here !== ""; here = outer(here)) {
      const position = this.#positions.get(here);
      if (position !== undefined) return position;
    }
    return null;
  }
}

function pathOf(steps: readonly Step[]): string {
  return steps.reduce<string>((path, step) => {
    // A key of digits is written like an index in the problems, too.
    if (/^\d+$/.test(String(step))) return `${path}[${step}]`;
    return path === "" ? String(step) : `${path}.${step}`;
  }, "");
}

function outer(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("."), path.lastIndexOf("["), 0));
}
