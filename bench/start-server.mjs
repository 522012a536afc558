/**
 * Owns the server process: started on a free port, asked for the stamps of a run, stopped with the bench.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("server/main.mjs", import.meta.url));

/**
 * Resolves with `{ base, take, stop }`: the address, `take(run)` for a run's records (they are forgotten then), and the
 * end of the process.
 */
export async function startServer() {
  const child = fork(program, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const next = () =>
    new Promise((resolve, reject) => {
      const onExit = () => reject(new Error("The bench's server process has died."));
      child.once("exit", onExit);
      child.once("message", (message) => {
        child.off("exit", onExit);
        resolve(message);
      });
    });
  const { port } = await next();
  return {
    base: `http://127.0.0.1:${port}`,
    take: async (run) => {
      const answer = next();
      child.send({ take: run });
      return (await answer).records;
    },
    stop: () => child.kill(),
  };
}
