import { describe, expect, test } from "vitest";
import { fakeIo } from "../../test/support/fake-io.ts";
import { BrokenPipe, Output } from "./output.ts";

describe("in pipes", () => {
  test("stdout gets the answer as it is and one final line break, stderr everything else", async () => {
    const io = fakeIo();
    const output = new Output(io);
    await output.answer("a\u001b[31m");
    output.note("note");
    await output.answer("b\r\nc");
    await output.endAnswer();
    await output.endAnswer();
    expect(io.stdout.text).toBe("a\u001b[31mb\r\nc\n");
    expect(io.stderr.text).toBe("note\n");
  });

  test("an answer that ends its line gets no second line break, no answer none at all", async () => {
    const io = fakeIo();
    const output = new Output(io);
    await output.endAnswer();
    expect(io.stdout.text).toBe("");
    await output.answer("a\n");
    await output.endAnswer();
    expect(io.stdout.text).toBe("a\n");
  });

  test("a slow reader is waited for", async () => {
    const io = fakeIo();
    const output = new Output(io);
    let release: () => void = () => undefined;
    io.stdout._write = (_chunk, _encoding, done) => {
      release = done;
    };
    let printed = false;
    const printing = output.answer("x".repeat(20_000)).then(() => {
      printed = true;
    });
    await new Promise(setImmediate);
    expect(printed).toBe(false);
    release();
    await printing;
  });

  test("a reader that went away breaks the answer, also one that is being waited for", async () => {
    const io = fakeIo();
    const output = new Output(io);
    io.stdout._write = () => undefined;
    const printing = output.answer("x".repeat(20_000));
    io.stdout.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    await expect(printing).rejects.toThrow(BrokenPipe);
    await expect(output.line("{}")).rejects.toThrow(BrokenPipe);
    expect(output.broken.aborted).toBe(true);
    await output.flushed();
  });
});

describe("on a terminal", () => {
  test("a note never starts in the middle of the answer's or the thinking's line", async () => {
    const io = fakeIo({ tty: true });
    const output = new Output(io);
    await output.thinking("hmm");
    await output.answer("Hello");
    output.note("· bash ls");
    await output.answer(" world\n");
    output.note("done");
    expect(io.screen.join("")).toBe("hmm\nHello\n· bash ls\n world\ndone\n");
    expect(io.stdout.text).toBe("Hello world\n");
  });

  test("control characters of the model do not reach it", async () => {
    const io = fakeIo({ tty: true });
    const output = new Output(io);
    await output.answer("a\u001b[2Jb");
    await output.thinking("\u0007");
    expect(io.screen.join("")).toBe("a\\x1b[2Jb\n\\x07");
  });

  test("while a question is open nothing else is printed; afterwards everything in its order", async () => {
    const io = fakeIo({ tty: true });
    const output = new Output(io);
    await output.answer("before");
    const release = output.hold();
    output.note("note");
    const answering = output.answer("after");
    const thinking = output.thinking("thought");
    output.overwrite("bar");
    output.ask("question? ");
    await new Promise(setImmediate);
    expect(io.screen.join("")).toBe("before\nquestion? ");
    output.ask("yes\n");
    release();
    await Promise.all([answering, thinking]);
    expect(io.screen.join("")).toBe("before\nquestion? yes\nnote\nafter\nthought");
  });
});

test("quiet leaves errors and questions", async () => {
  const io = fakeIo({ tty: true });
  const output = new Output(io, { quiet: true });
  output.note("note");
  await output.thinking("thought");
  output.overwrite("bar");
  output.ask("question?");
  output.error("error");
  expect(io.stderr.text).toBe("question?error\n");
});
