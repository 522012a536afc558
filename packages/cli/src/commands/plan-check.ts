/**
 * Owns the command `plan check FILE`: what a plan would mount, one line each, or everything that is wrong with it, each with
 * its place in the file. Nothing is mounted; modules' files are loaded, and that is all.
 */
import { dirname, resolve } from "node:path";
import type { App } from "../app.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { describeMounts } from "../plan/describe-mounts.ts";
import { sectionOf } from "../plan/plan-file.ts";
import { readPlanFile } from "../plan/read-plan-file.ts";
import { oneLine } from "../terminal/printable.ts";
import { workspaceOf } from "../workspace.ts";
import { checkFile } from "./place-problems.ts";

/** Checks the plan in a file; `shown` is its name as given. @throws AmplifierError `usage` when it cannot be read */
export async function planCheck(app: App, shown: string): Promise<ExitCode> {
  const workspace = workspaceOf(app.io);
  const path = resolve(workspace, shown);
  const planFolder = dirname(path);
  const file = await readPlanFile(path, shown);
  const { plan, check, problems } = await checkFile(app, file, shown);
  for (const warning of check.warnings) app.output.note(`${shown}: warning: ${oneLine(warning)}`);
  if (problems.length > 0) {
    for (const { path: place, message } of problems) app.output.error(oneLine(`${place} ${message}`));
    return EXIT.usage;
  }
  const lines = describeMounts(check.mounts, { workspace, planFolder });
  await app.output.answer(lines.map((line) => `${line}\n`).join(""));
  if (sectionOf(file.plan, "providers")?.length === 0) {
    app.output.note(`${shown}: no provider is listed: run and chat pick one when they start, the library refuses it`);
  }
  if (plan !== file.plan) app.output.note(`${shown}: hooks-approval is not listed: run and chat add it`);
  return EXIT.success;
}
