/**
 * Owns how the answers of several handlers become one decision: deny > ask_user > inject_context > modify > continue.
 * Modified data, injections and messages of all handlers survive whichever action wins.
 */
import type { EventMap, EventType } from "../events/event-map.ts";
import { isInterceptable } from "../events/event.ts";
import { frozenCopy } from "../events/frozen-copy.ts";
import type {
  ApprovalQuestion,
  ContextInjection,
  Decision,
  HookFields,
  HookResult,
  InjectionResult,
  UserMessage,
} from "../ports/hook-registry.ts";
import { isHookResult, noHookResult, withFixed } from "./check-hook-result.ts";

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
  #isOutdated = false;
  #isFinal = false;
  readonly #questions: ApprovalQuestion[] = [];
  #denial: { readonly reason: string; readonly hook: string; readonly withdrawn: boolean } | undefined;
  #shown: object | undefined;

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

  /** What the next handler sees: a frozen copy, the same for all until one of them modifies it. */
  get shown(): object {
    this.#shown ??= shownOf(this.#payload, this.#fields);
    return this.#shown;
  }

  get denied(): boolean {
    return this.#denial !== undefined;
  }

  /** `withdrawn`: nobody said no, the handler was not waited for because the turn stopped. */
  deny(reason: string, { hook, withdrawn }: { readonly hook: string; readonly withdrawn: boolean }): void {
    if (isInterceptable(this.#type)) this.#denial = { reason, hook, withdrawn };
  }

  add(result: HookResult | undefined, hook: string): void {
    if (result === undefined) return;
    if (!isHookResult(result, this.#type)) {
      this.#report(noHookResult(hook, this.#type), hook);
      this.deny(`Hook "${hook}" returned an invalid response`, { hook, withdrawn: false });
      return;
    }
    const action = result.action ?? "continue";
    if (result.user_message) this.#addMessage(result, result.user_message, hook);
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
    if (this.#denial) {
      const { reason, hook, withdrawn } = this.#denial;
      return { ...rest, action: "deny", reason, hook_name: hook, ...(withdrawn ? { withdrawn } : {}) };
    }
    const [first] = this.#questions;
    if (first) return { ...rest, action: "ask_user", questions: this.#questions, hook_name: first.hook_name };
    return { ...rest, action: this.#injections.length > 0 ? "inject_context" : "continue" };
  }

  #act(result: HookResult, hook: string): void {
    switch (result.action) {
      case "deny":
        return this.deny(result.reason ?? "No reason given", { hook, withdrawn: false });
      case "modify":
        return this.#modify(result, hook);
      case "inject_context":
        return this.#inject(result, hook);
      case "ask_user":
        this.#questions.push(questionOf(result, hook));
        return;
      case "continue":
      case undefined:
    }
  }

  #modify(result: HookResult, hook: string): void {
    const data = withFixed(this.#type, withoutFields(result.data ?? {}, this.#fields, this.#payload), this.#payload);
    if (typeof data === "string") return this.#refuse(`changed "${data}" of "${this.#type}", which no hook may`, hook);
    if (this.#isFinal)
      return this.#refuse(`modified "${this.#type}" after a person was to be asked about it, and again`, hook);
    this.#payload = frozenCopy(data) as EventMap[K];
    this.#shown = undefined;
    this.#modified = true;
    this.#isOutdated = this.#questions.length > 0;
  }

  #refuse(deed: string, hook: string): void {
    const reason = `Hook "${hook}" ${deed}`;
    this.#report(`${reason}.`, hook);
    this.deny(reason, { hook, withdrawn: false });
  }

  /** A handler modified what others want a person to be asked about: they have to see it before anybody is asked. */
  get isOutdated(): boolean {
    return this.#isOutdated && this.#denial === undefined;
  }

  /** Forgets the questions; the payload is not to change any more. */
  askAgain(): void {
    this.#questions.length = 0;
    this.#isOutdated = false;
    this.#isFinal = true;
  }

  /** How many questions there are. */
  get asked(): number {
    return this.#questions.length;
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

/** A frozen copy of a payload with the fields every handler sees beside it. */
export function shownOf(payload: object, fields: HookFields): object {
  const shown: Record<string, unknown> = { ...fields, ...payload, timestamp: fields.timestamp };
  // Payloads are flat for the most part; only what is not needs a copy of its own.
  for (const key in shown) {
    if (typeof shown[key] === "object") shown[key] = frozenCopy(shown[key]);
  }
  return Object.freeze(shown);
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
