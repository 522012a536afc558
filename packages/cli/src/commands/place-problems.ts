/**
 * Owns everything that is wrong with a plan file, each with its line there: what `plan check` prints, and what every command
 * prints that cannot mount the plan. Nothing is mounted.
 */
import { dirname, resolve } from "node:path";
import { AmplifierError, checkPlan, isAmplifierError, type PlanCheck, type PlanProblem } from "amplifier-core";
import type { App } from "../app.ts";
import { withApproval } from "../plan/complete-plan.ts";
import type { RawPlan } from "../plan/plan-file.ts";
import type { PlanFile } from "../plan/read-plan-file.ts";
import { ownSystemPrompt, type Places } from "../system-prompt/system-of-plan.ts";
import { workspaceOf } from "../workspace.ts";

/** A plan file, looked at. */
export interface CheckedFile {
  /** As `run` and `chat` mount it. */
  readonly plan: RawPlan;
  readonly check: PlanCheck;
  /** Everything that is wrong, in the order of the file, which stands in the path: `plan.toml:3:1: tools[0].module`. */
  readonly problems: readonly PlanProblem[];
}

/** Checks the plan of a file; `shown` is its name as given. */
export async function checkFile(app: App, file: PlanFile, shown: string): Promise<CheckedFile> {
  const workspace = workspaceOf(app.io);
  const planFolder = dirname(resolve(workspace, shown));
  const plan = withApproval(file.plan, { yes: false });
  const check = await checkPlan(plan, { planDirectory: planFolder });
  const problems = [...check.problems, ...(await systemProblems(app, plan, { workspace, planFolder }))];
  return { plan, check, problems: problems.length === 0 ? [] : await placed(problems, file, shown) };
}

/** The error of a plan that cannot be mounted, with everything that is wrong in its file; any other error as it is. */
export async function placeProblems(error: unknown, app: App, file: PlanFile | undefined): Promise<unknown> {
  const shown = app.args.plan;
  if (file === undefined || shown === undefined || !isAmplifierError(error)) return error;
  const { check, problems } = await checkFile(app, file, shown);
  const isOfPlan =
    error.code === "plan_invalid" ||
    (error.code === "usage" && error.message.startsWith(SYSTEM)) ||
    check.mounts.some((mount) => "failure" in mount && mount.failure.message === error.message);
  if (!isOfPlan || problems.length === 0) return error;
  return new AmplifierError("plan_invalid", "The mount plan is not valid.", { data: { problems }, cause: error });
}

const SYSTEM = "session.system: ";

async function systemProblems(app: App, plan: RawPlan, places: Places): Promise<readonly PlanProblem[]> {
  try {
    await ownSystemPrompt(app, plan, places);
    return [];
  } catch (error) {
    if (!isAmplifierError(error, "usage")) throw error;
    return [{ path: "session.system", message: error.message.replace(SYSTEM, "") }];
  }
}

/** In the order of the file; what has no place there comes first. */
async function placed(
  problems: readonly PlanProblem[],
  file: PlanFile,
  shown: string,
): Promise<readonly PlanProblem[]> {
  const positions = await file.positions();
  const found = problems.map(({ path, message }) => {
    const { line, column } = positions.find(path) ?? { line: 0, column: 0 };
    const place = line === 0 ? shown : `${shown}:${String(line)}:${String(column)}`;
    return { line, column, problem: { path: `${place}: ${path}`, message } };
  });
  return found.toSorted((a, b) => a.line - b.line || a.column - b.column).map(({ problem }) => problem);
}
