/**
 * How the scripts end early: one line on stderr that says what failed and what to do, and a non-zero exit code.
 * stdout belongs to the program that is being started, so nothing here writes to it.
 */

/** Ends the process with code 1 after one line on stderr; line breaks in `message` become spaces. */
export function fail(message) {
  process.stderr.write(`${message.replace(/\s*[\r\n]+\s*/g, " ")}\n`);
  process.exit(1);
}

/** One line of progress on stderr. */
export function say(message) {
  process.stderr.write(`${message}\n`);
}
