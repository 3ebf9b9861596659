/** What the queue's benchmarks measure, each on a store that it is given and that nobody else uses. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Queue, Worker } from "bullmq";
import { ChildPool } from "../../dist/jobs/pool.js";
import { openTaskFront } from "../../dist/jobs/queue.js";
import { taskOptions } from "../../dist/jobs/task-entry.js";
import { startWorker } from "../../dist/jobs/worker.js";
import { kinds } from "../clock/kinds.mjs";
import { openStore } from "../fixtures/jobs-open.mjs";

const script = (path) => fileURLToPath(new URL(path, import.meta.url));
const inFlight = 8;

/**
 * BullMQ's own classes on the store: 8 jobs being added and 8 being done at a time. Jobs a second. The processor is a
 * function in this process, or a file that BullMQ's sandbox runs in child processes, as ours are.
 */
export async function measureEndToEnd(store, jobs, processor = async () => ({}), options = {}) {
  const { connection, backend } = store;
  const queue = quiet(new Queue("bench", { connection }, backend));
  const worker = quiet(new Worker("bench", processor, { connection, concurrency: inFlight }, backend));
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
  const add = () => queue.add("nothing", {}, options);
  await keepInFlight(50, add);
  await emptied(queue);
  const began = performance.now();
  await keepInFlight(jobs, add);
  await emptied(queue);
  const perSecond = (1000 * jobs) / (performance.now() - began);
  await worker.close();
  await queue.close();
  return perSecond;
}

async function emptied(queue) {
  while ((await queue.getJobCountByTypes("waiting", "prioritized", "delayed", "active")) > 0) await sleep(5);
}

/** With the options that every task of ours has: a priority, attempts and backoff, results that go by themselves. */
const asOurs = taskOptions(kinds[0]);

export const measureSandboxed = (store, jobs) =>
  measureEndToEnd(store, jobs, script("queue-nothing.mjs"), asOurs);

/** Jobs a second, added 500 at a time. */
export async function measureBulk(store, jobs) {
  const queue = quiet(new Queue("bulk", { connection: store.connection }, store.backend));
  await queue.waitUntilReady();
  const batch = Array.from({ length: 500 }, (_, turn) => ({ name: "nothing", data: { turn } }));
  const began = performance.now();
  for (let added = 0; added < jobs; added += batch.length) await queue.addBulk(batch);
  const perSecond = (1000 * jobs) / (performance.now() - began);
  await queue.drain();
  await queue.close();
  return perSecond;
}

/** Our front and our worker, whose jobs run in a child process: 8 being asked for and 8 being done. Tasks a second. */
export async function measureOurLayer(store, jobs) {
  const front = openTaskFront({ connection: store, kinds });
  const queue = quiet(new Queue("tasks", { connection: store.connection }, store.backend));
  const worker = await startWorker({
    connection: store,
    kinds,
    pool: new ChildPool({
      script: script("../clock/child.mjs"),
      args: [],
      size: inFlight,
      maxJobsPerChild: 1e9,
      maxRssBytes: 1e10,
      abortGraceMs: 1000,
    }),
    registry: store.workers,
    kind: "foreground",
    name: `bench-${randomUUID()}`,
    log: () => {},
  });
  const ask = (args) => front.enqueue({ kind: "work", args });
  await startChildren(ask);
  await keepInFlight(50, () => ask({}));
  await emptied(queue);
  const began = performance.now();
  await keepInFlight(jobs, () => ask({}));
  await emptied(queue);
  const perSecond = (1000 * jobs) / (performance.now() - began);
  await worker.stop("warm");
  await queue.close();
  await front.close();
  return perSecond;
}

/**
 * Until each child has a job at the same time. BullMQ's sandbox starts a child for each of its first jobs, so that all
 * of them run before anything is measured; of ours the first one that is ready would do the whole warm-up, and the
 * others would start on the clock.
 */
async function startChildren(ask) {
  const folder = mkdtempSync(join(tmpdir(), "cambium-warm-up-"));
  const log = join(folder, "begins");
  const gate = join(folder, "gate");
  for (let child = 0; child < inFlight; child += 1) await ask({ log, gate, label: `${child}` });
  const begun = () => readFileSync(log, { encoding: "utf8", flag: "a+" }).split("\n").length - 1;
  while (begun() < inFlight) await sleep(5);
  writeFileSync(gate, "");
  while (begun() < 2 * inFlight) await sleep(5);
  rmSync(folder, { recursive: true });
}

/** From the moment of asking to the first line of the handler in another process, in ms. */
export async function measurePickUp(url, samples = 300) {
  const store = openStore(url);
  const front = openTaskFront({ connection: store, kinds });
  const worker = await startProcess(url);
  const log = `${worker.folder}/begins`;
  const taken = [];
  for (let turn = 0; turn < samples; turn += 1) {
    // At any moment of the worker's beat.
    await sleep(20 + 60 * Math.random());
    const askedAt = performance.timeOrigin + performance.now();
    const { task } = await front.enqueue({ kind: "work", args: { log, label: `${turn}` } });
    await front.wait(task.task_id, { timeoutMs: 60_000 });
    taken.push(beginOf(log, turn) - askedAt);
  }
  await worker.end();
  await front.close();
  await store.close();
  taken.sort((a, b) => a - b);
  return { p50: taken[Math.floor(samples / 2)], p99: taken[Math.floor(samples * 0.99)] };
}

const beginOf = (log, turn) =>
  readFileSync(log, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .find((line) => line.event === "begin" && line.label === `${turn}`).at;

/** The part of a core that a worker and its children take while nothing is to be done. */
export async function measureIdle(url, seconds = 20) {
  const worker = await startProcess(url);
  await sleep(5000);
  const before = worker.ticks();
  await sleep(1000 * seconds);
  const share = (worker.ticks() - before) / 100 / seconds;
  await worker.end();
  return share;
}

async function keepInFlight(jobs, once) {
  let turn = 0;
  const loop = async () => {
    while (turn < jobs) {
      turn += 1;
      await once(turn);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, loop));
}

/** A worker in a process of its own, ready. */
async function startProcess(url) {
  const options = JSON.stringify({ pool: { size: 2 } });
  const child = spawn(process.execPath, [script("../clock/worker.mjs"), url, options], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [answer] = await once(child.stdout, "data");
  if (!String(answer).startsWith("ready")) throw new Error(`The worker did not start: ${answer}`);
  const folder = mkdtempSync(join(tmpdir(), "cambium-pick-up-"));
  const end = async () => {
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, end, ticks: () => ticksOf(child.pid) };
}

/** User and system time of a process and its children, in hundredths of a second. */
function ticksOf(pid) {
  const stats = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const fields = readFileSync(`/proc/${name}/stat`, "utf8")
          .replace(/^.*\) /, "")
          .split(" ");
        return [
          { pid: Number(name), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) },
        ];
      } catch {
        return [];
      }
    });
  return stats
    .filter((one) => one.pid === pid || one.parent === pid)
    .reduce((sum, one) => sum + one.ticks, 0);
}

function quiet(opened) {
  opened.on("error", () => {});
  return opened;
}
