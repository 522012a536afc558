/**
 * Owns reading a plan file: TOML, YAML or JSON, by the file's ending. Every way it can fail is one line with file, line and
 * column. What the plan says is not looked at. Parsers are loaded when they are needed.
 */
import { extname } from "node:path";
import { NotRegularFile, readRegularFile } from "../read-regular-file.ts";
import { usageError } from "../usage-error.ts";
import { oneLine } from "../terminal/printable.ts";
import type { RawPlan } from "./plan-file.ts";
import type { PlanPositions } from "./plan-positions.ts";

/** A plan as it stands in a file, and where its keys stand there. */
export interface PlanFile {
  readonly plan: RawPlan;
  /** Finds the place of every key: only worth the work when there is a problem to place. */
  readonly positions: () => Promise<PlanPositions>;
}

/** Reads and parses a plan. `shown` is the name as the person gave it. @throws AmplifierError `usage` */
export async function readPlanFile(path: string, shown: string): Promise<PlanFile> {
  const format = formatOf(shown);
  const text = (await readText(path, shown)).replace(/^\uFEFF/, "");
  const plan = await format.parse(text, shown);
  if (typeof plan === "object" && plan !== null && !Array.isArray(plan)) {
    return { plan: plan as RawPlan, positions: () => format.positions(text) };
  }
  throw usageError(
    `${shown}: a plan is a table with at least "session"; this is ${oneLine(JSON.stringify(plan ?? null), 60)}.`,
  );
}

interface Format {
  readonly parse: (text: string, shown: string) => unknown;
  readonly positions: (text: string) => Promise<PlanPositions>;
}

const YAML: Format = {
  parse: async (text, shown) => (await import("./yaml-plan.ts")).parseYaml(text, shown),
  positions: async (text) => (await import("./yaml-plan.ts")).yamlPositions(text),
};

const FORMATS: Readonly<Record<string, Format>> = {
  ".toml": {
    parse: parseToml,
    positions: async (text) => (await import("./toml-positions.ts")).tomlPositions(text),
  },
  ".yaml": YAML,
  ".yml": YAML,
  ".json": { parse: parseJson, positions: YAML.positions },
};

function formatOf(shown: string): Format {
  const extension = extname(shown).toLowerCase();
  const format = FORMATS[extension];
  if (format !== undefined) return format;
  throw usageError(`${shown}: a plan's file name ends in .toml, .yaml, .yml or .json, not in "${extension}".`, {
    value: shown,
  });
}

async function readText(path: string, shown: string): Promise<string> {
  try {
    return (await readRegularFile(path)).text;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: "there is no such file",
      EACCES: "this file may not be read",
    };
    const reason = error instanceof NotRegularFile ? `this is ${error.what}` : (reasons[code ?? ""] ?? message);
    throw usageError(`Plan ${shown}: ${reason}. Give the name of a TOML, YAML or JSON file.`, {
      value: shown,
      cause: error,
    });
  }
}

async function parseToml(text: string, shown: string): Promise<unknown> {
  const { parse, TomlError } = await import("smol-toml");
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason = ""] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
    throw usageError(
      `${shown}:${String(error.line)}:${String(error.column)}: not valid TOML: ${oneLine(reason, 200)}.`,
      {
        value: shown,
        cause: error,
      },
    );
  }
}

function parseJson(text: string, shown: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const { message } = error as SyntaxError;
    const place = placeIn(text, message);
    throw usageError(`${shown}${place}: not valid JSON: ${oneLine(message, 200)}.`, { value: shown, cause: error });
  }
}

// JSON.parse names a position, in some messages; at the end of the text it names none.
function placeIn(text: string, message: string): string {
  const position = /at position (\d+)/.exec(message)?.[1];
  const offset = position === undefined ? (/end of JSON/.test(message) ? text.length : null) : Number(position);
  if (offset === null) return "";
  const before = text.slice(0, offset).split("\n");
  return `:${String(before.length)}:${String((before.at(-1)?.length ?? 0) + 1)}`;
}
