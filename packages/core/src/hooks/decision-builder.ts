/**
 * Owns how the answers of several handlers become one decision: deny > ask_user > inject_context > modify > continue.
 * Modified data, injections and messages of all handlers survive whichever action wins.
 */
import type { EventMap, EventType } from "../events/event-map.ts";
import { isInterceptable } from "../events/event.ts";
import type {
  ApprovalQuestion,
  ContextInjection,
  Decision,
  HookFields,
  HookResult,
  InjectionResult,
  UserMessage,
} from "../ports/hook-registry.ts";

const ACTIONS: ReadonlySet<unknown> = new Set(["continue", "deny", "modify", "inject_context", "ask_user"]);

/** Nothing to inject. */
const NONE: readonly never[] = [];

/** The decision when no handler had anything to say. */
export function continueWith<K extends EventType>(data: EventMap[K]): Decision<K> {
  return { action: "continue", data, modified: false, injections: NONE, messages: NONE };
}

/** Gathers handlers' answers in the order they came. */
export class DecisionBuilder<K extends EventType> {
  readonly #type: K;
  readonly #fields: HookFields;
  readonly #report: (message: string, hook: string) => void;
  readonly #injections: ContextInjection[] = [];
  readonly #messages: UserMessage[] = [];
  #payload: EventMap[K];
  #modified = false;
  #question: ApprovalQuestion | undefined;
  #denial: { readonly reason: string; readonly hook: string } | undefined;

  constructor(
    type: K,
    data: EventMap[K],
    options: { readonly fields: HookFields; readonly report: (message: string, hook: string) => void },
  ) {
    this.#type = type;
    this.#payload = data;
    this.#fields = options.fields;
    this.#report = options.report;
  }

  /** The payload the next handler sees. */
  get payload(): EventMap[K] {
    return this.#payload;
  }

  get denied(): boolean {
    return this.#denial !== undefined;
  }

  deny(reason: string, hook: string): void {
    if (isInterceptable(this.#type)) this.#denial = { reason, hook };
  }

  add(result: HookResult | undefined, hook: string): void {
    if (result === undefined) return;
    const action = typeof result === "object" ? (result.action ?? "continue") : undefined;
    if (!ACTIONS.has(action)) {
      this.#report(`Hook "${hook}" answered "${this.#type}" with something that is no hook result.`, hook);
      this.deny(`Hook "${hook}" returned an invalid response`, hook);
      return;
    }
    if (result.user_message !== undefined) this.#addMessage(result, result.user_message, hook);
    if (action === "continue" || isInterceptable(this.#type)) this.#act(result, hook);
    else this.#report(`Hook "${hook}" answered "${this.#type}" with "${action}", which has no effect there.`, hook);
  }

  build(): Decision<K> {
    const rest = {
      data: this.#payload,
      modified: this.#modified,
      injections: this.#injections,
      messages: this.#messages,
    };
    if (this.#denial) return { ...rest, action: "deny", reason: this.#denial.reason, hook_name: this.#denial.hook };
    if (this.#question) {
      return { ...rest, action: "ask_user", question: this.#question, hook_name: this.#question.hook_name };
    }
    return { ...rest, action: this.#injections.length > 0 ? "inject_context" : "continue" };
  }

  #act(result: HookResult, hook: string): void {
    switch (result.action) {
      case "deny":
        return this.deny(result.reason ?? "No reason given", hook);
      case "modify":
        return this.#modify(result, hook);
      case "inject_context":
        return this.#inject(result, hook);
      case "ask_user":
        this.#question ??= questionOf(result, hook);
        return;
      case "continue":
      case undefined:
    }
  }

  #modify(result: HookResult, hook: string): void {
    if (typeof result.data !== "object" || result.data === null) {
      this.#report(`Hook "${hook}" answered "${this.#type}" with "modify" and no data; nothing was modified.`, hook);
      return;
    }
    this.#payload = withoutFields(result.data, this.#fields, this.#payload) as EventMap[K];
    this.#modified = true;
  }

  #inject(result: HookResult, hook: string): void {
    for (const { content, role, ephemeral, append_to_last_tool_result } of injectionsOf(result)) {
      this.#injections.push({
        content,
        role: role ?? "system",
        ephemeral: ephemeral ?? false,
        append_to_last_tool_result: append_to_last_tool_result ?? false,
        hook_name: hook,
        event: this.#type,
      });
    }
  }

  #addMessage(result: HookResult, message: string, hook: string): void {
    this.#messages.push({
      message,
      level: result.user_message_level ?? "info",
      source: `hook:${result.user_message_source ?? hook}`,
    });
  }
}

/** The texts of a result that say something; the list, where there is one, else the single fields. */
function injectionsOf(result: HookResult): readonly InjectionResult[] {
  const { context_injection, context_injection_role, ephemeral, append_to_last_tool_result } = result;
  const single = {
    content: context_injection ?? "",
    ...(context_injection_role === undefined ? {} : { role: context_injection_role }),
    ...(ephemeral === undefined ? {} : { ephemeral }),
    ...(append_to_last_tool_result === undefined ? {} : { append_to_last_tool_result }),
  };
  return (result.context_injections ?? [single]).filter(({ content }) => content !== "");
}

function questionOf(result: HookResult, hook: string): ApprovalQuestion {
  return {
    hook_name: hook,
    prompt: result.approval_prompt ?? "Allow this operation?",
    options: result.approval_options ?? ["Allow", "Deny"],
    timeout: result.approval_timeout ?? 300,
    default: result.approval_default ?? "deny",
  };
}

// A handler that spreads what it saw hands the default fields back; they are never stored.
function withoutFields(data: object, fields: HookFields, original: object): object {
  const kept = Object.entries(data).filter(([key]) => !(key in fields) || key in original);
  return Object.fromEntries(kept);
}
