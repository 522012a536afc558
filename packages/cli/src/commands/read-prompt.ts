/**
 * Owns where the prompt of `run` comes from: the words of the command line, standard input, or both (what stands there is
 * added below the words).
 */
import type { App } from "../app.ts";
import type { Input } from "../io.ts";
import { usageError } from "../usage-error.ts";

/** Some programs start others with a pipe that they neither fill nor close; a prompt in the arguments then goes on alone. */
const SILENT_PIPE_MS = 2000;
/** More than any model takes, and not yet more than a machine has. */
const MAX_STDIN_MB = 32;
const NOTHING = Symbol("nothing came");

/** The prompt. A last word "-" waits for standard input without a limit. @throws AmplifierError `usage` when there is none */
export async function readPrompt(app: App): Promise<string> {
  const waits = app.args.words.at(-1) === "-";
  const words = (waits ? app.args.words.slice(0, -1) : app.args.words).join(" ").trim();
  const { stdin } = app.io;
  if (stdin.isTTY === true && !waits) {
    if (words !== "") return words;
    throw usageError('No prompt: write it after the command (amplifier-ts run "..."), or pipe it in.');
  }
  const piped = await readAll(stdin, { app, mayGiveUp: words !== "" && !waits });
  if (piped === NOTHING) {
    app.output.error(
      'Nothing came on standard input for 2 s: going on without it (add "-" after the prompt to wait for it).',
    );
    return words;
  }
  const prompt = [words, piped.trim()].filter((part) => part !== "").join("\n\n");
  if (prompt === "") throw usageError("The prompt on standard input is empty.");
  return prompt;
}

function readAll(
  stdin: Input,
  { app, mayGiveUp }: { readonly app: App; readonly mayGiveUp: boolean },
): Promise<string | typeof NOTHING> {
  return new Promise((resolve, reject) => {
    let text = "";
    let bytes = 0;
    const finish = (end: () => void): void => {
      cancelTimer?.();
      app.stopping.removeEventListener("abort", onStop);
      stdin.removeAllListeners("data").removeAllListeners("end").removeAllListeners("error").pause();
      end();
    };
    const onStop = (): void => finish(() => reject(app.stopping.reason as Error));
    const cancelTimer = mayGiveUp ? app.io.clock.schedule(() => finish(() => resolve(NOTHING)), SILENT_PIPE_MS) : null;
    stdin.setEncoding("utf8");
    stdin.on("data", (part: string) => {
      cancelTimer?.();
      bytes += Buffer.byteLength(part);
      if (bytes > MAX_STDIN_MB * 1024 * 1024) return finish(() => reject(tooLarge()));
      text += part;
    });
    stdin.on("end", () => finish(() => resolve(text)));
    stdin.on("error", (error: NodeJS.ErrnoException) => {
      // A closed descriptor (`<&-`) is as good as an empty one.
      finish(() => (error.code === "EBADF" ? resolve("") : reject(error)));
    });
    app.stopping.addEventListener("abort", onStop, { once: true });
    if (app.stopping.aborted) onStop();
  });
}

function tooLarge(): Error {
  const limit = `${String(MAX_STDIN_MB)} MB`;
  return usageError(
    `Standard input is larger than ${limit}. Give the agent the name of a file instead, or a part of it.`,
  );
}
