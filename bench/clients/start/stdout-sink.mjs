/**
 * Owns a consumer that shows the text as it comes.
 */

/** Takes one answer and writes its text to stdout. */
export class StdoutSink {
  input = "";

  text(piece) {
    process.stdout.write(piece);
  }

  toolInput() {}
}
