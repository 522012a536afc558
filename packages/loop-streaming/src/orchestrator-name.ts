/**
 * Owns the name under which this orchestrator appears in plans and events.
 */

/** The id of the module, as upstream. */
export const ORCHESTRATOR = "loop-streaming";
