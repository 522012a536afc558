/**
 * Owns making the local model ready before a turn begins, and telling the person what happens: what it is, what is
 * fetched, how large, to where, how far.
 */
import type { App } from "../app.ts";
import { oneLine } from "../terminal/printable.ts";
import { ProgressBar, type Progress } from "../terminal/progress-bar.ts";

/** What preparation reports: a line for the person, or how far a step is. */
type LocalStatus = { readonly message: string } | Progress;

interface LocalModule {
  prepareLocalModel(options: {
    readonly config: Readonly<Record<string, unknown>>;
    readonly onStatus: (status: LocalStatus) => void;
    readonly signal: AbortSignal;
  }): Promise<void>;
}

const WHAT_IT_IS =
  "This small local model chats and is no agent: no tools. For a better one set ANTHROPIC_API_KEY or OPENAI_API_KEY, or run Ollama.";

/** Installs what is missing and loads the model. `entry` is its entry in the plan. Rejects when it cannot be had or on a stop. */
export async function prepareLocalModel(app: App, entry: unknown): Promise<void> {
  const { output } = app;
  output.note(output.style.dim(WHAT_IT_IS));
  const bar = new ProgressBar(output);
  const specifier = "amplifier-providers/local";
  const local = (await import(specifier)) as LocalModule;
  try {
    await local.prepareLocalModel({
      config: configOf(entry),
      signal: app.stopping,
      onStatus: (status) => {
        if ("step" in status) return bar.show(status);
        bar.finish();
        output.note(oneLine(status.message));
      },
    });
  } finally {
    bar.finish();
  }
}

function configOf(entry: unknown): Readonly<Record<string, unknown>> {
  const config = (entry as { readonly config?: unknown } | undefined)?.config;
  return typeof config === "object" && config !== null ? { ...config } : {};
}
