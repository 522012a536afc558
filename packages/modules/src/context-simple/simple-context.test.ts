/** `SimpleContext`: order, replacing, and that no caller can reach what is stored. */
import type { Message, TextBlock } from "amplifier-core";
import { describe, expect, it } from "vitest";
import { SimpleContext } from "./simple-context.ts";

const user = (content: string): Message => ({ role: "user", content });

describe("SimpleContext", () => {
  it("gives back what was added, in order, for reading and for a request", async () => {
    const context = new SimpleContext();
    const answer: Message = {
      role: "assistant",
      content: [
        { type: "text", text: "Looking." },
        { type: "tool_call", id: "c1", name: "glob", input: { pattern: "*" } },
      ],
    };
    const result: Message = { role: "tool", name: "glob", tool_call_id: "c1", content: "a.ts" };
    for (const message of [user("Hi"), answer, result]) await context.addMessage(message);

    expect(await context.getMessages()).toEqual([user("Hi"), answer, result]);
    expect(await context.getMessagesForRequest()).toEqual([user("Hi"), answer, result]);
  });

  it("keeps fields of messages and blocks that it does not know", async () => {
    const message = {
      role: "assistant",
      content: [{ type: "text", text: "Hi", visibility: "internal", citations: [{ url: "u" }] }],
      metadata: { anthropic: { id: "m1" } },
      cache: { until: 5 },
    } as const;
    const context = new SimpleContext();
    await context.addMessage(message);
    expect(await context.getMessages()).toEqual([message]);
    expect(await context.getMessagesForRequest()).toEqual([message]);
  });

  it("keeps calls in the order they were made when nobody waits in between", async () => {
    const context = new SimpleContext();
    await Promise.all([context.addMessage(user("1")), context.addMessage(user("2")), context.addMessage(user("3"))]);
    expect(await context.getMessages()).toEqual([user("1"), user("2"), user("3")]);
  });

  it("does not see what happens to a message after it was added", async () => {
    const context = new SimpleContext();
    const block = { type: "text", text: "before" } satisfies TextBlock;
    await context.addMessage({ role: "user", content: [block] });
    block.text = "after";
    expect(await context.getMessages()).toEqual([{ role: "user", content: [{ type: "text", text: "before" }] }]);
    expect(Object.isFrozen(block)).toBe(false);
  });

  it("cannot be corrupted through what it gave out", async () => {
    const context = new SimpleContext();
    await context.addMessage({ role: "user", content: [{ type: "text", text: "kept" }] });
    const given = (await context.getMessages()) as Message[];
    const [stored] = given;
    expect(Object.isFrozen(stored) && Object.isFrozen(stored?.content) && Object.isFrozen(stored?.content[0])).toBe(
      true,
    );
    given.length = 0;
    expect(await context.getMessages()).toEqual([{ role: "user", content: [{ type: "text", text: "kept" }] }]);
  });

  it("gives a snapshot: a message added later does not appear in it", async () => {
    const context = new SimpleContext();
    await context.addMessage(user("1"));
    const earlier = await context.getMessagesForRequest();
    await context.addMessage(user("2"));
    expect(earlier).toEqual([user("1")]);
  });

  it("replaces all messages and forgets all messages", async () => {
    const context = new SimpleContext();
    await context.addMessage(user("old"));
    const replacement = [user("new")];
    await context.setMessages(replacement);
    replacement.push(user("not stored"));
    expect(await context.getMessages()).toEqual([user("new")]);
    await context.clear();
    expect(await context.getMessages()).toEqual([]);
  });
});
