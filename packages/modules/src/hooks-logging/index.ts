/**
 * The module `hooks-logging`: appends each event of a session to a file, as one line of JSON with secrets redacted. For
 * people and their tools; it is not the session's event log, and nothing is resumed from it. A line says what hooks were
 * told, behind all that may change it: what a hook denied before shows in the events that follow.
 */
import {
  type Cleanup,
  type EventType,
  type HookFields,
  type InferSchema,
  type JsonSchema,
  type ModuleCoordinator,
  redactSecrets,
} from "amplifier-core";
import { homedir } from "node:os";
import { eventFilter } from "./event-filter.ts";
import { EVENT_TYPES } from "./event-types.ts";
import { LogFile } from "./log-file.ts";
import { DEFAULT_PATH, logPath } from "./log-path.ts";

/** What this module is mounted as. */
export const moduleType = "hook";

const NAME = "hooks-logging";
// Behind the policies too: a line is to say what really goes on.
const PRIORITY = 100_000;

const patterns = { type: "array", items: { type: "string" } } as const;

/** Patterns know `*` and `?`. */
export const configSchema = {
  type: "object",
  properties: {
    path: {
      type: "string",
      minLength: 1,
      default: DEFAULT_PATH,
      description:
        "The file, in which {session_id} stands for the session's id. A relative one starts at the workspace",
    },
    events: { ...patterns, default: ["*"], description: "Events to log" },
    exclude_events: {
      ...patterns,
      default: ["llm:stream_block_*", "content_block:delta"],
      description: "Events not to log all the same; a secret that comes in fragments is not recognised in them",
    },
    max_value_bytes: {
      type: "integer",
      minimum: 100,
      default: 16_384,
      description: "Bytes of a single text in an event; the rest is cut",
    },
  },
  additionalProperties: false,
} as const satisfies JsonSchema;

/** Whoever waits for the names of the other modules' events. */
const unready = new WeakMap<ModuleCoordinator, ((events: readonly unknown[]) => void)[]>();

/**
 * Begins to log; the returned function ends it when everything is written. Nothing is written before the first event.
 * @throws AmplifierError `config_invalid` for a path that starts nowhere
 */
export function mount(coordinator: ModuleCoordinator, config: InferSchema<typeof configSchema> = {}): Cleanup {
  const { sessionId, workspace, displaySystem, hooks } = coordinator;
  const { default: excluded } = configSchema.properties.exclude_events;
  const isLogged = eventFilter(config.events ?? ["*"], config.exclude_events ?? excluded);
  const maxBytes = config.max_value_bytes ?? configSchema.properties.max_value_bytes.default;
  const unregister = new Map<string, () => void>();
  const stop = (): void => {
    for (const takeAway of unregister.values()) takeAway();
    unregister.clear();
  };
  const path = logPath(config.path ?? DEFAULT_PATH, { sessionId, workspace, home: homedir() });
  const file = new LogFile(path, (error) => {
    stop();
    displaySystem.showMessage(`Nothing more is logged to ${path}: ${error.message}`, "warning", NAME);
  });

  const handle = (event: EventType, data: HookFields): Promise<void> | undefined => {
    if (isLogged(event)) file.write(lineOf(event, data, { sessionId, maxBytes }));
    return event === "prompt:complete" ? file.flush() : undefined;
  };
  const listen = (events: readonly unknown[]): void => {
    for (const event of events) {
      if (typeof event !== "string" || unregister.has(event)) continue;
      // Not to listen costs less than to ignore, above all for events of single tokens.
      if (!isLogged(event) && event !== "prompt:complete") continue;
      unregister.set(event, hooks.register(event as EventType, handle, { name: NAME, priority: PRIORITY }));
    }
  };

  listen(EVENT_TYPES);
  unready.set(coordinator, [...(unready.get(coordinator) ?? []), listen]);
  return async () => {
    stop();
    await file.close();
  };
}

/** Logs the events of other modules too: those they name on the channel `observability.events`. */
export async function onSessionReady(coordinator: ModuleCoordinator): Promise<void> {
  const waiting = unready.get(coordinator) ?? [];
  unready.delete(coordinator);
  const named = await coordinator.collectContributions("observability.events");
  for (const listen of waiting) listen(named.flat());
}

function lineOf(
  type: EventType,
  { timestamp, session_id, parent_id, ...data }: HookFields,
  { sessionId, maxBytes }: { readonly sessionId: string; readonly maxBytes: number },
): string {
  return JSON.stringify({
    ts: timestamp,
    session_id: session_id ?? sessionId,
    ...(typeof parent_id === "string" ? { parent_id } : {}),
    type,
    data: redactSecrets(data, { maxBytes }),
  });
}
