/**
 * Owns ten events that have nothing to do with a token: hooks on them must not make a token dearer.
 */

/** Ten event types, none of which is raised per token. */
export const otherEvents = [
  "session:start",
  "session:end",
  "prompt:submit",
  "provider:request",
  "provider:error",
  "tool:pre",
  "tool:post",
  "tool:error",
  "context:pre_compact",
  "execution:end",
];
