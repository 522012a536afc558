/**
 * Builds what is run: each entry of a package (its `exports` and `bin`) as one file, with what several entries share in
 * files of its own, so that nothing exists twice. Node pays for every file it loads, more than for what is in it.
 * Only a package's own sources go in; all that its package.json depends on stays an import. Types are the compiler's
 * business: sources are taken as they are, their types erased. Run by build.mjs, which reads the errors printed here.
 */
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "rolldown";
import { root } from "./paths.mjs";

const packagesFolder = join(root, "packages");

/** What a line that tells of a mistake in the sources begins with. */
const ERROR = "bundle error: ";

async function bundlePackage(name) {
  const folder = join(packagesFolder, name);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const dist = join(folder, "dist");
  const input = entriesOf(manifest, folder);
  if (Object.keys(input).length === 0) return;
  const { output } = await build({
    input,
    // What imports a package decides where it runs; nothing is replaced by something of Node's or of a browser's.
    platform: "neutral",
    tsconfig: false,
    transform: { target: "es2022" },
    // An entry that another entry imports is that file, and not a second name for a third.
    preserveEntrySignatures: "allow-extension",
    plugins: [keepDependencies(manifest)],
    logLevel: "silent",
    output: {
      dir: dist,
      format: "esm",
      sourcemap: true,
      sourcemapExcludeSources: true,
      entryFileNames: "[name].js",
      // At the top, as deep as a source beside its package.json: `../package.json` is the same from both.
      chunkFileNames: "[name].js",
    },
  });
  removeOthers(dist, new Set(output.map(({ fileName }) => join(dist, fileName))));
}

/** Names of outputs in `dist`, without their ending, and the sources they come from. */
function entriesOf({ exports = {}, bin = {} }, folder) {
  const outputs = [...targets(exports), ...targets(bin)].filter((path) => path.endsWith(".js"));
  const names = outputs.map((path) => path.slice("./dist/".length, -".js".length));
  return Object.fromEntries(names.map((name) => [name, join(folder, "src", `${name}.ts`)]));
}

/** All paths in an `exports` or `bin` field, whatever conditions lead to them. */
function targets(value) {
  return typeof value === "string" ? [value] : Object.values(value).flatMap(targets);
}

function keepDependencies({ name, dependencies, peerDependencies }) {
  const listed = Object.keys({ ...dependencies, ...peerDependencies });
  const isKept = (id) => id.startsWith("node:") || listed.some((each) => id === each || id.startsWith(`${each}/`));
  return {
    name: "keep-dependencies",
    resolveId: {
      filter: { id: /^[^./\\]/ },
      handler(id, importer) {
        if (importer === undefined) return null;
        if (!isKept(id)) this.error(`${importer} imports ${id}, which the package.json of ${name} does not depend on`);
        return { id, external: true };
      },
    },
  };
}

/** What an earlier build wrote and this one did not would stay importable, and be published. */
function removeOthers(dist, written) {
  for (const file of readdirSync(dist, { recursive: true })) {
    if (/\.js(\.map)?$/.test(file) && !written.has(join(dist, file))) rmSync(join(dist, file), { force: true });
  }
}

const results = await Promise.allSettled(readdirSync(packagesFolder).map(bundlePackage));
for (const { reason } of results.filter(({ status }) => status === "rejected")) {
  console.error(ERROR + String(reason.message).replaceAll("\n", " "));
  process.exitCode = 1;
}
