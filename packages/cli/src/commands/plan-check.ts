/**
 * Owns the command `plan check FILE`: what a plan would mount, one line each, or everything that is wrong with it, each with
 * its place in the file. Nothing is mounted; modules' files are loaded, and that is all.
 */
import { dirname, resolve } from "node:path";
import { checkPlan, isAmplifierError, type PlanProblem } from "amplifier-core";
import type { App } from "../app.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { withApproval } from "../plan/complete-plan.ts";
import { describeMounts } from "../plan/describe-mounts.ts";
import { sectionOf, type RawPlan } from "../plan/plan-file.ts";
import { readPlanFile, type PlanFile } from "../plan/read-plan-file.ts";
import { ownSystemPrompt } from "../system-prompt/system-of-plan.ts";
import { oneLine } from "../terminal/printable.ts";
import { workspaceOf } from "../workspace.ts";

/** Checks the plan in a file; `shown` is its name as given. @throws AmplifierError `usage` when it cannot be read */
export async function planCheck(app: App, shown: string): Promise<ExitCode> {
  const workspace = workspaceOf(app.io);
  const path = resolve(workspace, shown);
  const planFolder = dirname(path);
  const file = await readPlanFile(path, shown);
  // As `run` and `chat` mount it.
  const plan = withApproval(file.plan, { yes: false });
  const check = await checkPlan(plan, { planDirectory: planFolder });
  const problems = [...check.problems, ...(await systemProblems(app, plan, { workspace, planFolder }))];
  for (const warning of check.warnings) app.output.note(`${shown}: warning: ${oneLine(warning)}`);
  if (problems.length > 0) {
    for (const line of await problemLines(problems, file, shown)) app.output.error(line);
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

async function systemProblems(
  app: App,
  plan: RawPlan,
  places: { readonly workspace: string; readonly planFolder: string },
): Promise<readonly PlanProblem[]> {
  try {
    await ownSystemPrompt(app, plan, places);
    return [];
  } catch (error) {
    if (!isAmplifierError(error, "usage")) throw error;
    const path = "session.system";
    return [{ path, message: error.message.replace(`${path}: `, "") }];
  }
}

/** In the order of the file; what has no place there comes first. */
async function problemLines(
  problems: readonly PlanProblem[],
  file: PlanFile,
  shown: string,
): Promise<readonly string[]> {
  const positions = await file.positions();
  const placed = problems.map(({ path, message }) => {
    const { line, column } = positions.find(path) ?? { line: 0, column: 0 };
    const place = line === 0 ? shown : `${shown}:${String(line)}:${String(column)}`;
    return { line, column, text: oneLine(`${place}: ${path} ${message}`) };
  });
  return placed.toSorted((a, b) => a.line - b.line || a.column - b.column).map(({ text }) => text);
}
