/**
 * `npm run publint`: checks what each package would publish, as npm would pack it. Every message is an error: these
 * packages have no consumers yet whose habits would excuse one.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths.mjs";
import { makeReady } from "./ready.mjs";

await makeReady();
const { publint } = await import("publint");
const { formatMessage } = await import("publint/utils");
const folders = readdirSync(join(root, "packages"));
let problems = 0;
for (const folder of folders) {
  const pkgDir = join(root, "packages", folder);
  const manifest = JSON.parse(readFileSync(join(pkgDir, "package.json"), "utf8"));
  if (manifest.private) continue;
  const { messages } = await publint({ pkgDir, strict: true, pack: "npm" });
  for (const message of messages)
    console.error(`${manifest.name}: ${formatMessage(message, manifest, { color: false })}`);
  problems += messages.length;
}
console.log(`publint: ${folders.length} packages, ${problems} problems`);
process.exitCode = problems > 0 || folders.length === 0 ? 1 : 0;
