/**
 * Owns what the names of the contenders mean to a client process.
 */

const VARIANTS = {
  "loop+hook": { contender: "loop", options: { hook: true } },
  "loop unbuffered": { contender: "loop", options: { bufferSize: 1 } },
};

/** The client's module and its options. */
export function clientOf(name) {
  return VARIANTS[name] ?? { contender: name, options: {} };
}
