/**
 * Makes a checkout ready to run, on `npm ci`: the native SQLite module, then dist/. npm 11 runs no install script
 * that package.json does not allow, and where the prebuilt binary cannot be downloaded node-gyp would want to
 * download Node's headers too; most installations of Node have them already, and this uses those.
 */
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { compilerSettings, isLoadable, ownHeaders } from "./native-sqlite.mjs";

const require = createRequire(import.meta.url);
const folder = dirname(require.resolve("better-sqlite3/package.json"));

const built = join(folder, "build", "Release", "better_sqlite3.node");

function runNode(script, args) {
  execFileSync(process.execPath, [script, ...args], { cwd: folder, stdio: "inherit", env: { ...process.env, ...compilerSettings() } });
}

function buildNative() {
  try {
    runNode(require.resolve("prebuild-install/bin.js", { paths: [folder] }), []);
  } catch {
    const headers = ownHeaders();
    const nodeGyp = process.env.npm_config_node_gyp ?? require.resolve("node-gyp/bin/node-gyp.js");
    runNode(nodeGyp, ["rebuild", "--release", ...(headers === undefined ? [] : [`--nodedir=${headers}`])]);
  }
  if (!isLoadable(built)) throw new Error("better-sqlite3 was built but does not load; run `npm run prepare` to see why.");
}

if (!isLoadable(built)) buildNative();
execFileSync("npm", ["run", "build"], { stdio: "inherit", shell: process.platform === "win32" });
