/**
 * Owns the port through which every event is raised and handled. `emit` is the only way to raise one: handlers run, then
 * the event is published (seq, log, outbox). Also the shapes of what a handler returns and what an emit decides.
 */
import type { EventMap, EventType } from "../events/event-map.ts";
import type { MessageLevel } from "./approval-system.ts";

/** Where injected text goes in the conversation. */
export type InjectionRole = "system" | "user" | "assistant";

/** Text a hook puts into the conversation. Ephemeral text goes into one request and is not stored. */
export interface ContextInjection {
  readonly content: string;
  readonly role: InjectionRole;
  readonly ephemeral: boolean;
  readonly append_to_last_tool_result: boolean;
  readonly hook_name: string;
  /** The event whose handler gave it. */
  readonly event: string;
}

/** One of several injections of a handler; the defaults are those of the single fields. */
export interface InjectionResult {
  readonly content: string;
  /** Default `system`. */
  readonly role?: InjectionRole;
  readonly ephemeral?: boolean;
  readonly append_to_last_tool_result?: boolean;
}

/** What a handler may return; every field has upstream's default, and nothing at all means `continue`. */
export interface HookResult {
  readonly action?: "continue" | "deny" | "modify" | "inject_context" | "ask_user";
  /** With `modify`: the whole new payload. */
  readonly data?: Readonly<Record<string, unknown>>;
  readonly reason?: string;
  readonly context_injection?: string;
  /** Default `system`. */
  readonly context_injection_role?: InjectionRole;
  readonly ephemeral?: boolean;
  readonly append_to_last_tool_result?: boolean;
  /** Several texts at once, each with its own role and life; the single fields are ignored then. */
  readonly context_injections?: readonly InjectionResult[];
  readonly approval_prompt?: string;
  /** Default `["Allow", "Deny"]`. */
  readonly approval_options?: readonly string[];
  /** Seconds; default 300. */
  readonly approval_timeout?: number;
  /** Default `deny`. */
  readonly approval_default?: "allow" | "deny";
  readonly suppress_output?: boolean;
  readonly user_message?: string;
  readonly user_message_level?: MessageLevel;
  readonly user_message_source?: string;
}

/** A question a hook wants answered before things go on. `timeout` is seconds. */
export interface ApprovalQuestion {
  readonly hook_name: string;
  readonly prompt: string;
  readonly options: readonly string[];
  readonly timeout: number;
  readonly default: "allow" | "deny";
}

/** A message of a hook to the person. */
export interface UserMessage {
  readonly message: string;
  readonly level: MessageLevel;
  readonly source: string;
}

/**
 * What the handlers of one event came to. Precedence: deny, ask_user, inject_context, continue. `data` is the payload as
 * modified, whatever the action is; injections and messages survive a question and a denial.
 */
export interface Decision<K extends EventType = EventType> {
  readonly action: "continue" | "deny" | "ask_user" | "inject_context";
  readonly data: EventMap[K];
  /** A handler replaced the payload. */
  readonly modified: boolean;
  readonly reason?: string;
  /** Who denied, or asked first. */
  readonly hook_name?: string;
  /** With `ask_user`: what each asking handler wants to know, in the order they ran. All have to be answered with a yes. */
  readonly questions?: readonly ApprovalQuestion[];
  /** A denial nobody gave: the question was withdrawn because the turn stopped. */
  readonly withdrawn?: true;
  readonly injections: readonly ContextInjection[];
  readonly messages: readonly UserMessage[];
}

/** What handlers see beside the payload. Never stored. */
export interface HookFields {
  readonly session_id?: string;
  readonly parent_id?: string | null;
  readonly timestamp: string;
}

/** Handles an event. `data` is a frozen copy. `signal` is aborted when nobody waits for the answer any more. */
export type HookHandler<K extends EventType> = (
  event: K,
  data: EventMap[K] & HookFields,
  context: { readonly signal: AbortSignal },
) => HookResult | undefined | void | Promise<HookResult | undefined | void>;

/** How a handler is registered. */
export interface HookOptions {
  /** Smaller runs first, ties in order of registration; default 0. */
  readonly priority?: number;
  readonly name?: string;
  /** What a throw means: `skip` (default) reports it and goes on, `deny` denies. Policy hooks use `deny`. */
  readonly onError?: "skip" | "deny";
}

/** How one event is raised. */
export interface EmitOptions<K extends EventType> {
  /** Runs between the handlers and the publishing; what it returns is stored. */
  readonly settle?: (decision: Decision<K>) => EventMap[K] | Promise<EventMap[K]>;
  /** False: no handler is asked, the event is only published. */
  readonly handlers?: boolean;
  /** Once aborted, handlers that have not answered are skipped and named. */
  readonly signal?: AbortSignal;
  /** Whose turn this is, where it is not the running one's. */
  readonly turnId?: string;
}

/** Handlers by event, and the way to raise one. */
export interface HookRegistry {
  /** Returns the function that takes exactly this handler away again. */
  register<K extends EventType>(event: K, handler: HookHandler<K>, options?: HookOptions): () => void;
  /** The same as `register`. */
  on<K extends EventType>(event: K, handler: HookHandler<K>, options?: HookOptions): () => void;
  /** Whether anybody handles this event. */
  has(event: EventType): boolean;
  /** Names of the handlers of an event in the order they run, or of every event that has some. */
  list(event?: EventType): Readonly<Record<string, readonly string[]>>;
  /**
   * Asks the handlers of an event for data and publishes nothing: the `data` of each answer that has some, in order. A
   * handler that fails or takes longer than `timeoutMs` (default 1000, each) is reported and left out.
   */
  emitAndCollect<K extends EventType>(
    type: K,
    data: EventMap[K],
    options?: { readonly timeoutMs?: number },
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /**
   * Raises an event. With no handler the event is published before this returns, and the decision is returned, not
   * promised. Never rejects because of a handler.
   */
  emit<K extends EventType>(type: K, data: EventMap[K], options?: EmitOptions<K>): Decision<K> | Promise<Decision<K>>;
}
