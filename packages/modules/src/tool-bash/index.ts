/**
 * The module `tool-bash`: mounts `bash`, which runs a shell command in the workspace. The command is not confined to it:
 * asking before it runs is the part of a `tool:pre` hook such as `hooks-approval`. What it leaves running ends with the session.
 */
import {
  AmplifierError,
  defineTool,
  type Cleanup,
  type Clock,
  type InferSchema,
  type JsonSchema,
  type ModuleCoordinator,
  type Tool,
} from "amplifier-core";
import { basename } from "node:path";
import { workspaceFolder } from "../workspace-folder.ts";
import { commandEnvironment } from "./command-environment.ts";
import { describeOutcome } from "./describe-outcome.ts";
import { findShell } from "./find-shell.ts";
import type { ProcessGroup } from "./process-group.ts";
import { runCommand } from "./run-command.ts";

/** What this module is mounted as. */
export const moduleType = "tool";

/** Times are seconds. */
export const configSchema = {
  type: "object",
  properties: {
    workspace: {
      type: "string",
      minLength: 1,
      description: "The folder commands start in; relative to the session's workspace, which is the default",
    },
    timeout: {
      type: "number",
      exclusiveMinimum: 0,
      default: 100,
      description: "Seconds a command may run when the model names no limit; below the loop's own limit of a tool call",
    },
    max_timeout: {
      type: "number",
      exclusiveMinimum: 0,
      default: 600,
      description: "The longest limit the model may name",
    },
    max_output_bytes: {
      type: "integer",
      minimum: 1000,
      default: 32768,
      description: "How much of the output the model gets: half from its beginning, half from its end",
    },
    keep_env: {
      type: "array",
      items: { type: "string" },
      default: [],
      description: "Environment variables that commands see although their names end in _API_KEY",
    },
  },
  additionalProperties: false,
} as const satisfies JsonSchema;

type Config = InferSchema<typeof configSchema>;

/**
 * Mounts `bash`; the returned function ends what commands left running.
 * @throws AmplifierError `config_invalid`, and `module_load_failed` on Windows.
 */
export async function mount(coordinator: ModuleCoordinator, config: Config): Promise<Cleanup> {
  if (process.platform === "win32") throw noPosix();
  const limits = { timeout: config.timeout ?? 100, max_timeout: config.max_timeout ?? 600 };
  if (limits.timeout > limits.max_timeout) throw limitsCrossed(limits);
  const groups = new Set<ProcessGroup>();
  const setup: Setup = {
    ...limits,
    shell: await findShell(process.env["PATH"] ?? ""),
    directory: await workspaceFolder("tool-bash", coordinator, config.workspace),
    maxOutputBytes: config.max_output_bytes ?? 32768,
    keepEnv: config.keep_env ?? [],
    clock: coordinator.clock,
    groups,
  };
  coordinator.mount("tools", createBash(setup));
  return async () => {
    await Promise.all([...groups].map((group) => group.end()));
  };
}

interface Setup {
  readonly timeout: number;
  readonly max_timeout: number;
  readonly shell: string;
  readonly directory: string;
  readonly maxOutputBytes: number;
  readonly keepEnv: readonly string[];
  readonly clock: Clock;
  /** The groups of commands that may still have a process. */
  readonly groups: Set<ProcessGroup>;
}

function createBash(setup: Setup): Tool {
  return defineTool({
    name: "bash",
    description:
      `Runs a command with ${basename(setup.shell)} and gives its output (stdout and stderr in order) and exit code. ` +
      "Every call starts anew in the workspace: cd and variables do not last. There is no terminal and no input, so " +
      "interactive programs do not work. A long-running program can be left in the background with `&`, its output in a file; " +
      `it ends with the session. Output over ${setup.maxOutputBytes} bytes loses its middle.`,
    inputSchema: {
      type: "object",
      properties: {
        command: { type: "string", minLength: 1, description: "The command, in shell syntax; may have several lines" },
        timeout: {
          type: "number",
          exclusiveMinimum: 0,
          maximum: setup.max_timeout,
          description: `Seconds after which it is stopped. Default ${setup.timeout}`,
        },
      },
      required: ["command"],
      additionalProperties: false,
    },
    writes: true,
    exclusive: true,
    execute: async ({ command, timeout = setup.timeout }, context) => {
      for (const group of setup.groups) if (!group.alive) setup.groups.delete(group);
      const outcome = await runCommand({
        ...setup,
        command,
        environment: commandEnvironment(process.env, setup.keepEnv),
        timeoutMs: timeout * 1000,
        signal: context.signal,
        progress: (value) => context.progress(value),
        onStart: (group) => void setup.groups.add(group),
      });
      return describeOutcome(outcome, timeout);
    },
  });
}

function noPosix(): AmplifierError {
  const reason = "it needs POSIX process groups and a POSIX shell, which Windows does not have";
  const message = `tool-bash cannot run on Windows: ${reason}. Run inside WSL, or leave tool-bash out of the plan.`;
  return new AmplifierError("module_load_failed", message, { data: { module: "tool-bash", reason } });
}

function limitsCrossed(limits: { readonly timeout: number; readonly max_timeout: number }): AmplifierError {
  const message = `timeout (${limits.timeout}) is larger than max_timeout (${limits.max_timeout}): lower the one or raise the other.`;
  const problems = [{ path: "timeout", message }];
  return new AmplifierError("config_invalid", message, { data: { module: "tool-bash", problems } });
}
