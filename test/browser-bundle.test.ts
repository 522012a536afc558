/**
 * The core and the loop run where there is no Node: they are bundled for a browser, and the bundle is run in a bare
 * realm that has the web's globals and nothing else.
 */
import { builtinModules } from "node:module";
import { createContext, runInContext } from "node:vm";
import { beforeAll, describe, expect, test } from "vitest";
import { build, type Plugin } from "vite";
import { root } from "./repository/paths.ts";

const entry = "virtual:everywhere";
const core = `${root}/packages/core/src/index.ts`;
const loop = `${root}/packages/loop-streaming/src/index.ts`;

/** Resolves the entry, and notes every builtin of Node that anything in the bundle asks for. */
function watchBuiltins(builtins: string[]): Plugin {
  return {
    name: "watch-builtins",
    enforce: "pre",
    resolveId(source, importer) {
      if (source === entry) return `\0${entry}`;
      if (source.startsWith("node:") || builtinModules.includes(source)) builtins.push(`${importer} -> ${source}`);
      return null;
    },
    load(id) {
      if (id !== `\0${entry}`) return null;
      return `export * as core from ${JSON.stringify(core)};\nexport * as loop from ${JSON.stringify(loop)};`;
    },
  };
}

async function bundle(): Promise<{ code: string; modules: string[]; builtins: string[] }> {
  const builtins: string[] = [];
  const result = await build({
    root,
    configFile: false,
    logLevel: "silent",
    resolve: { alias: [{ find: /^amplifier-core$/, replacement: core }] },
    plugins: [watchBuiltins(builtins)],
    build: {
      write: false,
      minify: false,
      target: "es2022",
      modulePreload: false,
      rolldownOptions: {
        input: entry,
        preserveEntrySignatures: "strict",
        output: { format: "iife", name: "everywhere" },
      },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  const chunks = outputs
    .flatMap((one) => ("output" in one ? one.output : []))
    .flatMap((chunk) => (chunk.type === "chunk" ? [chunk] : []));
  return {
    code: chunks.map(({ code }) => code).join("\n"),
    modules: chunks.flatMap(({ moduleIds }) => moduleIds),
    builtins,
  };
}

describe("the bundle for a browser", () => {
  let built: Awaited<ReturnType<typeof bundle>>;
  beforeAll(async () => {
    built = await bundle();
  }, 60_000);

  test("holds the core and the loop", () => {
    expect(built.modules).toContain(core);
    expect(built.modules).toContain(loop);
    expect(built.modules.length).toBeGreaterThan(20);
  });

  test("asks for no builtin of Node", () => {
    expect(built.builtins).toEqual([]);
    expect(built.code).not.toMatch(/__vite-browser-external|\brequire\(/);
  });

  test("runs in a realm without Node's globals, and mounts from there", () => {
    const web = { AbortController, AbortSignal, TextEncoder, TextDecoder, URL, ReadableStream, crypto, performance };
    const realm = createContext({ ...web, setTimeout, clearTimeout, queueMicrotask, structuredClone });
    runInContext(`${built.code}\n;globalThis.everywhere = everywhere;`, realm);
    expect(runInContext("typeof process + typeof Buffer + typeof require", realm)).toBe("undefined".repeat(3));
    expect(runInContext("typeof everywhere.core.createSession", realm)).toBe("function");
    expect(runInContext("typeof everywhere.loop.mount", realm)).toBe("function");
  });
});
