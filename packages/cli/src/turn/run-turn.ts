/**
 * Owns one turn from prompt to exit code: its events go to the view, Ctrl-C stops it (first graceful, then at once), and
 * its end is told in at most a line each: the error, the limit, the numbers.
 */
import type { CallOptions, Session } from "amplifier-core";
import type { App } from "../app.ts";
import { describeFailure } from "../describe-failure.ts";
import { EXIT, exitCodeOf, type ExitCode } from "../exit-codes.ts";
import { BrokenPipe } from "../terminal/output.ts";
import { TurnMeter } from "./turn-meter.ts";
import type { TurnView } from "./turn-view.ts";

/** What one turn needs. */
export interface TurnRun {
  readonly session: Pick<Session, "stream" | "cancel" | "lastTurn">;
  readonly prompt: string;
  /** For this turn's model calls. */
  readonly options?: CallOptions;
  readonly view: TurnView;
}

/** Runs the turn; resolves with the exit code it would give the program, and never rejects because of the turn. */
export async function runTurn(app: App, { session, prompt, options, view }: TurnRun): Promise<ExitCode> {
  const { output } = app;
  const meter = new TurnMeter(app.io.clock);
  const release = stopOnRequest(app, session);
  let exitCode: ExitCode | null = null;
  try {
    for await (const event of session.stream(prompt, options)) {
      meter.watch(event);
      if (event.type === "approval:required") app.announcements.announce();
      await view.show(event);
    }
    await view.end();
  } catch (error) {
    exitCode = await report(error, { app, view });
  } finally {
    release();
  }
  // An error has said which limit it was.
  const limit = exitCode === null ? meter.limitNotice() : null;
  if (limit !== null) output.error(limit);
  const empty = exitCode === null ? meter.emptyNotice() : null;
  if (empty !== null) output.note(empty);
  if (exitCode !== EXIT.brokenPipe) output.note(output.style.dim(meter.summary()));
  return exitCode ?? exitCodeOf(session.lastTurn?.status ?? "error");
}

async function report(
  error: unknown,
  { app, view }: { readonly app: App; readonly view: TurnView },
): Promise<ExitCode> {
  const { broken } = app.output;
  // What came before the error is an answer too, and the error starts on a line of its own.
  try {
    await view.end();
  } catch (lost) {
    if (!broken.aborted) throw lost;
  }
  if (broken.reason instanceof BrokenPipe) return EXIT.brokenPipe;
  const { line, exitCode } = describeFailure(broken.aborted ? broken.reason : error, { debug: app.args.debug });
  app.output.error(app.output.style.red(`error: ${line}`));
  return exitCode;
}

function stopOnRequest(app: App, session: Pick<Session, "cancel">): () => void {
  const { output, interrupts } = app;
  const stopAtOnce = (): void => session.cancel("immediate");
  const releaseInterrupts = interrupts.handle((count) => {
    if (count === 1) {
      session.cancel("graceful");
      output.note(output.style.dim("Stopping; Ctrl-C again stops at once."));
    } else if (count === 2) stopAtOnce();
    else app.leaveNow(EXIT.interrupted);
  });
  const wishes = [output.broken, app.stopping];
  for (const wish of wishes) wish.addEventListener("abort", stopAtOnce, { once: true });
  return () => {
    releaseInterrupts();
    for (const wish of wishes) wish.removeEventListener("abort", stopAtOnce);
  };
}
