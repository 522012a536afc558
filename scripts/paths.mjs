/**
 * Where things lie in the repository. Every path is absolute, so that the scripts work from any folder; no other
 * script works a path out from its own place.
 */
import { fileURLToPath } from "node:url";
import { join } from "node:path";

/** The repository's folder. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** Stamps, locks and logs of the scripts; ignored by git. */
export const cacheFolder = join(root, ".cache");
