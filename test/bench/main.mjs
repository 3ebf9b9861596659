/**
 * Benchmarks, as ratios in the same run. Prints one JSON line a measure: name, value, unit, ratio, against.
 * Usage: npm run bench -- --corpus <folder> [--queries N] [--skip-parse] [--queue]
 * `--queue` adds the benchmarks of the queue (`queue.mjs`), two minutes and a Redis at 127.0.0.1:6379
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureDoor } from "./door.mjs";
import { watchMemory } from "./memory.mjs";
import { runAside } from "./run-aside.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values: flags } = parseArgs({
  options: {
    corpus: { type: "string", default: join(here, "..", "..") },
    queries: { type: "string", default: "200" },
    "skip-parse": { type: "boolean", default: false },
    queue: { type: "boolean", default: false },
  },
});
const corpus = realpathSync(flags.corpus);
const home = mkdtempSync(join(tmpdir(), "cambium-bench-"));
const cambium = join(here, "..", "..", "dist", "main.js");
const env = { ...process.env, CAMBIUM_HOME: home };

const print = (name, value, unit, ratio = null, against = null) =>
  process.stdout.write(
    `${JSON.stringify({ name, value: round(value), unit, ratio: ratio && round(ratio), against })}\n`,
  );
const round = (number) => Number(number.toPrecision(4));
const folderBytes = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);

async function index() {
  const began = performance.now();
  const { status, stdout, stderr } = await runAside([cambium, "index", corpus, "--wait", "--json"], env);
  if (status !== 0) throw new Error(`index failed: ${stderr}`);
  return { seconds: (performance.now() - began) / 1000, ...pick(JSON.parse(stdout)) };
}
const pick = ({ files, files_skipped, bytes, symbols, references, chunks, reused }) => ({
  counts: { files, files_skipped, bytes, symbols, references, chunks, reused },
});

try {
  const parse = flags["skip-parse"]
    ? undefined
    : JSON.parse((await runAside([join(here, "pure-parse.mjs"), corpus], env)).stdout);
  if (parse) print("pure_parse_one_core", parse.seconds, "s");
  const memory = watchMemory(home);
  const cold = await index();
  const peak = memory.stop();
  const versus = parse ? [cold.seconds / parse.seconds, "pure parse with web-tree-sitter on one core"] : [];
  print("cold_index", cold.seconds, "s", ...versus);
  for (const [name, value] of Object.entries(cold.counts))
    print(`cold_index_${name}`, value, name === "bytes" ? "bytes" : "count");
  print("peak_memory_all_processes", peak / 1e6, "MB");
  const again = await index();
  print("no_change_index", again.seconds, "s", again.seconds / cold.seconds, "cold index");
  await measureDoor({ cambium, corpus, env, queries: Number(flags.queries), print });
  const size = folderBytes(join(home, "index"));
  print("index_size", size / 1e6, "MB", size / cold.counts.bytes, "indexed source");
} finally {
  stopWorker();
  rmSync(home, { recursive: true, force: true });
}

if (flags.queue) spawnSync(process.execPath, [join(here, "queue.mjs")], { stdio: "inherit" });

/** The detached worker of the throw-away data folder is ended before the folder goes. */
function stopWorker() {
  const { stdout } = spawnSync("pgrep", ["-f", "dist/main.js worker"], { encoding: "utf8" });
  for (const pid of stdout.split("\n").filter(Boolean)) {
    const { stdout: carried } = spawnSync("cat", [`/proc/${pid}/environ`], { encoding: "latin1" });
    if (carried.includes(`CAMBIUM_HOME=${home}`)) process.kill(Number(pid), "SIGTERM");
  }
}
