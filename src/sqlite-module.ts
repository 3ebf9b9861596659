/**
 * Where SQLite's native module for this Node is: beside better-sqlite3, where npm put it; in `native/` of this package,
 * where a bundle brings it; in `native/` of the data folder, where it is got once when neither has one that loads.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CambiumError } from "./errors.ts";

const load = createRequire(import.meta.url);

/** Says what it fits: several versions of Node may share a data folder. */
export const moduleName = `sqlite-${process.platform}-${process.arch}-${process.versions.modules}.node`;
const target = (home: string) => join(home, "native", moduleName);

let found: string | undefined;

/** The module that loads, looked for once; undefined when there is none. */
export function sqliteModule(home?: string): string | undefined {
  found ??= firstThatLoads(candidates(home));
  return found;
}

function* candidates(home: string | undefined): Generator<string> {
  try {
    const installed = dirname(load.resolve("better-sqlite3/package.json"));
    yield join(installed, "build", "Release", "better_sqlite3.node");
  } catch {
    // npm leaves an optional package out when it cannot be built.
  }
  yield join(packageFolder, "native", moduleName);
  if (home !== undefined) yield target(home);
}

function firstThatLoads(paths: Iterable<string>): string | undefined {
  for (const path of paths) {
    try {
      if (!existsSync(path)) continue;
      load(path);
      return path;
    } catch {
      // Made for another Node.
    }
  }
  return undefined;
}

/** `dist/parts/`, `dist/` and `src/` are all below it. Looked for once: an update may take it away from a running server. */
const packageFolder = nearestPackage(dirname(fileURLToPath(import.meta.url)));

function nearestPackage(folder: string): string {
  const above = dirname(folder);
  return above === folder || existsSync(join(folder, "package.json")) ? folder : nearestPackage(above);
}

/**
 * Sees to it that SQLite can be loaded; `note` is told before anything is got. Throws `unavailable` where that takes
 * longer than allowed (what was begun goes on), and where neither the network nor a compiler is there.
 */
export async function provideSqlite(
  home: string,
  note: (line: string) => void,
  waitMs?: number,
): Promise<void> {
  if (sqliteModule(home) !== undefined) return;
  note(
    `SQLite's native module for Node ${process.version} is not here. Getting it, once: npm downloads it, or compiles it in a few minutes.`,
  );
  await got(target(home), waitMs);
  if (sqliteModule(home) !== undefined) return;
  const what = `SQLite's native module for Node ${process.version} could not be got.`;
  throw new CambiumError("unavailable", `${what} ${remedyFor(home)}`);
}

/** What to do about a module that is missing. */
export function remedyFor(home: string): string {
  return (
    "Getting it needs npm, and either github.com (or a mirror: npm's `better_sqlite3_binary_host`) or a C++ compiler " +
    `with make and Python. ${lastError(join(home, "native", "log"))}See to that and run \`cambium repos\`. A machine without ` +
    `them can be given ${target(home)} from another one of its kind with the same major version of Node.`
  );
}

/** Of the last try, where there was one. */
function lastError(log: string): string {
  if (!existsSync(log)) return "";
  const telling = /gyp ERR! (stack|find)|npm error code|could not be started/;
  const line = readFileSync(log, "utf8")
    .split("\n")
    .findLast((one) => telling.test(one));
  return `${line === undefined ? "" : `The last try said: ${line.trim()}. `}All that it said is in ${log}. `;
}

/** It goes on when this process ends, so that a client that stops its server early finds it done the next time. */
function got(file: string, waitMs: number | undefined): Promise<void> {
  const script = join(packageFolder, "native-sqlite.mjs");
  const child = spawn(process.execPath, [script, file], {
    detached: true,
    stdio: "ignore",
    windowsHide: true,
  });
  return new Promise((resolve, reject) => {
    const late = () => {
      child.unref();
      const text = `SQLite's native module for Node ${process.version} is still being got, as this is the first start with it. Try again in a minute.`;
      reject(new CambiumError("unavailable", text));
    };
    const timer = waitMs === undefined ? undefined : setTimeout(late, waitMs);
    child.once("error", reject);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
