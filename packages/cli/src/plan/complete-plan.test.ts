import { expect, test } from "vitest";
import { BUILT_IN_PLAN } from "./built-in-plan.ts";
import { forSmallModel, isSmallModel, toolNames, withApproval } from "./complete-plan.ts";

test("the approval hook is added to a plan that does not list it, after its own hooks", () => {
  expect(withApproval({ hooks: [{ module: "hooks-log" }] }, { yes: false })["hooks"]).toEqual([
    { module: "hooks-log" },
    { module: "hooks-approval" },
  ]);
  expect(withApproval({}, { yes: false })["hooks"]).toEqual([{ module: "hooks-approval" }]);
});

test("a plan that lists the approval hook keeps its entry", () => {
  const plan = { hooks: [{ module: "hooks-approval", config: { timeout: 5 } }] };
  expect(withApproval(plan, { yes: false })).toBe(plan);
});

test("a stranger under the hook's name does not stand for it: ours is added beside it, and only ours goes with --yes", () => {
  const stranger = { module: "hooks-approval", source: "./x.mjs" };
  const ours = { module: "hooks-approval-of-cli", source: "amplifier-modules/hooks-approval" };
  const complete = withApproval({ hooks: [stranger] }, { yes: false });
  expect(complete["hooks"]).toEqual([stranger, ours]);
  expect(withApproval(complete, { yes: false })).toBe(complete);
  expect(withApproval(complete, { yes: true })["hooks"]).toEqual([stranger]);
});

test("--yes is the only way off: it takes the hook out", () => {
  const plan = { hooks: [{ module: "hooks-approval" }, { module: "hooks-log" }] };
  expect(withApproval(plan, { yes: true })["hooks"]).toEqual([{ module: "hooks-log" }]);
  expect(withApproval({}, { yes: true })).toEqual({});
});

test("a section that is no list is left for the library to refuse", () => {
  expect(withApproval({ hooks: "all" }, { yes: false })).toEqual({ hooks: "all" });
});

test("the small local model gets no tools, and the file of another model goes into its config", () => {
  const plan = { session: { orchestrator: "o" }, providers: [{ module: "provider-local" }], tools: [{ module: "t" }] };
  expect(isSmallModel(plan)).toBe(true);
  const { session, providers } = plan;
  expect(forSmallModel(plan, undefined)).toEqual({ session, providers });
  expect(forSmallModel(plan, "/m.gguf")).toEqual({
    session,
    providers: [{ module: "provider-local", config: { model: "/m.gguf" } }],
  });
});

test("the built-in plan is an agent that may take long, and shows every token", () => {
  expect(BUILT_IN_PLAN).toEqual({
    session: { orchestrator: "loop-streaming", context: "context-simple" },
    orchestrator: { config: { max_turns: 100, timeout: 3600, buffer_size: 1 } },
    tools: [{ module: "tool-filesystem" }, { module: "tool-bash" }],
  });
  expect(toolNames(BUILT_IN_PLAN)).toEqual(["read_file", "write_file", "edit_file", "glob", "grep", "bash"]);
  expect(toolNames({ tools: [{ module: "tool-weather" }, 5] })).toEqual(["weather"]);
});
