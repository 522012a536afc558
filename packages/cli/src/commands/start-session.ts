/**
 * Owns the way from the arguments to a session that is ready for its first turn: the plan, the provider, the system
 * prompt, the approval hook, and the local model loaded where it is the one. Each choice made for the person is said.
 */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { createSession, type MountPlan, type Session } from "amplifier-core";
import type { App } from "../app.ts";
import { forSmallModel, isSmallModel, withApproval, withProviders, withSystem } from "../plan/complete-plan.ts";
import { sectionOf, type RawPlan } from "../plan/plan-file.ts";
import { demoProvider, selectProvider, type ProviderChoice } from "../providers/select-provider.ts";
import { defaultSystemPrompt, ownSystemPrompt, type Places } from "../system-prompt/system-of-plan.ts";
import { askInTerminal } from "../terminal/ask-in-terminal.ts";
import { oneLine } from "../terminal/printable.ts";
import { SessionDisplay } from "../terminal/session-display.ts";
import { usageError } from "../usage-error.ts";
import { checkGuarded } from "./check-guarded.ts";
import { loadPlan, type LoadedPlan } from "./load-plan.ts";
import { StartedSession } from "./started-session.ts";

/** Starts a session. @throws AmplifierError when the plan or a module is wrong, or the named local model cannot be had */
export async function startSession(app: App): Promise<StartedSession> {
  const loaded = await app.unlessStopped(loadPlan(app));
  const { plan } = loaded;
  const choice = await app.unlessStopped(selectProvider({ plan, names: app.args.providers, env: app.io.env }));
  if (choice !== null && !choice.named) app.output.note(app.output.style.dim(oneLine(`Model: ${choice.reason}.`)));
  try {
    return await mountAndPrepare(app, { ...loaded, choice });
  } catch (error) {
    const { placeProblems } = await import("./place-problems.ts");
    throw await placeProblems(error, app, loaded.file);
  }
}

interface Start extends LoadedPlan {
  readonly choice: ProviderChoice | null;
}

async function mountAndPrepare(app: App, start: Start): Promise<StartedSession> {
  const plan = await app.unlessStopped(completePlan(app, start));
  const create = (): Promise<Session> => openSession(app, plan, start);
  const session = await create();
  const { model } = app.args;
  if (!isSmallModel(plan))
    return new StartedSession({ session, create, options: model === undefined ? {} : { model } });
  try {
    // Before the turn: its clocks are for answering, not for loading.
    const { prepareLocalModel } = await import("../providers/prepare-local-model.ts");
    const held = await prepareLocalModel(app, sectionOf(plan, "providers")?.[0]);
    return new StartedSession({ session, create, options: {}, release: () => held.release() });
  } catch (error) {
    await session.close();
    if (app.stopping.aborted) throw error;
    if (start.choice === null || start.choice.named || model !== undefined) throw cannotBeHad(error);
    const demo = demoProvider(
      `the local model cannot be had: ${error instanceof Error ? error.message : String(error)}`,
    );
    app.output.error(oneLine(`Model: ${demo.reason}`));
    return mountAndPrepare(app, { ...start, choice: demo });
  }
}

async function completePlan(app: App, { plan, places, choice }: Start): Promise<RawPlan> {
  const provided = choice === null ? plan : withProviders(plan, choice.providers);
  const own = await ownSystemPrompt(app, provided, places);
  const spoken = own === undefined ? provided : withSystem(provided, own);
  if (isSmallModel(spoken)) return withApproval(forSmallModel(spoken, localModelFile(app, places)), app.args);
  const complete =
    own === undefined ? withDefaultSystem(spoken, await defaultSystemPrompt(app, spoken, places)) : spoken;
  return withApproval(complete, app.args);
}

// For the local model a name is the path of a file; a name of another provider's model is most likely meant for that one.
function localModelFile(app: App, { workspace }: Places): string | undefined {
  const { model } = app.args;
  if (model === undefined) return undefined;
  const path = resolve(workspace, model);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return path;
  throw usageError(
    `--model ${oneLine(model, 80)}: nobody is there who has it. Set ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY, start Ollama, or give the path of a GGUF file for the local model.`,
    { value: model },
  );
}

function cannotBeHad(cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return usageError(`The local model cannot be had: ${reason}`, { cause });
}

// A system prompt of the wrong type is left for the library to refuse, with its place.
function withDefaultSystem(plan: RawPlan, system: string): RawPlan {
  const session = plan["session"] as { readonly system?: unknown } | undefined;
  return typeof session === "object" && session !== null && session.system === undefined
    ? withSystem(plan, system)
    : plan;
}

async function openSession(app: App, plan: RawPlan, { places, moduleFolder }: Start): Promise<Session> {
  const { output, keyboard, interrupts, announcements } = app;
  const caughtUp = (): Promise<void> => announcements.caughtUp();
  const display = new SessionDisplay(output, { yes: app.args.yes });
  const creating = createSession(plan as unknown as MountPlan, {
    clock: app.io.clock,
    workspace: places.workspace,
    planDirectory: moduleFolder,
    ...(app.canAsk ? { approvals: askInTerminal({ output, keyboard, interrupts, caughtUp }) } : {}),
    display,
  });
  const session = await app.unlessStopped(creating).catch((error: unknown) => {
    // A module may have been mounted after all when the stop came; a session that failed has cleaned up itself.
    void creating.then(
      (late) => late.close(),
      () => undefined,
    );
    throw error;
  });
  if (!app.args.yes) await checkGuarded(session);
  display.open();
  return session;
}
