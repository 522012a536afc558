/**
 * What `npm start` does with a folder that an earlier start left half done. The real scripts run in a small copy of
 * the repository, with an npm, a compiler and a bundler of a few lines; a file named `hold` keeps that npm at work.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { root } from "./repository/paths.ts";

const installing = "Installing the dependencies (needed once; about a minute) ...\n";
const building = "Building ...\n";
const installed = {
  "node_modules/typescript": { version: "1.0.0" },
  "node_modules/rolldown": { version: "1.0.0" },
};
const lock = { packages: { "": {}, ...installed } };

const npm = `
import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
appendFileSync("calls", process.pid + "\\n");
while (existsSync("hold")) await new Promise((resolve) => setTimeout(resolve, 10));
if (existsSync("fail")) {
  rmSync("fail");
  console.error("npm error code ENOTEMPTY\\nnpm error syscall rmdir");
  process.exit(1);
}
mkdirSync("node_modules/typescript/bin", { recursive: true });
writeFileSync("node_modules/typescript/package.json", "{}");
writeFileSync("node_modules/typescript/bin/tsc", ${JSON.stringify(`
const fs = require("node:fs");
fs.mkdirSync("packages/cli/dist", { recursive: true });
fs.writeFileSync("packages/cli/dist/main.d.ts", "export {};");
`)});
mkdirSync("node_modules/rolldown", { recursive: true });
writeFileSync("node_modules/rolldown/package.json", '{ "type": "module", "exports": "./index.js" }');
writeFileSync("node_modules/rolldown/index.js", ${JSON.stringify(`
import { existsSync, writeFileSync } from "node:fs";
export async function build({ input, output }) {
  if (existsSync("mistake")) throw new Error("Build failed with 1 error:\\nmain.ts imports lodash");
  const names = Object.keys(input).map((name) => name + ".js");
  for (const name of names) writeFileSync(output.dir + "/" + name, "console.log('started');");
  return { output: names.map((fileName) => ({ fileName })) };
}
`)});
writeFileSync("node_modules/.package-lock.json", ${JSON.stringify(JSON.stringify({ packages: installed }))});
`;

let folder: string;
let started: ChildProcess[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "start-scripts-"));
  started = [];
  await cp(join(root, "scripts"), join(folder, "scripts"), { recursive: true });
  await mkdir(join(folder, "packages/cli/src"), { recursive: true });
  await writeFile(join(folder, "packages/cli/src/main.ts"), "");
  await writeFile(join(folder, "packages/cli/package.json"), '{ "name": "cli", "bin": { "cli": "./dist/main.js" } }');
  await writeFile(join(folder, "package-lock.json"), JSON.stringify(lock));
  for (const name of ["tsconfig.json", "tsconfig.base.json"]) await writeFile(join(folder, name), "{}");
  await writeFile(join(folder, "npm-cli.mjs"), npm);
});

afterEach(async () => {
  await rm(join(folder, "hold"), { force: true });
  for (const child of started) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

function start() {
  const env = { ...process.env, npm_execpath: join(folder, "npm-cli.mjs") };
  const child = spawn(process.execPath, [join(folder, "scripts/start.mjs")], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  let text = "";
  child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<{ code: number | null; text: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, text }));
  });
  return { child, ended, text: () => text };
}

/** Process ids of the installers that ran, in order. */
async function installers(): Promise<readonly number[]> {
  const calls = await readFile(join(folder, "calls"), "utf8").catch(() => "");
  return calls.split("\n").filter(Boolean).map(Number);
}

async function startHeldInstall() {
  await writeFile(join(folder, "hold"), "");
  const held = start();
  const [installer] = await vi.waitFor(async () => {
    const ids = await installers();
    expect(ids).toHaveLength(1);
    return ids;
  }, 5000);
  return { ...held, installer: installer ?? 0 };
}

test("the first start installs and builds, the second does neither", async () => {
  expect(await start().ended).toEqual({ code: 0, text: `${installing}${building}started\n` });
  expect(await start().ended).toEqual({ code: 0, text: "started\n" });
});

test("packages that are gone are installed again, whatever the records in node_modules say", async () => {
  await start().ended;
  await rm(join(folder, "node_modules/typescript"), { recursive: true });
  expect(await start().ended).toEqual({ code: 0, text: `${installing}started\n` });
});

test.each(["main.js", "main.d.ts"])("a lost output file is built again: %s", async (file) => {
  await start().ended;
  await rm(join(folder, "packages/cli/dist", file));
  expect(await start().ended).toEqual({ code: 0, text: `${building}started\n` });
});

test("what an earlier build left and no source makes any more is removed", async () => {
  await start().ended;
  const dist = join(folder, "packages/cli/dist");
  for (const file of ["old.js", "old.d.ts", "sub/old.js", "sub/old.js.map"]) {
    await mkdir(join(dist, "sub"), { recursive: true });
    await writeFile(join(dist, file), "old");
  }
  await writeFile(join(folder, "packages/cli/src/main.ts"), "changed");
  expect(await start().ended).toEqual({ code: 0, text: `${building}started\n` });
  expect((await readdir(dist, { recursive: true })).toSorted()).toEqual(["main.d.ts", "main.js", "sub"]);
});

test("a mistake that the bundler finds is told in one line", async () => {
  await writeFile(join(folder, "mistake"), "");
  const log = join(folder, ".cache", "build-bundles.log");
  const line =
    "The build failed: bundle error: Build failed with 1 error: main.ts imports lodash (1 errors in all). " +
    `Fix it and start again; full log: ${log}\n`;
  expect(await start().ended).toEqual({ code: 1, text: `${installing}${building}${line}` });
});

test("leftovers that npm stumbles over are removed, and the install is tried once more", async () => {
  await mkdir(join(folder, "node_modules/leftover"), { recursive: true });
  await writeFile(join(folder, "fail"), "");
  const again = "Something was left in node_modules; emptying it and installing once more ...\n";
  expect(await start().ended).toEqual({ code: 0, text: `${installing}${again}${building}started\n` });
  expect(await readdir(join(folder, "node_modules"))).not.toContain("leftover");
});

test.each(["typescript/bin/tsc", "rolldown/index.js"])(
  "a tool that is not whole is installed anew by the next start: %s",
  async (tool) => {
    await start().ended;
    await rm(join(folder, "node_modules", tool));
    await rm(join(folder, "packages/cli/dist"), { recursive: true });
    const broken = await start().ended;
    expect(broken.code).toBe(1);
    expect(broken.text).toMatch(/The build did not run \(Error\b.*: Cannot find/);
    expect(await start().ended).toEqual({ code: 0, text: `${installing}${building}started\n` });
  },
);

test.skipIf(process.platform === "win32")(
  "a signal ends the installer with the start, and frees the lock",
  async () => {
    const { child, ended, installer } = await startHeldInstall();
    child.kill("SIGINT");
    expect(await ended).toEqual({ code: 130, text: installing });
    expect(() => process.kill(installer, 0)).toThrow("ESRCH");
    expect(await readdir(join(folder, ".cache"))).toEqual(["install.log"]);
  },
);

test.skipIf(process.platform === "win32")("a start waits for the installer of one that was killed", async () => {
  const { child, ended, installer } = await startHeldInstall();
  child.kill("SIGKILL");
  await ended;
  const next = start();
  const waiting = `Another start is installing or building here (process ${installer}); waiting for it.\n`;
  await vi.waitFor(() => expect(next.text()).toBe(waiting), 5000);
  await rm(join(folder, "hold"));
  expect(await next.ended).toEqual({ code: 0, text: `${waiting}${building}started\n` });
  expect(await installers()).toEqual([installer]);
});
