/**
 * Load: so many tasks, so many at a time, as callers see them. Prints one JSON line; ends with 1 unless all succeeded
 * and no worker crashed.
 * Usage: npm run load -- [--tasks 500] [--concurrent 20] [--workers 2] [--store URL]
 * A store that is given keeps what was done there; without one it is a throw-away SQLite file.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openTaskFront } from "../../dist/jobs/queue.js";
import { kinds } from "../clock/kinds.mjs";
import { openStore } from "../fixtures/jobs-open.mjs";

const { values: flags } = parseArgs({
  options: {
    tasks: { type: "string", default: "500" },
    concurrent: { type: "string", default: "20" },
    workers: { type: "string", default: "2" },
    store: { type: "string" },
  },
});
const home = mkdtempSync(join(tmpdir(), "cambium-load-"));
const url = flags.store ?? `sqlite:${join(home, "tasks.db")}`;
const count = Number(flags.tasks);
const random = () => Math.random();

async function startWorker() {
  const script = fileURLToPath(new URL("../clock/worker.mjs", import.meta.url));
  const options = JSON.stringify({ pool: { size: 2 } });
  const child = spawn(process.execPath, [script, url, options], { stdio: ["ignore", "pipe", "pipe"] });
  const worker = { child, isStopping: false, crashed: false };
  let log = "";
  child.stderr.on("data", (text) => (log = `${log}${text}`.slice(-4000)));
  child.once("exit", (code) => {
    worker.crashed = !worker.isStopping || code !== 0;
    if (worker.crashed) process.stderr.write(log);
  });
  const [answer] = await once(createInterface(child.stdout), "line");
  if (!answer.startsWith("ready")) throw new Error(`The worker did not start: ${answer}`);
  return worker;
}

async function stop(worker) {
  if (worker.child.exitCode !== null || worker.child.signalCode !== null) return;
  worker.isStopping = true;
  const exited = once(worker.child, "exit");
  worker.child.kill("SIGTERM");
  await exited;
}

/** A mixture as indexing has it: short work, work that fails once, flows in two parts. */
function makeRequest(turn) {
  const part = (value) => ({ kind: "io_part", args: { value, ms: 5 } });
  if (turn % 10 === 0)
    return { kind: "canvas", args: { canvas: { chord: { header: [part(1), part(2)], body: part(3) } } } };
  return { kind: "work", args: { ms: Math.floor(10 * random()), failures: turn % 25 === 1 ? 1 : 0 } };
}

const store = openStore(url);
await store.check();
const front = openTaskFront({ connection: store, kinds });
const workers = await Promise.all(Array.from({ length: Number(flags.workers) }, startWorker));
const latencies = [];
const ends = {};
let asked = 0;
const began = performance.now();
const caller = async () => {
  while (asked < count) {
    const request = makeRequest(asked);
    asked += 1;
    const askedAt = performance.now();
    const { task } = await front.enqueue(request);
    const { state } = await front.wait(task.task_id, { timeoutMs: 120_000 });
    latencies.push(performance.now() - askedAt);
    ends[state] = (ends[state] ?? 0) + 1;
  }
};
await Promise.all(Array.from({ length: Number(flags.concurrent) }, caller));
const seconds = (performance.now() - began) / 1000;
for (const worker of workers) await stop(worker);
await front.close();
await store.close();
rmSync(home, { recursive: true, force: true });

latencies.sort((a, b) => a - b);
const at = (share) =>
  Math.round(latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))]);
const crashes = workers.filter(({ crashed }) => crashed).length;
const report = {
  store: new URL(url).protocol.replace(":", ""),
  tasks: count,
  concurrent: Number(flags.concurrent),
  completed_percent: (100 * (ends.SUCCESS ?? 0)) / count,
  tasks_per_second: Math.round(count / seconds),
  p50_ms: at(0.5),
  p95_ms: at(0.95),
  worker_crashes: crashes,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exitCode = report.completed_percent === 100 && crashes === 0 ? 0 : 1;
