/**
 * Owns exact sums of amounts of money, written as decimals without sign or exponent ("0.047").
 */
const DECIMAL = /^\d+(?:\.\d+)?$/u;

/** Whether `value` is a decimal in this form. */
export function isDecimal(value: unknown): value is string {
  return typeof value === "string" && DECIMAL.test(value);
}

/** The exact sum of two decimals, with as many places as the longer one has. */
export function addDecimals(left: string, right: string): string {
  const places = Math.max(fractionOf(left).length, fractionOf(right).length);
  const digits = (unitsOf(left, places) + unitsOf(right, places)).toString().padStart(places + 1, "0");
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

function fractionOf(decimal: string): string {
  return decimal.split(".")[1] ?? "";
}

function unitsOf(decimal: string, places: number): bigint {
  return BigInt(decimal.split(".")[0] + fractionOf(decimal).padEnd(places, "0"));
}
