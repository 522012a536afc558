/**
 * Owns the command `doctor`: what is found, and whether each provider can be mounted and, with `--live`, answers. Secrets are
 * only ever said to be set.
 */
import type { App } from "../app.ts";
import { describeFailure } from "../describe-failure.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { moduleOf } from "../plan/plan-file.ts";
import { withProvider, type MountedProvider } from "../providers/mount-provider.ts";
import { everyProvider } from "../providers/select-provider.ts";
import { alignColumns } from "../terminal/align-columns.ts";
import { oneLine } from "../terminal/printable.ts";
import { askForOneWord } from "./doctor-live.ts";
import { findSurroundings, isLocalModelInstalled, type Finding } from "./doctor-surroundings.ts";
import { loadPlan, type LoadedPlan } from "./load-plan.ts";

/** Prints what is found. @throws AmplifierError `usage` when the plan cannot be read */
export async function doctor(app: App): Promise<ExitCode> {
  const loaded = await app.unlessStopped(loadPlan(app));
  const { args, io, output } = app;
  const entries = await app.unlessStopped(everyProvider({ plan: loaded.plan, names: args.providers, env: io.env }));
  const surroundings = await app.unlessStopped(findSurroundings(app, loaded.places));
  const providers: Finding[] = [];
  // One after the other: what one of them costs in time says nothing when all share the machine.
  for (const entry of entries) providers.push(await app.unlessStopped(examine(app, { ...loaded, entry })));
  const findings = [...surroundings, ...providers];
  if (args.json) await output.line(JSON.stringify(findings, null, 2));
  else await output.answer(alignColumns(findings.map(rowOf)));
  return findings.some(({ status }) => status === "failed") ? EXIT.failed : EXIT.success;
}

function rowOf({ status, what, detail }: Finding): readonly string[] {
  return [status === "none" ? "-" : status, oneLine(what), oneLine(detail)];
}

async function examine(app: App, mount: LoadedPlan & { readonly entry: unknown }): Promise<Finding> {
  if (moduleOf(mount.entry) === "provider-local" && !(await isLocalModelInstalled(app.io.env))) {
    const detail = "the local model is not installed; the first use of it fetches it";
    return { what: "provider local", status: "none", detail };
  }
  return withProvider(app, mount, (mounted) => diagnose(app, mounted));
}

async function diagnose(app: App, { name, provider, problem }: MountedProvider): Promise<Finding> {
  const what = `provider ${name}`;
  if (provider === null) return { what, status: "failed", detail: problem ?? "" };
  const { displayName, defaultModel } = provider.getInfo();
  const who = defaultModel === null ? displayName : `${displayName}, model ${defaultModel}`;
  if (!app.args.live) return { what, status: "ok", detail: `${who}; not asked` };
  try {
    return { what, status: "ok", detail: `${who}: ${await askForOneWord(app, provider)}` };
  } catch (error) {
    return { what, status: "failed", detail: `${who}: ${describeFailure(error, { debug: app.args.debug }).line}` };
  }
}
