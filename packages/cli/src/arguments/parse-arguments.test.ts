import { describe, expect, test } from "vitest";
import { parseArguments } from "./parse-arguments.ts";

const NOTHING = {
  command: null,
  words: [],
  plan: undefined,
  providers: [],
  model: undefined,
  system: undefined,
  contextFiles: true,
  yes: false,
  json: false,
  live: false,
  thinking: true,
  quiet: false,
  debug: false,
  help: false,
  version: false,
};

describe("the command line", () => {
  test("nothing at all is no command and every default", () => {
    expect(parseArguments([])).toEqual(NOTHING);
  });

  test("options may stand before and after the command, and the words are the prompt", () => {
    expect(parseArguments(["--json", "run", "say", "-m", "m1", "hello", "--plan=p.toml", "-y"])).toEqual({
      ...NOTHING,
      command: "run",
      words: ["say", "hello"],
      json: true,
      model: "m1",
      plan: "p.toml",
      yes: true,
    });
  });

  test("every option is read", () => {
    const argv = [
      "chat",
      "--provider",
      "a, b",
      "--system",
      "x",
      "--no-context-files",
      "--no-thinking",
      "-q",
      "--debug",
    ];
    expect(parseArguments([...argv, "-h", "--version"])).toEqual({
      ...NOTHING,
      command: "chat",
      providers: ["a", "b"],
      system: "x",
      contextFiles: false,
      thinking: false,
      quiet: true,
      debug: true,
      help: true,
      version: true,
    });
  });

  test("after -- everything is prompt", () => {
    expect(parseArguments(["run", "--", "--json", "-"]).words).toEqual(["--json", "-"]);
  });

  test.each([
    [["--nope"], /^Unknown option --nope; allowed are --plan, .*--version\./],
    [["run", "-z"], /^Unknown option -z; allowed are/],
    [["serve"], /^Unknown command "serve"; commands are run, chat, plan, .*\. To send a prompt: amplifier-ts run/],
    [["--plan"], /^Option '--plan <value>' argument missing\. See amplifier-ts --help\.$/],
    [["--plan", "--yes"], /^Option '--plan' argument is ambiguous\. See/],
    [["--yes=1"], /does not take an argument\. See/],
    [["--model", ""], /^--model needs a value/],
    [["--provider", "a,,b"], /^--provider has an empty name in "a,,b"/],
    [["chat", "hello"], /^chat takes no prompt/],
    [["chat", "--json"], /^--json works with run, models and doctor only/],
  ])("%j is refused in one line that says what is allowed", (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(message);
    try {
      parseArguments(argv);
    } catch (error) {
      expect(error).toMatchObject({ name: "AmplifierError", code: "usage" });
      expect((error as Error).message).not.toContain("\n");
    }
  });
});
