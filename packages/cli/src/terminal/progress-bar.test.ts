import { expect, test } from "vitest";
import { fakeIo } from "../../test/support/fake-io.ts";
import { Output } from "./output.ts";
import { ProgressBar } from "./progress-bar.ts";

test("a terminal has one line that is repainted and taken away", () => {
  const io = fakeIo({ tty: true });
  const bar = new ProgressBar(new Output(io));
  bar.show({ step: "Model", done: 49e6, total: 98e6 });
  bar.show({ step: "Model", done: 49e6, total: 98e6 });
  bar.finish();
  bar.finish();
  expect(io.screen).toEqual([`\rModel ${"█".repeat(12)}${"░".repeat(12)} 49 MB of 98 MB\u001b[K`, "\r\u001b[K"]);
});

test("elsewhere there is a plain line for every tenth of the way", () => {
  const io = fakeIo();
  const bar = new ProgressBar(new Output(io));
  for (let done = 0; done <= 98e6; done += 7e6) bar.show({ step: "Model", done, total: 98e6 });
  bar.show({ step: "Engine", done: 5, total: null });
  bar.finish();
  expect(io.stderr.text).toMatch(/^Model: 0 % of 98 MB\nModel: 10 % of 98 MB\n.*Model: 100 % of 98 MB\nEngine\n$/s);
  expect(io.stderr.text.split("\n")).toHaveLength(13);
});
