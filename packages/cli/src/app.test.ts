import { expect, test } from "vitest";
import { fakeIo, type FakeIo } from "../test/support/fake-io.ts";
import { App } from "./app.ts";
import { parseArguments } from "./arguments/parse-arguments.ts";

function listening(): { readonly io: FakeIo; readonly app: App } {
  const io = fakeIo();
  const app = new App(io, parseArguments(["run", "hi"]));
  app.listen();
  return { io, app };
}

test("a stop in good order has three seconds", () => {
  const { io, app } = listening();
  io.send("SIGTERM");
  expect([app.stopping.aborted, app.exitCode, io.exits]).toEqual([true, 143, []]);
  io.clock.advance(2999);
  expect(io.exits).toEqual([]);
  io.clock.advance(1);
  expect(io.exits).toEqual([143]);
});

test("a second signal leaves at once, with the code of the first; one that came twice is one", () => {
  const { io } = listening();
  io.send("SIGHUP");
  io.send("SIGTERM");
  expect(io.exits).toEqual([]);
  io.clock.advance(100);
  io.send("SIGTERM");
  expect(io.exits).toEqual([129]);
});

test("work without a signal of its own is left when the program stops", async () => {
  const { io, app } = listening();
  await expect(app.unlessStopped(Promise.resolve(5))).resolves.toBe(5);
  const left = app.unlessStopped(new Promise(() => undefined));
  io.send("SIGINT");
  await expect(left).rejects.toMatchObject({ name: "AbortError" });
});
