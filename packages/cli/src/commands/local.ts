/**
 * Owns the command `local`: which models the cache folder holds, fetching one before it is needed, and removing one.
 * Nothing is loaded and no engine is installed.
 */
import type { LocalModelStatus, StoredModel } from "amplifier-providers/local";
import type { App } from "../app.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { oneLine, unambiguous } from "../terminal/printable.ts";
import { ProgressBar } from "../terminal/progress-bar.ts";
import { usageError } from "../usage-error.ts";

/** Runs `local list`, `local pull MODEL` or `local remove NAME`. @throws AmplifierError `usage` for anything else */
export function local(app: App): Promise<ExitCode> {
  const [action, model, ...more] = app.args.words;
  if (more.length === 0) {
    if (action === "list" && model === undefined) return list(app);
    if (action === "pull" && model !== undefined) return pull(app, model);
    if (action === "remove" && model !== undefined) return remove(app, model);
  }
  const given = app.args.words.join(" ");
  throw usageError(
    'Say "amplifier-ts local list", "amplifier-ts local pull MODEL" or "amplifier-ts local remove NAME".',
    {
      value: given,
    },
  );
}

async function list(app: App): Promise<ExitCode> {
  const { listLocalModels } = await import("amplifier-providers/local");
  const { folder, models } = await listLocalModels({ env: app.io.env });
  const width = Math.max(0, ...models.map(({ name }) => name.length));
  for (const model of models) await app.output.line(unambiguous(modelLine(model, width)));
  const total = models.reduce((sum, { bytes }) => sum + bytes, 0);
  app.output.note(oneLine(`${String(models.length)} in ${folder}, ${megabytes(total)}`));
  return EXIT.success;
}

async function pull(app: App, model: string): Promise<ExitCode> {
  const { pullLocalModel } = await import("amplifier-providers/local");
  const bar = new ProgressBar(app.output);
  const onStatus = (status: LocalModelStatus): void => show(status, { app, bar });
  try {
    const file = await pullLocalModel(model, { env: app.io.env, signal: app.stopping, onStatus });
    bar.finish();
    await app.output.line(unambiguous(file));
    return EXIT.success;
  } finally {
    bar.finish();
  }
}

async function remove(app: App, model: string): Promise<ExitCode> {
  const { removeLocalModel } = await import("amplifier-providers/local");
  const { name, bytes } = await removeLocalModel(model, { env: app.io.env, signal: app.stopping });
  app.output.note(oneLine(`Removed ${name}, ${megabytes(bytes)}`));
  return EXIT.success;
}

function show(status: LocalModelStatus, { app, bar }: { readonly app: App; readonly bar: ProgressBar }): void {
  if (status.kind === "progress") bar.show({ step: "Model", done: status.received, total: status.total });
  if (status.kind !== "announce") return;
  const { name, bytes, directory } = status;
  const size = bytes === null ? "" : `, ${megabytes(bytes)}`;
  app.output.note(oneLine(`Fetching ${name}${size}, into ${directory}.`));
}

function modelLine({ name, bytes, source, whole }: StoredModel, width: number): string {
  const from = source === null ? "" : `  ${source}`;
  return `${name.padEnd(width)}  ${megabytes(bytes).padStart(9)}${whole ? from : `${from}  (begun; pull it to go on)`}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
