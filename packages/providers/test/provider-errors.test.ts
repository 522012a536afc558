/**
 * The table of failures in `docs/providers.md`, row by row and API by API: the error, whether it is tried again, and what its
 * message says to do. The document is the expectation; a row without a failure, or a failure without a row, fails.
 */
import type { LLMError, Provider } from "amplifier-core";
import { describe, expect, it } from "vitest";
import { apis, type Api } from "./failures/apis.ts";
import { document, expectRow, rowNames } from "./failures/expect-row.ts";
import { failures } from "./failures/failures.ts";

/** What no server brings about: tested below, and silence with the loop, which measures it. */
const BY_THE_CALLER = ["no key", "stopped by the caller", "silence"];

async function errorOf(provider: Provider, signal = new AbortController().signal): Promise<unknown> {
  const request = { messages: [{ role: "user" as const, content: "Hi" }] };
  try {
    for await (const _ of provider.stream(request, { signal }));
    return "no error";
  } catch (error) {
    return error;
  }
}

describe("the table of failures", () => {
  it("has a row for every failure, and a failure for every row", () => {
    expect(rowNames.length).toBeGreaterThan(30);
    expect(rowNames.toSorted()).toEqual([...Object.keys(failures), ...BY_THE_CALLER].toSorted());
  });

  it("stands in a document that names the variable of each vendor's key", () => {
    for (const { keyName } of apis) expect(document).toContain(`\`${keyName}\``);
  });
});

describe.each(apis.map((api) => [api.name, api] as const))("with %s", (_, api: Api) => {
  it.each(Object.entries(failures))("%s", async (name, failure) => {
    const error = await errorOf(api.provider(await failure(api)));
    expectRow(error, name);
    expect(error).toMatchObject({ provider: api.provider("http://127.0.0.1").name, model: "m" });
  });

  it("no key", () => {
    let error: unknown;
    try {
      api.vendor();
    } catch (thrown) {
      error = thrown;
    }
    expectRow(error, "no key");
    expect((error as LLMError).message).toContain(api.keyName);
  });

  it("stopped by the caller", async () => {
    expectRow(await errorOf(api.provider("http://127.0.0.1"), AbortSignal.abort()), "stopped by the caller");
  });
});
