/**
 * Owns making a session of a mount plan: the registry around its log, everything mounted, nothing running yet.
 */
import type { UserMessage } from "../ports/hook-registry.ts";
import { type Clock, systemClock } from "../clock.ts";
import { SessionCoordinator } from "../coordinator/session-coordinator.ts";
import type { OpenPayload } from "../events/reserved-events.ts";
import { SessionHooks } from "../hooks/session-hooks.ts";
import { MemoryEventLog } from "../log/memory-event-log.ts";
import type { InjectionLimits } from "../coordinator/injection-limits.ts";
import { checkPlan, refuseMistakes } from "../plan/check-plan.ts";
import type { MountPlan } from "../plan/mount-plan.ts";
import { redactedPlan } from "../plan/redacted-plan.ts";
import type { ApprovalSystem, DisplaySystem } from "../ports/approval-system.ts";
import type { EventLog } from "../ports/event-log.ts";
import type { FindModule } from "../ports/module.ts";
import { EventPublisher } from "../publishing/event-publisher.ts";
import { consoleDisplay } from "./console-display.ts";
import { mountPlanModules } from "./mount-plan-modules.ts";
import { raiseWithin } from "./raise-within.ts";
import { Session } from "./session.ts";
import { CLEANUP_MS, MOUNT_MS } from "./time-limits.ts";
import { steadyDisplay } from "./steady-display.ts";
import { warnOfUnguardedTools } from "./warn-of-unguarded-tools.ts";

/** What a session may be given beside its plan. */
export interface SessionOptions {
  /** Default: a new UUID. */
  readonly sessionId?: string;
  /** The session this one was made for: it is told in `session:fork`, and hooks see it with every event. */
  readonly parentId?: string;
  /** Default: a `MemoryEventLog`. */
  readonly log?: EventLog;
  /** The first turn raises `session:resume` instead of `session:start`. Default: whether the log holds something. */
  readonly resumed?: boolean;
  /** Who answers questions; without one they are denied. */
  readonly approvals?: ApprovalSystem;
  /** Where messages for people go; default: warnings and errors to the console. */
  readonly display?: DisplaySystem;
  /** How modules are found; on Node the default looks on disk. */
  readonly findModule?: FindModule;
  /** The folder of the plan's file, absolute: relative sources and packages are looked for there first. */
  readonly planDirectory?: string;
  /** The folder that file and shell tools are confined to, absolute; on Node the default is the working folder. */
  readonly workspace?: string;
  readonly clock?: Clock;
}

/**
 * Mounts a plan and returns its session. Nothing is sent anywhere before the first turn. The plan is checked whole before
 * anything is mounted: one wrong module throws its own error, more is one `plan_invalid` that names everything.
 * @throws AmplifierError `plan_invalid`, `module_not_found`, `module_invalid`, `config_invalid`, `module_load_failed`,
 * `mount_failed`, `no_provider`
 */
export async function createSession(plan: MountPlan, options: SessionOptions = {}): Promise<Session> {
  const check = await checkPlan(plan, options);
  refuseMistakes(check);
  const { mounts, system, warnings, limits } = check;
  const coordinator = coordinatorOf(plan, options, limits);
  for (const warning of warnings) coordinator.displaySystem.showMessage(warning, "warning", "plan");
  const raw = plan.session.raw === true ? redactedPlan(plan) : undefined;
  const resumed = options.resumed ?? (options.log?.last() ?? 0) > 0;
  const session = new Session(coordinator, { system, resumed, raw });
  try {
    await mountPlanModules(mounts, coordinator);
    await tellFork(coordinator, raw);
  } catch (error) {
    await coordinator.cleanup(CLEANUP_MS);
    throw error;
  }
  warnOfUnguardedTools(coordinator);
  return session;
}

async function tellFork(coordinator: SessionCoordinator, raw: OpenPayload | undefined): Promise<void> {
  const { sessionId, parentId, config } = coordinator;
  if (parentId === null) return;
  const { metadata } = config.session;
  const data = {
    session_id: sessionId,
    parent: parentId,
    ...(metadata === undefined ? {} : { metadata }),
    ...(raw === undefined ? {} : { raw }),
  };
  await raiseWithin(coordinator, MOUNT_MS, { type: "session:fork", data });
}

function coordinatorOf(config: MountPlan, options: SessionOptions, limits: InjectionLimits): SessionCoordinator {
  const clock = options.clock ?? systemClock;
  const sessionId = options.sessionId ?? crypto.randomUUID();
  const parentId = options.parentId ?? null;
  const { display } = options;
  const displaySystem = display === undefined ? consoleDisplay : steadyDisplay(display, consoleDisplay);
  const publisher = new EventPublisher({ log: options.log ?? new MemoryEventLog(), sessionId, clock });
  const report = (message: string, hook: string): void => displaySystem.showMessage(message, "warning", `hook:${hook}`);
  const show = ({ message, level, source }: UserMessage): void => displaySystem.showMessage(message, level, source);
  const hooks = new SessionHooks({ publisher, clock, report, show });
  hooks.setDefaultFields({ session_id: sessionId, parent_id: parentId });
  return new SessionCoordinator({
    sessionId,
    parentId,
    config,
    hooks,
    clock,
    displaySystem,
    approvalSystem: options.approvals ?? null,
    workspace: options.workspace ?? null,
    limits,
  });
}
