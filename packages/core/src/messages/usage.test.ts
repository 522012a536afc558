/** Token counts and costs: how they add up, and which are refused. */
import { describe, expect, it } from "vitest";
import { addUsage, NO_USAGE, type Usage, usageProblem } from "./usage.ts";

const usage = (fields: Partial<Usage> = {}): Usage => ({ ...NO_USAGE, ...fields });

describe("counts", () => {
  it("add up field by field, and optional ones appear when either side has them", () => {
    const left = usage({ input_tokens: 1, output_tokens: 2, total_tokens: 3, cache_read_tokens: 5 });
    const right = usage({
      input_tokens: 10,
      output_tokens: 20,
      total_tokens: 30,
      reasoning_tokens: 7,
      estimated: true,
    });
    expect(addUsage(left, right)).toEqual({
      input_tokens: 11,
      output_tokens: 22,
      total_tokens: 33,
      cache_read_tokens: 5,
      reasoning_tokens: 7,
      estimated: true,
    });
    expect(addUsage(NO_USAGE, NO_USAGE)).toEqual(NO_USAGE);
  });

  it("of zero are counts: they stay apart from unknown ones", () => {
    expect(addUsage(NO_USAGE, usage({ cache_write_tokens: 0 }))).toEqual(usage({ cache_write_tokens: 0 }));
  });
});

describe("a cost", () => {
  it.each([
    ["0.1", "0.2", "0.3"],
    ["0.047", "1", "1.047"],
    ["1", "2", "3"],
    ["0.00", "0", "0.00"],
    ["9.99", "0.01", "10.00"],
    ["12345678901234567890.000000001", "0.000000009", "12345678901234567890.000000010"],
  ])("of %s and one of %s are %s, exactly", (left, right, sum) => {
    expect(addUsage(usage({ cost_usd: left }), usage({ cost_usd: right })).cost_usd).toBe(sum);
    expect(addUsage(usage({ cost_usd: right }), usage({ cost_usd: left })).cost_usd).toBe(sum);
  });

  it("that is known for a part is the known part, and is unknown where no part is known", () => {
    expect(addUsage(usage(), usage({ cost_usd: "0.5" })).cost_usd).toBe("0.5");
    expect(addUsage(usage(), usage())).not.toHaveProperty("cost_usd");
  });

  it.each([[0.047], [1], [null], [""], ["abc"], ["1e-3"], ["-1"], [".5"], ["1."], [{}]])(
    "is refused when it is %j",
    (cost) => {
      expect(usageProblem(usage({ cost_usd: cost as string }))).toBe(
        `sent the cost_usd ${JSON.stringify(cost)}, which must be a decimal string such as "0.047"`,
      );
    },
  );

  it.each([["0"], ["0.047"], ["12"]])("may be %s", (cost) => {
    expect(usageProblem(usage({ cost_usd: cost }))).toBeNull();
  });
});

it("a usage without its three counts is refused", () => {
  for (const field of ["input_tokens", "output_tokens", "total_tokens"])
    expect(usageProblem({ ...NO_USAGE, [field]: undefined })).toBe("sent a usage without numbers");
  expect(usageProblem(NO_USAGE)).toBeNull();
});
