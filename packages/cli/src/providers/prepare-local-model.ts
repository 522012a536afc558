/**
 * Owns making the local model ready before a turn begins, and telling the person what happens: what it is, what is
 * fetched, how large, to where, how far.
 */
import type { HeldModel, LocalModelStatus } from "amplifier-providers/local";
import type { App } from "../app.ts";
import { configOf } from "../plan/complete-plan.ts";
import { oneLine } from "../terminal/printable.ts";
import { ProgressBar } from "../terminal/progress-bar.ts";

const WHAT_IT_IS =
  "This small local model chats and is no agent: no tools. For a better one set ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY, or run Ollama.";
const PARTS = { engine: "Engine", weights: "Model" } as const;

/**
 * Installs what is missing and loads the model; it stays in memory until `release`. `entry` is its entry in the plan.
 * Rejects when it cannot be had, or on a stop.
 */
export async function prepareLocalModel(app: App, entry: unknown): Promise<Pick<HeldModel, "release">> {
  const { output } = app;
  output.note(output.style.dim(WHAT_IT_IS));
  const bar = new ProgressBar(output);
  const local = await import("amplifier-providers/local");
  try {
    return await local.prepareLocalModel({
      config: configOf(entry),
      env: app.io.env,
      signal: app.stopping,
      onStatus: (status) => show(status, { app, bar }),
    });
  } finally {
    bar.finish();
  }
}

function show(status: LocalModelStatus, { app, bar }: { readonly app: App; readonly bar: ProgressBar }): void {
  switch (status.kind) {
    case "announce": {
      const { name, bytes, directory } = status;
      const size = bytes === null ? "" : `, ${String(Math.round(bytes / 1e6))} MB`;
      return app.output.note(oneLine(`Installing ${name}${size}, in ${directory}, once.`));
    }
    case "progress":
      return bar.show({ step: PARTS[status.what], done: status.received, total: status.total });
    case "loading":
      // Nothing is worth a line of its own that is gone in a second.
      return app.output.isTerminal ? bar.show({ step: `Loading ${status.name}`, done: 0, total: null }) : undefined;
    case "installed":
    case "ready":
      return bar.finish();
  }
}
