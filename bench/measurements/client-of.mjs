/**
 * Owns what the names of the contenders mean to a client process.
 */

const VARIANTS = {
  "loop+hook": { contender: "loop", options: { hook: true } },
  "loop+10 others": { contender: "loop", options: { otherHooks: true } },
  "loop unbuffered": { contender: "loop", options: { bufferSize: 1 } },
  guarded: { contender: "hooks", options: { raised: "guarded" } },
  unguarded: { contender: "hooks", options: { raised: "unguarded" } },
  stored: { contender: "hooks", options: { raised: "stored" } },
};

/** The client's module and its options. */
export function clientOf(name) {
  return VARIANTS[name] ?? { contender: name, options: {} };
}
