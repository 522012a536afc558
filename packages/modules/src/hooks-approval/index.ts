/**
 * The module `hooks-approval`: a `tool:pre` policy that has the person asked before a tool writes, runs commands or
 * reaches out. It only asks; who is asked and how is the session's `ApprovalSystem`. If it fails, the call is denied.
 */
import {
  AmplifierError,
  type Cleanup,
  type EventMap,
  type HookResult,
  type InferSchema,
  type JsonSchema,
  type ModuleCoordinator,
} from "amplifier-core";
import { describeCall, scopeOf } from "./describe-call.ts";
import { fileState } from "./file-state.ts";
import { idleRules } from "./idle-rules.ts";
import { RememberedAnswers } from "./remembered-answers.ts";

/** What this module is mounted as. */
export const moduleType = "hook";

/** Without it everything would be allowed. */
export const required = true;

const NAME = "hooks-approval";
const ALLOW_ALWAYS = "Allow always";
// Behind all others: another hook may still replace the input, and the person is to see what will really run.
const PRIORITY = 1000;

const toolNames = (description: string) =>
  ({ type: "array", items: { type: "string" }, default: [], description }) as const;

/** `timeout` is seconds. A tool may stand in one list only. */
export const configSchema = {
  type: "object",
  properties: {
    timeout: {
      type: "number",
      exclusiveMinimum: 0,
      default: 300,
      description: "Seconds the person has to answer; after that the call is denied",
    },
    ask: toolNames("Tools to ask about although they do not declare that they write, such as those of other servers"),
    allow: toolNames("Tools that run without a question"),
    deny: toolNames("Tools that never run"),
  },
  additionalProperties: false,
} as const satisfies JsonSchema;

type Config = InferSchema<typeof configSchema>;
type Call = EventMap["tool:pre"];

/** What each session's rules are, for the moment when all its tools are mounted. */
const configs = new WeakMap<ModuleCoordinator, Config>();

/**
 * Registers the policy; the returned function takes it away.
 * @throws AmplifierError `config_invalid` when a tool stands in two lists.
 */
export function mount(coordinator: ModuleCoordinator, config: Config): Cleanup {
  checkLists(config);
  configs.set(coordinator, config);
  const answers = new RememberedAnswers();
  const { hooks } = coordinator;
  const unregister = [
    hooks.register("tool:pre", (_, call) => decide(call, { coordinator, config, answers }), {
      name: NAME,
      priority: PRIORITY,
      onError: "deny",
    }),
    hooks.register(
      "approval:granted",
      (_, { hook_name, prompt, choice }) => {
        if (hook_name === NAME) answers.answer(prompt, { always: choice.startsWith(ALLOW_ALWAYS) });
      },
      { name: NAME },
    ),
    hooks.register(
      "approval:denied",
      (_, { hook_name, prompt }) => {
        if (hook_name === NAME) answers.answer(prompt, { always: false });
      },
      { name: NAME },
    ),
  ];
  return () => {
    for (const takeAway of unregister) takeAway();
  };
}

/** Warns once of rules for tools that are not mounted: a typo in `deny` would allow what it was meant to forbid. */
export function onSessionReady(coordinator: ModuleCoordinator): void {
  const warning = idleRules(configs.get(coordinator) ?? {}, [...coordinator.get("tools").keys()]);
  if (warning !== null) coordinator.displaySystem.showMessage(warning, "warning", NAME);
}

interface Policy {
  readonly coordinator: ModuleCoordinator;
  readonly config: Config;
  readonly answers: RememberedAnswers;
}

function decide(call: Call, policy: Policy): HookResult {
  const { tool_name: tool, tool_input: input } = call;
  const { ask = [], allow = [], deny = [] } = policy.config;
  if (deny.includes(tool)) {
    return { action: "deny", reason: `${tool} is not allowed in this session. Go on without it.` };
  }
  const scope = scopeOf(tool, input);
  if (allow.includes(tool) || (scope !== null && policy.answers.allows(scope))) return { action: "continue" };
  const writes = policy.coordinator.get("tools").get(tool)?.writes === true;
  if (!writes && !ask.includes(tool)) return { action: "continue" };
  if (policy.coordinator.approvalSystem === null) return { action: "deny", reason: nobodyToAsk(tool) };
  return question(call, policy);
}

function question({ tool_name: tool, tool_input: input }: Call, { coordinator, config, answers }: Policy): HookResult {
  const file = tool === "write_file" ? fileState(coordinator.workspace, input["path"]) : undefined;
  const { prompt, always } = describeCall(tool, input, file);
  if (always !== undefined) answers.ask(prompt, always.scope);
  return {
    action: "ask_user",
    approval_prompt: prompt,
    approval_options: [
      "Allow once",
      ...(always === undefined ? [] : [`${ALLOW_ALWAYS} (${always.label}, this session)`]),
      "Deny",
    ],
    approval_timeout: config.timeout ?? 300,
    approval_default: "deny",
  };
}

function nobodyToAsk(tool: string): string {
  return (
    `${tool} needs the permission of a person, and nobody can be asked in this session. It was not run. ` +
    "Do not try it again: go on without it, and say in your answer what you would have done."
  );
}

function checkLists({ ask = [], allow = [], deny = [] }: Config): void {
  const twice = [...new Set(ask), ...new Set(allow), ...new Set(deny)].find(
    (tool, index, all) => all.indexOf(tool) !== index,
  );
  if (twice === undefined) return;
  const message = `The tool "${twice}" stands in more than one of ask, allow and deny: leave it in one.`;
  throw new AmplifierError("config_invalid", message, { data: { module: NAME, problems: [{ path: "ask", message }] } });
}
