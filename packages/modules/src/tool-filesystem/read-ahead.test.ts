/** `readAhead`: order, how many at once, failure and an early end. */
import { describe, expect, it } from "vitest";
import { AHEAD, readAhead } from "./read-ahead.ts";

/** Work that ends when the test says so. */
class Works {
  readonly started: number[] = [];
  readonly #ends = new Map<number, { resolve: (value: string) => void; reject: (error: Error) => void }>();

  readonly work = (item: number): Promise<string> => {
    this.started.push(item);
    return new Promise((resolve, reject) => void this.#ends.set(item, { resolve, reject }));
  };

  finish(...items: readonly number[]): void {
    for (const item of items) this.#ends.get(item)?.resolve(`done ${item}`);
  }

  fail(item: number, error: Error): void {
    this.#ends.get(item)?.reject(error);
  }
}

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

describe("readAhead", () => {
  it("gives results in order, whichever ends first", async () => {
    const works = new Works();
    const results = readAhead(numbers(3), works.work);
    const next = [results.next(), results.next(), results.next(), results.next()];
    await new Promise(setImmediate);
    works.finish(2, 1, 0);
    const values = (await Promise.all(next)).map(({ value }) => value);
    expect(values).toEqual(["done 0", "done 1", "done 2", undefined]);
  });

  it("works on a bounded number at once", async () => {
    const works = new Works();
    const results = readAhead(numbers(AHEAD + 5), works.work);
    const first = results.next();
    await new Promise(setImmediate);
    expect(works.started).toEqual(numbers(AHEAD));
    works.finish(...numbers(AHEAD));
    expect((await first).value).toBe("done 0");
    await results.return(undefined);
  });

  it("throws a failure in its place, and none goes unhandled", async () => {
    const works = new Works();
    const results = readAhead(numbers(3), works.work);
    const first = results.next();
    await new Promise(setImmediate);
    works.fail(2, new Error("two"));
    works.fail(1, new Error("one"));
    works.finish(0);
    expect((await first).value).toBe("done 0");
    await expect(results.next()).rejects.toThrow("one");
  });

  it("waits for what has begun when the consumer stops", async () => {
    const works = new Works();
    const results = readAhead(numbers(2), works.work);
    const first = results.next();
    await new Promise(setImmediate);
    works.finish(0);
    await first;
    let returned = false;
    const returning = results.return(undefined).then(() => (returned = true));
    await new Promise(setImmediate);
    expect(returned).toBe(false);
    works.finish(1);
    expect(await returning).toBe(true);
  });
});
