/**
 * Owns the rules of questions to the person.
 */
import type { Event } from "amplifier-core";
import { at, missing, perTurn, type Rule } from "./violation.ts";

/** Each `approval:required` is followed by its `approval:granted` or `approval:denied`, with one question open at a time. */
export const questionsAreAnsweredOneByOne: Rule = perTurn((turn) => {
  let open: Extract<Event, { type: "approval:required" }> | null = null;
  const findings = turn.flatMap((event) => {
    if (event.type === "approval:required") {
      const before = open;
      open = event;
      return before === null ? [] : [at(event, `is asked while "${before.data.prompt}" is open`)];
    }
    if (event.type !== "approval:granted" && event.type !== "approval:denied") return [];
    const asked = open;
    open = null;
    const fits =
      asked !== null && asked.data.prompt === event.data.prompt && asked.data.hook_name === event.data.hook_name;
    return fits ? [] : [at(event, `"${event.data.prompt}" was not the open question`)];
  });
  return open === null ? findings : [...findings, missing("a question has no answer")];
});
