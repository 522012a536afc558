/**
 * Owns the command `models`: what the providers offer, one line a model, or the same as JSON. A provider that does not answer
 * is told on stderr, and the others are listed all the same.
 */
import type { ModelInfo } from "amplifier-core";
import type { App } from "../app.ts";
import { describeFailure } from "../describe-failure.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { withProvider } from "../providers/mount-provider.ts";
import { everyProvider } from "../providers/select-provider.ts";
import { alignColumns } from "../terminal/align-columns.ts";
import { oneLine } from "../terminal/printable.ts";
import { loadPlan } from "./load-plan.ts";

/** A model with the provider that offers it. */
interface OfferedModel extends ModelInfo {
  readonly provider: string;
}

/** Lists the models. @throws AmplifierError `usage` when the plan cannot be read */
export async function models(app: App): Promise<ExitCode> {
  const loaded = await app.unlessStopped(loadPlan(app));
  const { args, io, output } = app;
  const entries = await app.unlessStopped(everyProvider({ plan: loaded.plan, names: args.providers, env: io.env }));
  const lists = await Promise.all(entries.map((entry) => app.unlessStopped(modelsOf(app, { ...loaded, entry }))));
  const offered = lists.flatMap((list) => list ?? []);
  if (args.json) await output.line(JSON.stringify(offered, null, 2));
  else await output.answer(alignColumns([HEAD, ...offered.map(rowOf)]));
  return lists.includes(null) ? EXIT.failed : EXIT.success;
}

/** Null when there is no list. */
function modelsOf(app: App, mount: Parameters<typeof withProvider>[1]): Promise<readonly OfferedModel[] | null> {
  return withProvider(app, mount, async ({ name, provider, problem }) => {
    try {
      if (provider === null) throw new Error(problem ?? "");
      return (await provider.listModels()).map((model) => ({ provider: name, ...model }));
    } catch (error) {
      app.output.error(`${oneLine(name, 80)}: ${describeFailure(error, { debug: app.args.debug }).line}`);
      return null;
    }
  });
}

const HEAD = ["PROVIDER", "MODEL", "CONTEXT", "OUTPUT", "$ IN", "$ OUT"];

function rowOf({ provider, id, contextWindow, maxOutputTokens, pricing }: OfferedModel): readonly string[] {
  const tokens = [contextWindow, maxOutputTokens].map((count) => count?.toLocaleString("en") ?? "-");
  return [oneLine(provider), oneLine(id), ...tokens, pricing?.input ?? "-", pricing?.output ?? "-"];
}
