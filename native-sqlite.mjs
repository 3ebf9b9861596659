/**
 * Gets SQLite's native module where npm left none: `node native-sqlite.mjs <target file>`. npm 12 runs no install
 * scripts unasked, an installation may be read-only, and each major version of Node needs a module of its own; so this
 * lets the user's own npm, with its proxies and certificates, install better-sqlite3 aside, by its prebuilt binary or
 * with the compiler, and keeps the one file of it. What it does is written to `<folder of the target>/log`.
 */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The folder whose `include/node` came with this very Node; undefined when there is none. */
export function ownHeaders() {
  const prefix = dirname(dirname(process.execPath));
  const header = join(prefix, "include", "node", "node_version.h");
  if (!existsSync(header)) return undefined;
  const text = readFileSync(header, "utf8");
  const version = ["MAJOR", "MINOR", "PATCH"].map((part) => new RegExp(`NODE_${part}_VERSION (\\d+)`).exec(text)?.[1]);
  return `v${version.join(".")}` === process.version ? prefix : undefined;
}

/** For the compiler: Node 24.19 and newer need `object-wrap.h`, which says why. */
export function compilerSettings() {
  if (Number(process.versions.node.split(".")[0]) < 24 || process.platform === "win32") return {};
  const header = fileURLToPath(new URL("object-wrap.h", import.meta.url));
  return { CXXFLAGS: `${process.env.CXXFLAGS ?? ""} -include "${header}"` };
}

export function isLoadable(file) {
  return spawnSync(process.execPath, ["-e", "require(process.argv[1])", file], { stdio: "ignore" }).status === 0;
}

const staleMs = 15 * 60_000;

function isHeld(lock) {
  try {
    process.kill(Number(readFileSync(lock, "utf8")), 0);
    return Date.now() - statSync(lock).mtimeMs < staleMs;
  } catch {
    return false;
  }
}

/** One at a time: every window of every client may start at once. */
async function hold(lock) {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (isHeld(lock)) await pause(200);
      else rmSync(lock, { force: true });
    }
  }
}

/** What npm was itself started for (`npx`, `npm install --global`) is not meant here, and a compiler needs no secrets. */
const isKeptBack = (name) =>
  /^npm_(lifecycle|package|command|config_(global|location|prefix|local_prefix|package|call|omit)$)/i.test(name) ||
  /^CAMBIUM_|_API_KEY$/.test(name);

function install(target) {
  const folder = dirname(target);
  const aside = join(folder, "getting");
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside);
  writeFileSync(join(aside, "package.json"), JSON.stringify({ allowScripts: { "better-sqlite3": true } }));
  const { optionalDependencies } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
  const wanted = `better-sqlite3@${optionalDependencies["better-sqlite3"]}`;
  const log = openSync(join(folder, "log"), "w", 0o600);
  const headers = ownHeaders();
  const inherited = Object.entries(process.env).filter(([name]) => !isKeptBack(name));
  const pathName = inherited.find(([name]) => /^path$/i.test(name))?.[0] ?? "PATH";
  const env = Object.fromEntries(inherited);
  // The module must fit the Node that runs this, which need not be the first one in the path.
  env[pathName] = [dirname(process.execPath), env[pathName] ?? ""].join(delimiter);
  // The second name is that of newer versions of node-gyp.
  if (headers !== undefined) Object.assign(env, { npm_config_nodedir: headers, npm_package_config_node_gyp_nodedir: headers });
  Object.assign(env, compilerSettings());
  const flags = ["--no-save", "--no-audit", "--no-fund", "--foreground-scripts", "--ignore-scripts=false"];
  const { status, error } = spawnSync(
    "npm",
    ["install", ...flags, "--prefix", aside, wanted],
    { cwd: aside, env, stdio: ["ignore", log, log], shell: process.platform === "win32", windowsHide: true },
  );
  const made = join(aside, "node_modules", "better-sqlite3", "build", "Release", "better_sqlite3.node");
  if (error !== undefined) writeFileSync(log, `npm could not be started: ${error.message}\n`);
  else if (status === 0 && isLoadable(made)) renameSync(made, target);
  rmSync(aside, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = process.argv[2];
  const lock = join(dirname(target), "lock");
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  await hold(lock);
  try {
    if (!isLoadable(target)) install(target);
  } finally {
    rmSync(lock, { force: true });
  }
  process.exitCode = existsSync(target) ? 0 : 75;
}
