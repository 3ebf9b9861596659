/**
 * Benchmarks, as ratios in the same run. Prints one JSON line a measure: name, value, unit, ratio, against.
 * Usage: npm run bench -- --corpus <folder> [--queries N] [--rounds N] [--skip-parse] [--meaning] [--queue]
 * `--rounds` (3): parse and cold index take turns, each from nothing, and the round in the middle is what counts;
 * an index is compared with the mean of the parses before and after it
 * `--meaning` adds hybrid search with a provider that runs here (`meaning.mjs`).
 * `--queue` adds the benchmarks of the queue (`queue.mjs`), two minutes and a Redis at 127.0.0.1:6379
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureDoor } from "./door.mjs";
import { measureMeaning } from "./meaning.mjs";
import { watchMemory } from "./memory.mjs";
import { processesWith } from "./processes.mjs";
import { runAside } from "./run-aside.mjs";
import { measureStages } from "./stages.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values: flags } = parseArgs({
  options: {
    corpus: { type: "string", default: join(here, "..", "..") },
    queries: { type: "string", default: "200" },
    rounds: { type: "string", default: "3" },
    "skip-parse": { type: "boolean", default: false },
    meaning: { type: "boolean", default: false },
    queue: { type: "boolean", default: false },
  },
});
const corpus = realpathSync(flags.corpus);
const cambium = join(here, "..", "..", "dist", "main.js");
const home = mkdtempSync(join(tmpdir(), "cambium-bench-"));
const inHome = (name) => ({ ...process.env, CAMBIUM_HOME: join(home, name) });

const print = (name, value, unit, ratio = null, against = null) =>
  process.stdout.write(
    `${JSON.stringify({ name, value: short(value), unit, ratio: ratio && short(ratio), against })}\n`,
  );
const short = (number) => Number(number.toPrecision(4));
const folderBytes = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);

async function index(env) {
  const began = performance.now();
  const { status, stdout, stderr } = await runAside([cambium, "index", corpus, "--wait", "--json"], env);
  if (status !== 0) throw new Error(`index failed: ${stderr}`);
  return { seconds: (performance.now() - began) / 1000, ...pick(JSON.parse(stdout)) };
}

const parse = async () =>
  flags["skip-parse"]
    ? undefined
    : JSON.parse((await runAside([join(here, "pure-parse.mjs"), corpus], process.env)).stdout).seconds;

/** Indexes between two parses, all from nothing: a machine that grows faster or slower meanwhile does so for both. */
async function round(env, before) {
  const memory = watchMemory(env.CAMBIUM_HOME);
  const cold = await index(env);
  const peak = memory.stop();
  await stopWorkers();
  const after = await parse();
  const parsed = after && (before + after) / 2;
  return { parsed, after, cold, peak, ratio: cold.seconds / (parsed ?? 1), env };
}
const pick = ({ files, files_skipped, bytes, symbols, references, chunks, reused }) => ({
  counts: { files, files_skipped, bytes, symbols, references, chunks, reused },
});

try {
  const rounds = [];
  let before = await parse();
  for (let at = 1; at <= Number(flags.rounds); at++) {
    const one = await round(inHome(`round-${at}`), before);
    rounds.push(one);
    before = one.after;
  }
  rounds.sort((a, b) => a.ratio - b.ratio);
  const { parsed, cold, env, ratio } = rounds[rounds.length >> 1];
  const peak = Math.max(...rounds.map((one) => one.peak));
  if (parsed) print("pure_parse_one_core", parsed, "s");
  const versus = parsed ? [ratio, "pure parse with web-tree-sitter on one core"] : [];
  print("cold_index", cold.seconds, "s", ...versus);
  if (parsed) for (const one of rounds) print("cold_index_ratio_of_each_round", one.ratio, "x");
  for (const [name, value] of Object.entries(cold.counts))
    print(`cold_index_${name}`, value, name === "bytes" ? "bytes" : "count");
  print("peak_memory_all_processes", peak / 1e6, "MB");
  // As after any index, a worker is there; this one's was ended for the parse.
  await index(env);
  const again = await index(env);
  print("no_change_index", again.seconds, "s", again.seconds / cold.seconds, "cold index");
  await measureDoor({ cambium, corpus, env, queries: Number(flags.queries), print });
  const size = folderBytes(join(env.CAMBIUM_HOME, "index"));
  print("index_size", size / 1e6, "MB", size / cold.counts.bytes, "indexed source");
  await measureStages(corpus, print);
  if (flags.meaning) await measureMeaning({ cambium, corpus, env, queries: Number(flags.queries), print });
} finally {
  await stopWorkers();
  rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

if (flags.queue) spawnSync(process.execPath, [join(here, "queue.mjs")], { stdio: "inherit" });

/** The detached workers of the throw-away data folders are ended before the folders go, and before what they would disturb. */
async function stopWorkers() {
  const workers = () => processesWith(`CAMBIUM_HOME=${home}/`, /worker-process/);
  for (const pid of workers()) {
    try {
      process.kill(Number(pid), "SIGTERM");
    } catch {
      // It ended by itself in the meantime.
    }
  }
  while (workers().length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
}
