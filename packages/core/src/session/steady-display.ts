/**
 * Owns that a display which fails breaks nothing: whoever shows a message goes on, and the message and the failure are shown
 * elsewhere.
 */
import { errorInfo } from "../errors/error-info.ts";
import type { DisplaySystem } from "../ports/approval-system.ts";

/** Shows messages on `display`, at once; never throws. What `display` throws or rejects with is shown by `instead`. */
export function steadyDisplay(display: DisplaySystem, instead: DisplaySystem): DisplaySystem {
  return {
    showMessage(message, level, source) {
      // One written in plain JavaScript may be async, and its rejection nobody's.
      const showing = (async (): Promise<unknown> => display.showMessage(message, level, source))();
      showing.catch((error: unknown) => {
        instead.showMessage(message, level, source);
        instead.showMessage(`The display could not show a message: ${errorInfo(error).msg}`, "warning", "session");
      });
    },
  };
}
