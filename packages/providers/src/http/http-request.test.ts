/**
 * What of an address may be shown.
 */
import { expect, test } from "vitest";
import { shownUrl } from "./http-request.ts";

test.each([
  ["http://user:hunter2@host:1/v1?token=x#y", "http://host:1/v1"],
  ["http://user:hunter2@[bad", "http://***@[bad"],
  ["localhost:1/v1?token=x", "localhost:1/v1"],
])("%s is shown without its secrets", (url, shown) => {
  expect(shownUrl(url)).toBe(shown);
});
