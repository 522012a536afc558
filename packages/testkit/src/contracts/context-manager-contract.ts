/**
 * Owns the contract suite of the context port: what the loop and the session rely on in any `ContextManager`. How a context
 * chooses what a smaller request carries is its own; that the request is a valid conversation is checked here.
 */
import { type ContextManager, frozenCopy, type Message, type Provider } from "amplifier-core";
import { checkConversation } from "../invariants/message-rules.ts";
import { ScriptedProvider } from "../provider/scripted-provider.ts";
import { type ContractTest, contractTests, type Patience, type Patient, type Rules } from "./contract-test.ts";
import { demand, demandEqual, resolved } from "./demand.ts";

/** The context under test. */
export interface ContextManagerSubject extends Patience {
  /** Makes a new, empty context that has room for about ten short messages; asked once or twice per test. */
  readonly create: () => ContextManager | Promise<ContextManager>;
  /** Makes a new, empty context whose requests have room for about 2,000 tokens: only for contexts that compact. */
  readonly createSmall?: () => ContextManager | Promise<ContextManager>;
}

type Subject = Patient<ContextManagerSubject>;

/** The rules of the context port for one context. `createSmall` adds the rules for compaction. */
export function contextManagerContract(subject: ContextManagerSubject): readonly ContractTest[] {
  const { createSmall } = subject;
  return contractTests(subject, {
    ...STORING,
    ...COPIES,
    ...REQUESTS,
    ...(createSmall === undefined ? {} : compacting(createSmall)),
  });
}

const STORING: Rules<Subject> = {
  "is empty at first": async ({ create, timeoutMs }) => {
    const context = await create();
    await demandMessages(context, { wanted: [], timeoutMs });
  },

  "keeps messages in the order they were added, with every field": async ({ create, timeoutMs }) => {
    const context = await create();
    for (const message of conversation()) await context.addMessage(message);
    await demandMessages(context, { wanted: conversation(), timeoutMs });
  },

  "keeps the order of messages that were added without waiting": async ({ create, timeoutMs }) => {
    const context = await create();
    const messages = Array.from({ length: 10 }, (_, n) => user(`Message ${n}`));
    await Promise.all(messages.map((message) => context.addMessage(message)));
    await demandMessages(context, { wanted: messages, timeoutMs });
  },

  "replaces all messages by those of setMessages, and goes on from there": async ({ create, timeoutMs }) => {
    const context = await create();
    await context.addMessage(user("Before"));
    await context.setMessages(conversation());
    await demandMessages(context, { wanted: conversation(), timeoutMs });
    await context.addMessage(user("After"));
    await demandMessages(context, { wanted: [...conversation(), user("After")], timeoutMs });
  },

  "forgets everything when it is cleared, and goes on from there": async ({ create, timeoutMs }) => {
    const context = await create();
    await context.setMessages(conversation());
    await context.clear();
    await demandMessages(context, { wanted: [], timeoutMs });
    await context.addMessage(user("Again"));
    await demandMessages(context, { wanted: [user("Again")], timeoutMs });
  },

  "shares nothing with another context": async ({ create, timeoutMs }) => {
    const [one, other] = [await create(), await create()];
    await one.addMessage(user("One"));
    await demandMessages(other, { wanted: [], timeoutMs });
  },
};

const COPIES: Rules<Subject> = {
  "takes messages that are frozen, in a list that is": async ({ create, timeoutMs }) => {
    const context = await create();
    const store = async (): Promise<void> => {
      await context.setMessages(frozenCopy(conversation()));
      await context.addMessage(frozenCopy(user("And in Rome?")));
    };
    await resolved(store(), {
      what: "frozen messages to be stored",
      timeoutMs,
      advice: "Copy what you change: what the loop hands over is what the log has.",
    });
    await demandMessages(context, { wanted: [...conversation(), user("And in Rome?")], timeoutMs });
  },

  "is not changed by what its caller does to a message it gave": async ({ create, timeoutMs }) => {
    const context = await create();
    const [added, set] = [answer(), answer()];
    const list = [set];
    await context.setMessages(list);
    await context.addMessage(added);
    for (const message of [added, set]) spoil(message);
    spoil(list);
    await demandMessages(context, { wanted: [answer(), answer()], timeoutMs });
  },

  "is not changed by what its caller does to messages it got": async ({ create, timeoutMs }) => {
    const context = await create();
    await context.setMessages(conversation());
    for (const list of [await context.getMessages(), await context.getMessagesForRequest({})]) {
      for (const message of list) spoil(message);
      spoil(list);
    }
    await demandMessages(context, { wanted: conversation(), timeoutMs });
  },

  "gives a list that does not grow when more is added": async ({ create }) => {
    const context = await create();
    await context.addMessage(user("One"));
    const lists = [await context.getMessages(), await context.getMessagesForRequest({})];
    await context.addMessage(user("Two"));
    for (const list of lists) demandEqual(list, [user("One")], { what: "a list got before", advice: GIVE_COPIES });
  },
};

const REQUESTS: Rules<Subject> = {
  "gives a request everything while there is room": async ({ create, timeoutMs }) => {
    const context = await create();
    await context.setMessages(conversation());
    for (const provider of [undefined, new ScriptedProvider([])]) {
      demandEqual(await forRequest(context, timeoutMs, provider), conversation(), {
        what: `the messages of a small conversation's request, ${provider ? "with" : "without"} a provider,`,
        advice: "Leave out only what does not fit, and keep the order.",
      });
    }
  },

  "gives a request of an empty conversation nothing": async ({ create, timeoutMs }) => {
    const messages = await forRequest(await create(), timeoutMs);
    demandEqual(messages, [], {
      what: "the messages of an empty conversation's request",
      advice: "The system prompt is added by the loop; the context adds nothing of its own here.",
    });
  },
};

/** Turns of a long conversation, about 500 tokens each. */
const TURNS = 30;
const CHARACTERS_OF_A_RESULT = 2000;

function compacting(createSmall: NonNullable<ContextManagerSubject["createSmall"]>): Rules<Subject> {
  return {
    "gives a smaller request when there is no room for all, and still has all": async ({ timeoutMs }) => {
      const context = await createSmall();
      const long = longConversation();
      for (const message of long) await context.addMessage(message);
      const shown = await forRequest(context, timeoutMs);
      demand(lengthOf(shown) < lengthOf(long), {
        expected: `a request of less than the conversation's ${lengthOf(long)} characters`,
        seen: `${lengthOf(shown)} characters`,
        advice: "Give the suite a context of about 2,000 tokens, and compact in getMessagesForRequest.",
      });
      await demandMessages(context, { wanted: long, timeoutMs });
    },

    "never separates a tool call from its result": async ({ timeoutMs }) => {
      const context = await createSmall();
      for (const [n, message] of longConversation().entries()) {
        await context.addMessage(message);
        // Asked where the loop asks: never between a call and its result.
        if (n % 4 === 1) continue;
        const problems = checkConversation(await forRequest(context, timeoutMs));
        demandEqual(problems, [], {
          what: `the problems of the request after message ${n + 1}`,
          advice: "Leave out a call and its results together, or neither: APIs refuse one without the other.",
        });
      }
    },

    "keeps what was said last, and begins with no answer": async ({ timeoutMs }) => {
      const context = await createSmall();
      const last = user("And what is the weather?");
      await context.setMessages([...longConversation(), last]);
      const shown = await forRequest(context, timeoutMs);
      demandEqual(shown.at(-1), last, {
        what: "the last message of a request",
        advice: "Leave out the oldest: the newest is what the model has to answer.",
      });
      demand(shown[0]?.role !== "tool", {
        expected: "a request that does not begin with a result",
        seen: shown[0],
        advice: "Cut in front of a user message.",
      });
    },
  };
}

const GIVE_COPIES = "Give copies (or deeply frozen messages in a list of their own), never the list that is stored.";

// Made anew for every use: a context that shares what it is given would spoil the next test.
const answer = (): Message => ({
  role: "assistant",
  content: [
    { type: "thinking", thinking: "The clock knows.", signature: "c2ln" },
    { type: "text", text: "Let me see." },
    { type: "tool_call", id: "call_1", name: "clock", input: { zone: "Europe/Oslo", list: [1, { deep: true }] } },
  ],
  metadata: { provider: { id: "msg_1" } },
});

const conversation = (): readonly Message[] => [
  { role: "user", content: [{ type: "text", text: "What time is it in Oslo?" }] },
  answer(),
  { role: "tool", name: "clock", tool_call_id: "call_1", content: "12:00" },
  { role: "assistant", content: [{ type: "text", text: "It is noon." }] },
];

function user(content: string): Message {
  return { role: "user", content };
}

/** Question, call, result, answer, again and again. */
function longConversation(): readonly Message[] {
  return Array.from({ length: TURNS }, (_, n): readonly Message[] => [
    user(`Question ${n}`),
    { role: "assistant", content: [{ type: "tool_call", id: `call_${n}`, name: "look", input: { n } }] },
    { role: "tool", name: "look", tool_call_id: `call_${n}`, content: `${n} `.padEnd(CHARACTERS_OF_A_RESULT, "word ") },
    { role: "assistant", content: [{ type: "text", text: `Answer ${n}` }] },
  ]).flat();
}

function lengthOf(messages: readonly Message[]): number {
  return JSON.stringify(messages).length;
}

async function demandMessages(
  context: ContextManager,
  { wanted, timeoutMs }: { readonly wanted: readonly Message[]; readonly timeoutMs: number },
): Promise<void> {
  const advice = "Answer from what is stored.";
  const messages = await resolved(context.getMessages(), { what: "getMessages() to resolve", timeoutMs, advice });
  demandEqual(messages, wanted, { what: "getMessages()", advice: `Store every message as it is. ${GIVE_COPIES}` });
}

function forRequest(context: ContextManager, timeoutMs: number, provider?: Provider): Promise<readonly Message[]> {
  return resolved(context.getMessagesForRequest(provider ? { provider } : {}), {
    what: "getMessagesForRequest() to resolve",
    timeoutMs,
    advice: "A request may come without a provider, and a provider may know nothing of its models; wait for neither.",
  });
}

/** Changes whatever can be changed in plain data; frozen data stays. */
function spoil(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const inner of Object.values(value)) spoil(inner);
  if (Array.isArray(value)) {
    if (!Object.isFrozen(value)) value.push("spoilt");
  } else for (const key of Object.keys(value)) Reflect.set(value, key, "spoilt");
}
