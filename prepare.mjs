/**
 * Makes a checkout ready to run, on `npm ci`: the native SQLite module, then dist/. npm 11 runs no install script
 * that package.json does not allow, and where the prebuilt binary cannot be downloaded node-gyp would want to
 * download Node's headers too; most installations of Node have them already, and this uses those.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const folder = dirname(require.resolve("better-sqlite3/package.json"));

function isLoadable() {
  try {
    execFileSync(process.execPath, ["-e", "new (require('better-sqlite3'))(':memory:')"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** The headers that came with this very Node, as an argument for node-gyp; none when they are not there. */
function ownHeaders() {
  const prefix = dirname(dirname(process.execPath));
  const header = join(prefix, "include", "node", "node_version.h");
  if (!existsSync(header)) return [];
  const text = readFileSync(header, "utf8");
  const version = ["MAJOR", "MINOR", "PATCH"].map((part) => new RegExp(`NODE_${part}_VERSION (\\d+)`).exec(text)?.[1]);
  return `v${version.join(".")}` === process.version ? [`--nodedir=${prefix}`] : [];
}

function runNode(script, args) {
  execFileSync(process.execPath, [script, ...args], { cwd: folder, stdio: "inherit" });
}

function buildNative() {
  try {
    runNode(require.resolve("prebuild-install/bin.js", { paths: [folder] }), []);
  } catch {
    const nodeGyp = process.env.npm_config_node_gyp ?? require.resolve("node-gyp/bin/node-gyp.js");
    runNode(nodeGyp, ["rebuild", "--release", ...ownHeaders()]);
  }
  if (!isLoadable()) throw new Error("better-sqlite3 was built but does not load; run `npm run prepare` to see why.");
}

if (!isLoadable()) buildNative();
execFileSync("npm", ["run", "build"], { stdio: "inherit", shell: process.platform === "win32" });
