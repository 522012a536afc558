/** When a request may be sent again: each of the four conditions by itself forbids it. */
import { expect, test } from "vitest";
import { wasNeverRead } from "./never-read.ts";

const closedInTheMeantime = { reused: true, heard: false, elapsedMs: 40, code: "ECONNRESET" };

test.each(["ECONNRESET", "EPIPE"])("a kept socket that answers with %s at once was closed before", (code) => {
  expect(wasNeverRead({ ...closedInTheMeantime, code })).toBe(true);
});

test.each([
  ["a socket of its own was open", { reused: false }],
  ["something came back", { heard: true }],
  ["it was closed later than a closed socket says so", { elapsedMs: 1_000 }],
  ["it was something else", { code: "ETIMEDOUT" }],
  ["nobody knows what it was", { code: undefined }],
])("the server may have read the request when %s", (_, difference) => {
  expect(wasNeverRead({ ...closedInTheMeantime, ...difference })).toBe(false);
});
