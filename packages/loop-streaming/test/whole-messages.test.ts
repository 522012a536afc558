/**
 * A conversation goes to the model as it was written: every kind of block, every role, and fields that nobody here knows.
 */
import type { ContentBlock, Message, Role, Visibility } from "amplifier-core";
import { answer, ArrayContext, runTurn, text } from "amplifier-testkit";
import { describe, expect, it } from "vitest";
import { loopSession } from "./loop-session.ts";

const origin = { provider: "anthropic", model: "m" };

/** One block of each kind with every field it knows. */
const blocks: { readonly [K in ContentBlock["type"]]: Extract<ContentBlock, { type: K }> } = {
  text: { type: "text", text: "Hello", interrupted: true },
  thinking: { type: "thinking", thinking: "Hm", signature: "s", content: ["sealed", "rs_1"], ...origin },
  redacted_thinking: { type: "redacted_thinking", data: "abc", ...origin },
  tool_call: { type: "tool_call", id: "c1", name: "clock", input: { zone: "Oslo" }, raw_arguments: "{" },
  tool_result: { type: "tool_result", tool_call_id: "c1", output: { any: [1, null] } },
  image: { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } },
  reasoning: { type: "reasoning", content: ["step"], summary: [{ text: "short" }], ...origin },
  opaque: { type: "opaque", data: { type: "server_tool_use", id: "s1" }, ...origin },
};
const each = Object.values(blocks);
const roles: readonly Role[] = ["system", "developer", "user", "assistant", "function", "tool"];

/** What of a conversation the model gets in front of the next prompt. */
async function given(messages: readonly Message[]): Promise<readonly Message[] | undefined> {
  const { session, provider } = await loopSession({
    script: [answer(text("Done."))],
    context: new ArrayContext(messages),
  });
  await runTurn(session, "Go on");
  return provider.requests[0]?.messages.slice(0, -1);
}

/** A conversation that has the block where one of its kind stands. */
function holding(block: ContentBlock): readonly Message[] {
  const result: Message = { role: "tool", tool_call_id: "c1", content: "noon" };
  const call: Message = { role: "assistant", content: [blocks.tool_call] };
  if (block.type === "tool_result") return [call, { role: "tool", tool_call_id: "c1", content: [block] }];
  return [{ role: "assistant", content: [block] }, ...(block.type === "tool_call" ? [result] : [])];
}

describe("a block of type", () => {
  it.each(each)("$type reaches the model with every field it has", async (block) => {
    expect(await given(holding(block))).toEqual(holding(block));
  });

  it.each(each)("$type reaches the model with who may see it, or nothing, which is everybody", async (block) => {
    for (const visibility of ["internal", "developer", "user"] satisfies Visibility[]) {
      expect(await given(holding({ ...block, visibility }))).toEqual(holding({ ...block, visibility }));
    }
    expect(JSON.stringify(await given(holding(block)))).not.toContain("visibility");
  });

  it.each(each)("$type reaches the model with fields that nobody here knows", async (block) => {
    const known = { ...block, cache_control: { type: "ephemeral" }, citations: [{ url: "u" }] };
    expect(await given(holding(known))).toEqual(holding(known));
  });
});

describe("a message", () => {
  it.each(roles)("of role %s reaches the model, with a text or with blocks, and what else it says", async (role) => {
    const messages: readonly Message[] = [
      { role: "assistant", content: [blocks.tool_call] },
      { role: "tool", tool_call_id: "c1", content: "noon" },
      { role, content: "text", ...(role === "tool" ? { tool_call_id: "c1" } : {}) },
      { role, content: [blocks.text, blocks.image], name: "n", tool_call_id: "c1", metadata: { source: "hook" } },
    ];
    expect(await given(messages)).toEqual(messages);
  });
});
