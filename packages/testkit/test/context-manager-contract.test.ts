/** The suite of the context port: the testkit's own context keeps its rules, and it notices what it is there to notice. */
import type { ContextManager, Message } from "amplifier-core";
import { ArrayContext, contextManagerContract, type ContextManagerSubject } from "amplifier-testkit";
import { describe, it } from "vitest";
import { showThatItFails } from "./broken-subjects.ts";

describe("ArrayContext", () => {
  for (const { name, run } of contextManagerContract({ create: () => new ArrayContext() })) it(name, run);
});

/** Leaves out all but the last turn, from its user message on. */
class LastTurnContext extends ArrayContext {
  override async getMessagesForRequest(): Promise<readonly Message[]> {
    const messages = await this.getMessages();
    if (JSON.stringify(messages).length < 8000) return messages;
    return messages.slice(messages.findLastIndex(({ role }) => role === "user"));
  }
}

type Change = (context: LastTurnContext) => Partial<ContextManager>;

/** A context of which something is replaced. */
function subject(change: Change, more: Partial<ContextManagerSubject> = {}): ContextManagerSubject {
  const create = (): ContextManager => {
    const context = new LastTurnContext();
    return {
      addMessage: (message) => context.addMessage(message),
      getMessages: () => context.getMessages(),
      getMessagesForRequest: () => context.getMessagesForRequest(),
      setMessages: (messages) => context.setMessages(messages),
      clear: () => context.clear(),
      ...change(context),
    };
  };
  return { create, createSmall: create, timeoutMs: 200, ...more };
}

const requests = (change: (messages: readonly Message[]) => readonly Message[]): ContextManagerSubject =>
  subject((context) => ({ getMessagesForRequest: async () => change(await context.getMessagesForRequest()) }));

const EMPTY = "is empty at first";
const ORDER = "keeps messages in the order they were added, with every field";
const UNAWAITED = "keeps the order of messages that were added without waiting";
const SET = "replaces all messages by those of setMessages, and goes on from there";
const CLEARED = "forgets everything when it is cleared, and goes on from there";
const APART = "shares nothing with another context";
const FROZEN = "takes messages that are frozen, in a list that is";
const GIVEN = "is not changed by what its caller does to a message it gave";
const GOT = "is not changed by what its caller does to messages it got";
const GROWN = "gives a list that does not grow when more is added";
const ALL = "gives a request everything while there is room";
const NOTHING = "gives a request of an empty conversation nothing";
const SMALLER = "gives a smaller request when there is no room for all, and still has all";
const PAIRS = "never separates a tool call from its result";
const LAST = "keeps what was said last, and begins with no answer";

const shared = new LastTurnContext();
const welcome: Message = { role: "assistant", content: [{ type: "text", text: "Welcome!" }] };

/** Keeps its list, and what is in it, as it was given, and hands it out. */
class SharingContext implements ContextManager {
  messages: Message[] = [];
  addMessage = async (message: Message): Promise<void> => void this.messages.push(message);
  getMessages = async (): Promise<readonly Message[]> => this.messages;
  getMessagesForRequest = async (): Promise<readonly Message[]> => this.messages;
  setMessages = async (messages: readonly Message[]): Promise<void> => void (this.messages = messages as Message[]);
  clear = async (): Promise<void> => void (this.messages = []);
}

showThatItFails({
  contract: contextManagerContract,
  sound: subject(() => ({})),
  broken: [
    {
      what: "greets",
      subject: subject((context) => {
        void context.addMessage(welcome);
        return {};
      }),
      breaks: [EMPTY, ORDER, UNAWAITED, APART, GROWN, NOTHING, SMALLER],
    },
    {
      what: "drops metadata",
      subject: subject((context) => ({
        addMessage: (message) => {
          const kept = Object.entries(message).filter(([field]) => field !== "metadata");
          return context.addMessage(Object.fromEntries(kept) as unknown as Message);
        },
      })),
      breaks: [ORDER, GIVEN],
    },
    {
      what: "stores a short message sooner",
      subject: subject((context) => {
        let count = 0;
        const addMessage = async (message: Message): Promise<void> => {
          if (count++ % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
          await context.addMessage(message);
        };
        return { addMessage };
      }),
      breaks: [UNAWAITED],
    },
    {
      what: "appends in setMessages",
      subject: subject((context) => ({
        setMessages: async (messages) => {
          for (const message of messages) await context.addMessage(message);
        },
        clear: async () => undefined,
      })),
      breaks: [SET, CLEARED],
    },
    {
      what: "shares its memory with others",
      subject: { ...subject(() => ({})), create: () => shared },
      breaks: [UNAWAITED, APART, GROWN, NOTHING],
    },
    {
      what: "marks what it is given",
      subject: subject((context) => ({
        addMessage: (message) => context.addMessage(Object.assign(message, { role: message.role })),
      })),
      breaks: [FROZEN],
    },
    {
      what: "shares what it is given and what it has",
      subject: { create: () => new SharingContext(), timeoutMs: 200 },
      breaks: [FROZEN, GIVEN, GOT, GROWN],
    },
    {
      what: "forgets the oldest at once",
      subject: requests((messages) => messages.slice(1)),
      breaks: [GROWN, ALL, LAST],
    },
    {
      what: "brings the system prompt itself",
      subject: requests((messages) => [{ role: "system", content: "Be kind." }, ...messages]),
      breaks: [GROWN, ALL, NOTHING],
    },
    {
      what: "never compacts",
      subject: subject((context) => ({ getMessagesForRequest: () => context.getMessages() })),
      breaks: [SMALLER],
    },
    {
      what: "forgets what it leaves out",
      subject: subject((context) => ({
        getMessagesForRequest: async () => {
          const shown = await context.getMessagesForRequest();
          await context.setMessages(shown);
          return shown;
        },
      })),
      breaks: [SMALLER],
    },
    {
      what: "counts messages, not turns",
      subject: subject((context) => ({ getMessagesForRequest: async () => (await context.getMessages()).slice(-3) })),
      breaks: [ALL, PAIRS, LAST],
    },
    {
      what: "keeps what is old",
      subject: subject((context) => ({ getMessagesForRequest: async () => (await context.getMessages()).slice(0, 8) })),
      breaks: [LAST],
    },
  ],
});
