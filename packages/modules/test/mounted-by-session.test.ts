/** All modules in a real session: mounted from a plan, asked through the real kernel, cleaned up when it closes. */
import {
  createSession,
  serializeToolResult,
  toToolResult,
  type ApprovalRequest,
  type MountPlan,
  type Orchestrator,
  type Provider,
} from "amplifier-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as contextSimple from "../src/context-simple/index.ts";
import * as hooksApproval from "../src/hooks-approval/index.ts";
import * as toolBash from "../src/tool-bash/index.ts";
import * as toolFilesystem from "../src/tool-filesystem/index.ts";
import { runs } from "./process-runs.ts";
import { temporaryWorkspace, type TemporaryWorkspace } from "./temporary-workspace.ts";

const modules: Readonly<Record<string, unknown>> = {
  "context-simple": contextSimple,
  "hooks-approval": hooksApproval,
  "tool-bash": toolBash,
  "tool-filesystem": toolFilesystem,
};

/** Runs the tool call that the prompt is, as JSON, and answers with what a model would read. */
const oneCall: Orchestrator = {
  execute: async ({ prompt, tools, hooks, coordinator }) => {
    const { name, input } = JSON.parse(prompt as string) as { name: string; input: Record<string, unknown> };
    if (coordinator === undefined) throw new Error("A session gives its coordinator.");
    const { signal } = coordinator.cancellation;
    const call = {
      tool_name: name,
      tool_call_id: "c1",
      parallel_group_id: "g1",
      tool_input: input,
      decision: "run",
    } as const;
    const decision = await coordinator.processDecision(await hooks.emit("tool:pre", call), "tool:pre", { signal });
    const outcome =
      decision.action === "deny"
        ? `Denied: ${decision.reason}`
        : serializeToolResult(
            toToolResult(await tools.get(name)?.execute(input, { signal, callId: "c1", progress: () => {} })),
          );
    await hooks.emit("execution:end", {
      response: outcome,
      status: "success",
      usage: { input_tokens: 0, output_tokens: 0, total_tokens: 0 },
      finish_reason: null,
    });
    return outcome;
  },
};

const unused: Provider = {
  name: "unused",
  getInfo: () => ({ id: "unused", displayName: "Unused", defaultModel: null }),
  listModels: () => Promise.reject(new Error("No model is asked here.")),
  stream: () => {
    throw new Error("No model is asked here.");
  },
};

let folder: TemporaryWorkspace;
beforeEach(async () => {
  folder = await temporaryWorkspace();
});
afterEach(() => folder.remove());

const plan = {
  session: { orchestrator: oneCall, context: "context-simple" },
  providers: [unused],
  tools: [{ module: "tool-filesystem" }, { module: "tool-bash" }],
  hooks: [{ module: "hooks-approval" }],
};

async function openSession(
  answers: readonly RegExp[] | null,
  hooks: MountPlan["hooks"] = plan.hooks,
): Promise<{
  readonly call: (name: string, input: unknown) => Promise<string>;
  readonly asked: string[];
  readonly shown: string[];
  readonly close: () => Promise<void>;
}> {
  const asked: string[] = [];
  const shown: string[] = [];
  const left = [...(answers ?? [])];
  const requestApproval = async ({ prompt, options }: ApprovalRequest): Promise<string> => {
    asked.push(prompt);
    const wanted = left.shift();
    const choice = options.find((option) => wanted?.test(option));
    if (choice === undefined) throw new Error(`The test did not expect the question: ${prompt}`);
    return choice;
  };
  const session = await createSession(
    { ...plan, hooks },
    {
      workspace: folder.workspace,
      display: { showMessage: (message) => void shown.push(message) },
      findModule: async ({ id }) => modules[id],
      ...(answers === null ? {} : { approvals: { requestApproval } }),
    },
  );
  return {
    call: (name, input) => session.execute(JSON.stringify({ name, input })),
    asked,
    shown,
    close: () => session.close(),
  };
}

describe("a session with these modules", () => {
  it("runs what the person allows, once or always, and nothing else", async () => {
    const { call, asked, close } = await openSession([/^Allow once$/, /^Deny$/, /^Allow always/]);
    expect(await call("write_file", { path: "a.txt", content: "x" })).toBe("Created a.txt (1 byte).");
    expect(await call("bash", { command: "rm a.txt" })).toBe("Denied: User denied: Run this command?\n  | rm a.txt");
    expect(await call("bash", { command: "echo hello" })).toBe("hello\n[exit code 0]");
    expect(await call("bash", { command: "echo hello" })).toBe("hello\n[exit code 0]");
    expect(await call("read_file", { path: "a.txt" })).toBe("     1\tx");
    expect(asked).toEqual([
      "Create a.txt (1 line, 1 byte)?\n  + x",
      "Run this command?\n  | rm a.txt",
      "Run this command?\n  | echo hello",
    ]);
    await close();
  });

  it("asks the question of another policy as well, and runs nothing unless both are allowed", async () => {
    const curfew = {
      name: "curfew",
      events: { "tool:pre": () => ({ action: "ask_user", approval_prompt: "So late?" }) },
    };
    const hooks = [curfew, { module: "hooks-approval" }] as MountPlan["hooks"];
    const { call, asked, close } = await openSession([/^Allow$/, /^Deny$/, /^Allow$/, /^Allow once$/], hooks);
    expect(await call("bash", { command: "echo 1" })).toBe("Denied: User denied: Run this command?\n  | echo 1");
    expect(await call("bash", { command: "echo 2" })).toBe("2\n[exit code 0]");
    const [one, two] = ["Run this command?\n  | echo 1", "Run this command?\n  | echo 2"];
    expect(asked).toEqual(["So late?", one, "So late?", two]);
    await close();
  });

  it("is told when it is made of rules for tools that it does not have", async () => {
    const { shown, close } = await openSession(null, [{ module: "hooks-approval", config: { deny: ["bsh"] } }]);
    expect(shown).toEqual([
      'No tool has the name that these rules are for: deny = ["bsh"]. ' +
        "The tools are read_file, write_file, edit_file, glob, grep, bash; mend the names if they are typos.",
    ]);
    await close();
  });

  it("refuses to write when nobody can be asked, and still reads", async () => {
    const { call, close } = await openSession(null);
    expect(await call("write_file", { path: "a.txt", content: "x" })).toBe(
      "Denied: write_file needs the permission of a person, and nobody can be asked in this session. It was not run. " +
        "Do not try it again: go on without it, and say in your answer what you would have done.",
    );
    expect(await call("glob", { pattern: "**" })).toBe('[No file matches "**".]');
    await close();
  });

  it("ends what commands left running when it closes", async () => {
    const { call, close } = await openSession([/^Allow once$/]);
    const output = await call("bash", { command: "sleep 60 >/dev/null & echo $!" });
    const pid = Number.parseInt(output, 10);
    expect(runs(pid)).toBe(true);
    await close();
    expect(runs(pid)).toBe(false);
  });
});
