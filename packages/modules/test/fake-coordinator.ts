/**
 * A coordinator for tests of one module: holds what the test gives it, records what the module mounts and registers, and
 * fails on everything else. Hook handlers are called by the test, as the kernel would call them.
 */
import type {
  EventMap,
  EventType,
  HookFields,
  HookHandler,
  HookOptions,
  HookRegistry,
  HookResult,
  ModuleCoordinator,
  MountPoint,
  MountPoints,
  Tool,
} from "amplifier-core";

interface Registered {
  readonly event: EventType;
  readonly handler: HookHandler<EventType>;
  readonly options: HookOptions;
}

/** The fake, and what the module did with it. */
export interface FakeCoordinator {
  readonly coordinator: ModuleCoordinator;
  readonly tools: Map<string, Tool>;
  readonly mounted: { readonly point: MountPoint; readonly module: MountPoints[MountPoint] }[];
  readonly registered: Registered[];
  /** Calls the handlers of an event in order; gives what each returned. */
  raise<K extends EventType>(event: K, data: EventMap[K]): Promise<(HookResult | undefined | void)[]>;
  /** A mounted tool. @throws when the module did not mount it */
  tool(name: string): Tool;
}

/** Makes a fake that has only the given members beside mounting and registering. */
export function fakeCoordinator(members: Partial<ModuleCoordinator>): FakeCoordinator {
  const tools = new Map<string, Tool>();
  const mounted: FakeCoordinator["mounted"] = [];
  const registered: Registered[] = [];
  const known: Partial<ModuleCoordinator> = {
    hooks: strict<HookRegistry>("hooks", {
      register: (event, handler, options) => register({ event, handler, options }),
    }),
    mount: (point, module) => {
      mounted.push({ point, module });
      if (point === "tools") tools.set((module as Tool).name, module as Tool);
    },
    get: (point: MountPoint) => (point === "tools" ? tools : unexpected(`get("${point}")`)) as never,
    ...members,
  };

  function register(entry: { event: EventType; handler: unknown; options?: HookOptions | undefined }): () => void {
    const added = {
      event: entry.event,
      handler: entry.handler as HookHandler<EventType>,
      options: entry.options ?? {},
    };
    registered.push(added);
    return () => void registered.splice(registered.indexOf(added), 1);
  }

  return {
    coordinator: strict("coordinator", known),
    tools,
    mounted,
    registered,
    raise: async (event, data) => {
      const fields: HookFields = { timestamp: "2026-01-01T00:00:00.000Z" };
      const context = { signal: new AbortController().signal };
      const answers: (HookResult | undefined | void)[] = [];
      for (const { handler } of registered.filter((entry) => entry.event === event)) {
        answers.push(await handler(event, { ...data, ...fields }, context));
      }
      return answers;
    },
    tool: (name) => tools.get(name) ?? unexpected(`tool "${name}", mounted are ${[...tools.keys()].join(", ")}`),
  };
}

/** An object that has the given members and fails when any other is read. */
function strict<T extends object>(name: string, members: Partial<T>): T {
  return new Proxy(members as T, {
    get: (target, key) => (key in target ? Reflect.get(target, key) : unexpected(`${name}.${String(key)}`)),
  });
}

function unexpected(what: string): never {
  throw new Error(`The test did not expect a use of ${what}.`);
}
