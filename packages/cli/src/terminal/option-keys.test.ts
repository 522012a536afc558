import { expect, test } from "vitest";
import { optionKeys } from "./option-keys.ts";

test("each option gets its first letter, the second one a capital", () => {
  expect(optionKeys(["Allow once", "Allow always", "Deny"])).toEqual([
    { key: "a", label: "[a]llow once", value: "Allow once" },
    { key: "A", label: "[A]llow always", value: "Allow always" },
    { key: "d", label: "[d]eny", value: "Deny" },
  ]);
});

test("further letters and numbers serve when the first are taken", () => {
  expect(optionKeys(["No", "no", "no", "n", "日本"]).map(({ key, label }) => [key, label])).toEqual([
    ["n", "[n]o"],
    ["N", "[N]o"],
    ["o", "n[o]"],
    ["4", "[4] n"],
    ["5", "[5] 日本"],
  ]);
});
