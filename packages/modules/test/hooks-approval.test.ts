/** `hooks-approval`: when it asks, what it asks, what it remembers. */
import { describe, expect, it } from "vitest";
import type { ApprovalEventData, ApprovalSystem, DisplaySystem, HookResult, Tool } from "amplifier-core";
import { mount, moduleType, onSessionReady } from "../src/hooks-approval/index.ts";
import { fakeCoordinator, type FakeCoordinator } from "./fake-coordinator.ts";

const someone: ApprovalSystem = { requestApproval: () => Promise.reject(new Error("The hook itself asks nobody.")) };

const tool = (name: string, writes?: boolean): Tool => ({
  name,
  description: name,
  inputSchema: { type: "object" },
  ...(writes === undefined ? {} : { writes }),
  execute: () => Promise.reject(new Error("The hook runs no tool.")),
});

/** The hook, mounted beside a writing and a reading tool. */
class Session {
  readonly fake: FakeCoordinator;
  readonly shown: string[] = [];
  readonly unmount: ReturnType<typeof mount>;

  constructor(config: Parameters<typeof mount>[1] = {}, approvalSystem: ApprovalSystem | null = someone) {
    const displaySystem: DisplaySystem = {
      showMessage: (message, level, source) => void this.shown.push(`${level} ${source}: ${message}`),
    };
    this.fake = fakeCoordinator({ approvalSystem, workspace: null, displaySystem });
    for (const one of [tool("bash", true), tool("write_file", true), tool("read_file"), tool("remote")]) {
      this.fake.tools.set(one.name, one);
    }
    this.unmount = mount(this.fake.coordinator, config);
  }

  async call(name: string, input: Readonly<Record<string, unknown>>): Promise<HookResult | undefined | void> {
    const call = {
      tool_name: name,
      tool_call_id: "c1",
      parallel_group_id: "g1",
      tool_input: input,
      decision: "run",
    } as const;
    const [result] = await this.fake.raise("tool:pre", call);
    return result;
  }

  /** Calls, and answers the question as the kernel does. */
  async callAndChoose(name: string, input: Readonly<Record<string, unknown>>, choose: RegExp): Promise<void> {
    const asked = await this.call(name, input);
    await this.answer(asked, choose);
  }

  async answer(asked: HookResult | undefined | void, choose: RegExp, hookName = "hooks-approval"): Promise<void> {
    const choice = asked?.approval_options?.find((option) => choose.test(option));
    if (!asked?.approval_prompt || choice === undefined)
      throw new Error(`There is no such question: ${JSON.stringify(asked)}`);
    const data: ApprovalEventData = {
      prompt: asked.approval_prompt,
      options: asked.approval_options ?? [],
      timeout: asked.approval_timeout ?? 300,
      default: asked.approval_default ?? "deny",
      hook_name: hookName,
      event: "tool:pre",
    };
    if (choice === "Deny") await this.fake.raise("approval:denied", { ...data, choice, reason: "User denied" });
    else await this.fake.raise("approval:granted", { ...data, choice });
  }
}

const GO_ON = { action: "continue" };

describe("hooks-approval", () => {
  it("asks before a tool that writes, and says what would happen", async () => {
    expect(await new Session().call("bash", { command: "npm test" })).toEqual({
      action: "ask_user",
      approval_prompt: "Run this command?\n  | npm test",
      approval_options: ["Allow once", "Allow always (exactly this command, this session)", "Deny"],
      approval_timeout: 300,
      approval_default: "deny",
    });
  });

  it("takes its time limit from the configuration", async () => {
    const asked = await new Session({ timeout: 5 }).call("write_file", { path: "a", content: "" });
    expect(asked?.approval_timeout).toBe(5);
  });

  it("does not ask about tools that only read, nor about those on the allow list", async () => {
    expect(await new Session().call("read_file", { path: "a" })).toEqual(GO_ON);
    expect(await new Session({ allow: ["bash"] }).call("bash", { command: "ls" })).toEqual(GO_ON);
  });

  it("asks about tools on the ask list, and refuses those on the deny list", async () => {
    const session = new Session({ ask: ["remote"], deny: ["bash"] });
    expect((await session.call("remote", { x: 1 }))?.approval_prompt).toBe('Run remote?\n  | {\n  |   "x": 1\n  | }');
    expect(await session.call("bash", { command: "ls" })).toEqual({
      action: "deny",
      reason: "bash is not allowed in this session. Go on without it.",
    });
  });

  it("sees a tool that was mounted after it", async () => {
    const session = new Session();
    session.fake.tools.set("late", tool("late", true));
    expect((await session.call("late", {}))?.action).toBe("ask_user");
  });

  it("refuses at once, in words for the model, when nobody can be asked", async () => {
    const session = new Session({}, null);
    expect(await session.call("bash", { command: "ls" })).toEqual({
      action: "deny",
      reason:
        "bash needs the permission of a person, and nobody can be asked in this session. It was not run. " +
        "Do not try it again: go on without it, and say in your answer what you would have done.",
    });
    expect(await session.call("read_file", { path: "a" })).toEqual(GO_ON);
  });
});

describe("what hooks-approval remembers", () => {
  it("is nothing after allow once and deny", async () => {
    const session = new Session();
    await session.callAndChoose("bash", { command: "ls" }, /^Allow once$/);
    await session.callAndChoose("bash", { command: "ls" }, /^Deny$/);
    expect((await session.call("bash", { command: "ls" }))?.action).toBe("ask_user");
  });

  it("is exactly the command after allow always", async () => {
    const session = new Session();
    await session.callAndChoose("bash", { command: "ls" }, /^Allow always/);
    expect(await session.call("bash", { command: "ls" })).toEqual(GO_ON);
    expect((await session.call("bash", { command: "ls -a" }))?.action).toBe("ask_user");
    expect((await session.call("bash", { command: "ls " }))?.action).toBe("ask_user");
  });

  it("is the tool for any other tool", async () => {
    const session = new Session({ ask: ["remote"] });
    await session.callAndChoose(
      "write_file",
      { path: "a", content: "" },
      /^Allow always \(write_file, this session\)$/,
    );
    await session.callAndChoose("remote", { x: 1 }, /^Allow always/);
    expect(await session.call("write_file", { path: "b", content: "x" })).toEqual(GO_ON);
    expect(await session.call("remote", { x: 2 })).toEqual(GO_ON);
    expect((await session.call("bash", { command: "ls" }))?.action).toBe("ask_user");
  });

  it("never covers a hidden file, which is asked about each time", async () => {
    const session = new Session();
    await session.callAndChoose("write_file", { path: "a", content: "" }, /^Allow always/);
    const hidden = { path: ".git/hooks/pre-commit", content: "x" };
    for (const _ of [1, 2]) {
      const asked = await session.call("write_file", hidden);
      expect(asked?.approval_options).toEqual(["Allow once", "Deny"]);
      await session.answer(asked, /^Allow once$/);
    }
  });

  it("never beats the deny list", async () => {
    const session = new Session({ deny: ["remote"] });
    expect((await session.call("remote", {}))?.action).toBe("deny");
  });

  it("ends with the session", async () => {
    const session = new Session();
    await session.callAndChoose("bash", { command: "ls" }, /^Allow always/);
    expect((await new Session().call("bash", { command: "ls" }))?.action).toBe("ask_user");
  });

  it("comes only from answers to its own questions", async () => {
    const session = new Session();
    const asked = await session.call("bash", { command: "ls" });
    await session.answer(asked, /^Allow always/, "another-hook");
    expect((await session.call("bash", { command: "ls" }))?.action).toBe("ask_user");
  });

  it("is matched to the right question when several wait", async () => {
    const session = new Session();
    const first = await session.call("bash", { command: "one" });
    const second = await session.call("bash", { command: "two" });
    await session.answer(second, /^Deny$/);
    await session.answer(first, /^Allow always/);
    expect(await session.call("bash", { command: "one" })).toEqual(GO_ON);
    expect((await session.call("bash", { command: "two" }))?.action).toBe("ask_user");
  });

  it("is nothing when two waiting commands look the same to the person", async () => {
    const session = new Session();
    const real = await session.call("bash", { command: "echo \u001b" });
    const spoof = await session.call("bash", { command: "echo \\e" });
    expect(real?.approval_prompt).toBe(spoof?.approval_prompt);
    await session.answer(real, /^Allow always/);
    await session.answer(spoof, /^Allow always/);
    expect((await session.call("bash", { command: "echo \u001b" }))?.action).toBe("ask_user");
    expect((await session.call("bash", { command: "echo \\e" }))?.action).toBe("ask_user");
  });
});

describe("mounting hooks-approval", () => {
  it("registers a policy that runs last and denies when it fails", () => {
    const { fake } = new Session();
    expect(moduleType).toBe("hook");
    expect(fake.registered.map(({ event, options }) => [event, options])).toEqual([
      ["tool:pre", { name: "hooks-approval", priority: 1000, onError: "deny" }],
      ["approval:granted", { name: "hooks-approval" }],
      ["approval:denied", { name: "hooks-approval" }],
    ]);
  });

  it("takes everything away again", async () => {
    const session = new Session();
    await session.unmount();
    expect(session.fake.registered).toEqual([]);
  });

  it("refuses a tool that stands in two lists", () => {
    expect(() => new Session({ allow: ["bash"], deny: ["bash"] })).toThrow(
      'The tool "bash" stands in more than one of ask, allow and deny: leave it in one.',
    );
  });
});

describe("rules for tools that are not there", () => {
  it("are told once, when all modules are mounted, each list with its names", () => {
    const session = new Session({ ask: ["remote"], allow: ["raed_file"], deny: ["bsh", "web", "bash"] });
    expect(session.shown).toEqual([]);
    onSessionReady(session.fake.coordinator);
    expect(session.shown).toEqual([
      "warning hooks-approval: No tool has the name that these rules are for: " +
        'allow = ["raed_file"], deny = ["bsh","web"]. ' +
        "The tools are bash, write_file, read_file, remote; mend the names if they are typos.",
    ]);
  });

  it("are no error: one that is mounted later is refused all the same", async () => {
    const session = new Session({ deny: ["late"] });
    onSessionReady(session.fake.coordinator);
    session.fake.tools.set("late", tool("late"));
    expect((await session.call("late", {}))?.action).toBe("deny");
  });

  it("are told also where there is no tool at all", () => {
    const session = new Session({ deny: ["bash"] });
    session.fake.tools.clear();
    onSessionReady(session.fake.coordinator);
    expect(session.shown).toEqual([
      'warning hooks-approval: No tool has the name that these rules are for: deny = ["bash"]. ' +
        "No tool is mounted; mend the names if they are typos.",
    ]);
  });

  it("are looked for among the tools of their own session, and nothing is told where each has its tool", () => {
    const [one, two] = [new Session({ deny: ["bsh"] }), new Session({ deny: ["bash"], ask: ["remote"] })];
    onSessionReady(two.fake.coordinator);
    onSessionReady(new Session().fake.coordinator);
    expect([...one.shown, ...two.shown]).toEqual([]);
  });
});
