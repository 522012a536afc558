/**
 * Modules made in a test: found by their ids without a disk, mounted by `createSession`, with everything that was raised and
 * shown at hand.
 */
import {
  AmplifierError,
  createSession,
  type Event,
  type FindModule,
  MemoryEventLog,
  type ModuleCoordinator,
  type MountPlan,
  type Orchestrator,
  type Provider,
  type Session,
  type SessionOptions,
  type Tool,
} from "amplifier-core";
import { ArrayContext, readLog } from "amplifier-testkit";

export type Mount = (coordinator: ModuleCoordinator, config: Readonly<Record<string, unknown>>) => unknown;
export type Modules = Readonly<Record<string, unknown>>;

/** A module's exports, right or wrong. */
export const module = (moduleType: string, mount: Mount, more: object = {}): unknown => ({
  moduleType,
  mount,
  ...more,
});

export const tool = (name: string): Tool => ({
  name,
  description: "",
  inputSchema: {},
  execute: () => Promise.resolve(""),
});

/** A provider that nobody asks. */
export const provider = (name: string, priority = 100): Provider =>
  ({ name, priority, getInfo: () => ({}), listModels: () => Promise.resolve([]), stream: () => [] }) as never;

/** An orchestrator that answers and tells nothing. */
export const loop: Orchestrator = { execute: () => Promise.resolve("answer") };

const MODULES: Modules = {
  loop: module("orchestrator", (coordinator) => coordinator.mount("orchestrator", loop)),
  "context-simple": module("context", (coordinator) => coordinator.mount("context", new ArrayContext())),
  "provider-a": module("provider", (coordinator, { name = "a", priority }) =>
    coordinator.mount("providers", provider(name as string, priority as number)),
  ),
  "provider-b": module("provider", (coordinator) => coordinator.mount("providers", provider("b"))),
};

/** The smallest plan that mounts. */
export const PLAN: MountPlan = { session: { orchestrator: "loop" }, providers: [{ module: "provider-a" }] };

export interface Mounted {
  readonly session: Session;
  /** What was raised until the session was made. */
  readonly events: readonly Event[];
  readonly shown: readonly string[];
  readonly log: MemoryEventLog;
}

/** Mounts a plan over the modules above and `more`; a module that is in neither does not exist. */
export async function mounted(plan: MountPlan, more: Modules = {}, options: SessionOptions = {}): Promise<Mounted> {
  const log = new MemoryEventLog();
  const shown: string[] = [];
  const display = { showMessage: (message: string) => void shown.push(message) };
  const session = await createSession(plan, { log, display, findModule: find({ ...MODULES, ...more }), ...options });
  return { session, events: await readLog(log), shown, log };
}

/** What `createSession` threw. @throws Error when it threw nothing */
export async function refusal(plan: MountPlan, more?: Modules): Promise<AmplifierError> {
  const error: unknown = await mounted(plan, more).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AmplifierError)) throw new Error("it was mounted", { cause: error });
  return error;
}

/** Events as flat objects of type and payload. */
export const dataOf = (events: readonly Event[]): unknown => events.map(({ type, data }) => ({ type, ...data }));

function find(modules: Modules): FindModule {
  return ({ id }) => {
    if (id in modules) return Promise.resolve(modules[id]);
    return Promise.reject(
      new AmplifierError("module_not_found", `No ${id}.`, { data: { module: id, packages: [id] } }),
    );
  };
}
