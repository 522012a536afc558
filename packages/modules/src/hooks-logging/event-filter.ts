/**
 * Owns which events are logged: those that match a pattern of one list and none of the other. In a pattern `*` stands
 * for any characters and `?` for one; everything else, upper and lower case too, for itself.
 */

/** Makes the test of an event's name. */
export function eventFilter(included: readonly string[], excluded: readonly string[]): (event: string) => boolean {
  const isIncluded = anyOf(included);
  const isExcluded = anyOf(excluded);
  return (event) => isIncluded(event) && !isExcluded(event);
}

function anyOf(patterns: readonly string[]): (event: string) => boolean {
  const tests = patterns.map((pattern) => {
    const source = pattern
      .replaceAll(/[.+^${}()|[\]\\]/gu, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".");
    return new RegExp(`^${source}$`, "u");
  });
  return (event) => tests.some((test) => test.test(event));
}
