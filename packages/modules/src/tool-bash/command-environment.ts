/**
 * Owns which environment variables a command sees: all but API keys. A command's output goes to the model's provider and
 * into the log, and `env` must not put the keys of other providers there. It is a guard against accidents, no sandbox.
 */

const SECRET = /_API_KEY$/i;

/** A copy of `environment` without variables that end in `_API_KEY`, except those named in `keep`. */
export function commandEnvironment(environment: NodeJS.ProcessEnv, keep: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => keep.includes(name) || !SECRET.test(name)));
}
