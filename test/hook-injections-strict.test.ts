/**
 * Text that a hook puts into a conversation or a request, at every event, in every role, is sent to servers that refuse what
 * the real APIs refuse: they take it, in its turn and in the next.
 */
import { createSession, defineTool, type InjectionRole, type InterceptableEvent } from "amplifier-core";
import { text, toolCall } from "amplifier-testkit";
import { reply, startAnthropicServer, startChatServer } from "amplifier-testkit/servers";
import { describe, expect, onTestFinished, test } from "vitest";

const WIRES = {
  openai: { start: startChatServer, module: "provider-openai" },
  anthropic: { start: startAnthropicServer, module: "provider-anthropic" },
} as const;

/** Of Anthropic's, one that would go on from the assistant's words, and one that refuses them at the end. */
const MODELS = [
  ["openai", "gpt-4.1"],
  ["anthropic", "claude-sonnet-4-5"],
  ["anthropic", "claude-opus-4-6"],
] as const;

const EVENTS: readonly InterceptableEvent[] = ["prompt:submit", "provider:request", "tool:pre", "tool:post"];
const ROLES: readonly InjectionRole[] = ["system", "user", "assistant"];

const clock = defineTool({
  name: "clock",
  description: "The time",
  inputSchema: { type: "object" },
  execute: () => "12:00",
});

describe.each(MODELS)("%s (%s) takes", (wire, model) => {
  test.each(EVENTS.flatMap((event) => ROLES.map((role) => [event, role] as const)))(
    "what a hook of %s says as the %s, kept or for one request",
    async (event, role) => {
      const { start, module } = WIRES[wire];
      for (const ephemeral of [false, true]) {
        const answers = [reply(toolCall("c1", "clock")), reply(text("Fine.")), reply(text("Bye."))];
        const server = await start({ script: answers });
        onTestFinished(() => server.close());
        const injection = { content: "noted", role, ephemeral };
        const session = await createSession({
          session: { orchestrator: "loop-streaming", context: "context-simple" },
          providers: [{ module, config: { base_url: server.baseUrl, api_key: "test", model } }],
          tools: [clock],
          hooks: [
            {
              name: "hook",
              events: { [event]: () => ({ action: "inject_context", context_injections: [injection] }) },
            },
          ],
        });
        expect([await session.execute("Go"), await session.execute("And?")]).toEqual(["Fine.", "Bye."]);
        await session.close();
      }
    },
  );

  test("a conversation that begins with what a hook has put in front of a prompt that another one denied", async () => {
    const { start, module } = WIRES[wire];
    const server = await start({ script: [reply(text("Fine."))] });
    onTestFinished(() => server.close());
    let denied = false;
    const session = await createSession({
      session: { orchestrator: "loop-streaming", context: "context-simple" },
      providers: [{ module, config: { base_url: server.baseUrl, api_key: "test", model } }],
      hooks: [
        {
          name: "speaker",
          events: {
            "prompt:submit": () => ({
              action: "inject_context",
              context_injection: "noted",
              context_injection_role: "assistant",
            }),
          },
        },
        {
          name: "guard",
          priority: 1,
          events: { "prompt:submit": () => (denied ? undefined : ((denied = true), { action: "deny", reason: "no" })) },
        },
      ],
    });
    expect([await session.execute("Go"), await session.execute("And?")]).toEqual(["Operation denied: no", "Fine."]);
    await session.close();
  });
});
