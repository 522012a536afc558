/**
 * Owns what every contender's consumer does with an answer: gather the text, gather the tool input. Scenarios replace
 * single methods. A consumer that wants to be slow sets `waiting`; contenders await it before they read on.
 */
import { fingerprint } from "../wire/tokens.mjs";

/** Takes one answer. */
export class Sink {
  said = "";
  input = "";
  /** Set while the consumer wants nothing. */
  waiting;

  /** A piece of text. */
  text(piece) {
    this.said += piece;
  }

  /** A piece of a tool call's JSON. */
  toolInput(piece) {
    this.input += piece;
  }

  /** The tool may run: its whole input is known. May return the tool's result. */
  toolCalled(_input) {
    return "ok";
  }

  /** Length and hash of the text. */
  fingerprint() {
    return fingerprint(this.said);
  }
}
