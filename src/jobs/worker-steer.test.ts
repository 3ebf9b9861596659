/** A worker that is steered while it runs: its size, its limits, its queues, its name, and what it does when it is stuck. */
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JobsHarness, kinds } from "../../test/fixtures/jobs-harness.ts";
import { until } from "../../test/fixtures/until.ts";
import type { QueueConnection } from "./connection.ts";
import { ChildPool } from "./pool.ts";
import { type RunningWorker, startWorker, type WorkerOptions } from "./worker.ts";

let jobs: JobsHarness;
let worker: RunningWorker;
const log: string[] = [];
beforeEach(() => {
  jobs = new JobsHarness();
  log.length = 0;
});
afterEach(async () => {
  await worker.stop("cold");
  await jobs.close();
});

const openPool = (size: number) =>
  new ChildPool({
    script: fileURLToPath(new URL("../../test/fixtures/jobs-child.mjs", import.meta.url)),
    args: [],
    size,
    maxJobsPerChild: 1000,
    maxRssBytes: 2 ** 40,
    abortGraceMs: 300,
  });

async function begin(size: number, options: Partial<WorkerOptions> = {}): Promise<RunningWorker> {
  const started = await startWorker({
    ...{ connection: jobs.store, registry: jobs.store.workers, kinds, pool: openPool(size) },
    ...{ kind: "foreground", name: "steered", warmShutdownMs: 100 },
    log: (_level, line) => log.push(line),
    ...options,
  });
  if (started === undefined) throw new Error("It was refused.");
  return started;
}

/** The first attempt is the last one. */
const once = (kind: string, more: object) =>
  kinds.map((spec) =>
    spec.kind === kind ? { ...spec, retry: { ...spec.retry, attempts: 1 }, ...more } : spec,
  );

async function nap(folder: string, times: number): Promise<string[]> {
  const tasks = Array.from({ length: times }, () => jobs.enqueue("nap", { folder }));
  return (await Promise.all(tasks)).map((task) => task.task_id);
}
const begun = (folder: string) => jobs.lines(folder, "began");

describe("the size of the pool", () => {
  it("grows while all are busy, and shrinks without ending anything", async () => {
    worker = await begin(1);
    const folder = jobs.folder();
    const ids = await nap(folder, 3);
    await until("one runs", () => begun(folder).length === 1);
    expect(worker.grow(1)).toBe(2);
    await until("two run", () => begun(folder).length === 2);
    expect(worker.facts()).toMatchObject({ concurrency: 2, active: 2, stats: { children_started: 2 } });
    expect(worker.shrink(5)).toBe(1);
    jobs.release(folder);
    for (const id of ids) expect(await jobs.end(id)).toMatchObject({ state: "SUCCESS", attempts: 1 });
    await until("one child is left", () => worker.facts().stats.child_pids.length === 1);
  });

  it("follows the work where it may", async () => {
    worker = await begin(1, { autoscale: { max: 3, min: 1 } });
    const folder = jobs.folder();
    const ids = await nap(folder, 5);
    await until("three run", () => begun(folder).length === 3);
    expect(worker.facts()).toMatchObject({ concurrency: 3, autoscale: { max: 3, min: 1 } });
    expect(() => worker.autoscale({ max: 1, min: 2 })).toThrow(/8,2/);
    jobs.release(folder);
    for (const id of ids) expect((await jobs.end(id)).state).toBe("SUCCESS");
    worker.grow(1);
    expect(worker.facts().autoscale).toBeNull();
  });

  it("is no limit for work that only waits, which shares one child and leaves the others free", async () => {
    worker = await begin(1, { kinds: once("nap", { pool: "io" }), ioConcurrency: 8 });
    const folder = jobs.folder();
    const ids = await nap(folder, 8);
    await until("eight run", () => begun(folder).length === 8);
    expect(new Set(begun(folder).map((line) => line.split(" ")[2])).size).toBe(1);
    expect(await jobs.run("echo", { value: 1 })).toMatchObject({ state: "SUCCESS" });
    jobs.release(folder);
    for (const id of ids) expect((await jobs.end(id)).state).toBe("SUCCESS");
  });
});

describe("what it serves, and for how long", () => {
  it("takes nothing of a queue that was cancelled, and again when it was added", async () => {
    worker = await begin(1);
    await worker.cancelConsumer("tasks");
    const task = await jobs.enqueue("echo", {});
    expect(worker.facts()).toMatchObject({ queues: ["parts"] });
    expect((await jobs.tasks.find(task.task_id))?.state).toBe("PENDING");
    worker.addConsumer("tasks");
    expect((await jobs.end(task.task_id)).state).toBe("SUCCESS");
    expect(() => worker.addConsumer("nothing")).toThrow(/Known: tasks, parts/);
  });

  it("hands back what runs of it after its patience, without counting an attempt", async () => {
    worker = await begin(1);
    const folder = jobs.folder();
    const [id = ""] = await nap(folder, 1);
    await until("it runs", () => begun(folder).length === 1);
    await worker.cancelConsumer("tasks");
    expect(worker.facts().active_jobs).toEqual([]);
    worker.addConsumer("tasks");
    await until("it runs again", () => begun(folder).length === 2);
    jobs.release(folder);
    expect(await jobs.end(id)).toMatchObject({ state: "SUCCESS", attempts: 1 });
  });

  it("keeps a time limit that was set, hard where it must", async () => {
    worker = await begin(1, { kinds: [...once("nap", {})] });
    worker.setTimeLimit("nap", 100);
    const folder = jobs.folder();
    expect(await jobs.run("nap", { folder })).toMatchObject({ state: "FAILURE", error: { code: "timeout" } });
    worker.setTimeLimit("nap", undefined);
    expect(worker.facts().registered["nap"]).toEqual({ soft_ms: 60_000, hard_ms: null });
    expect(() => worker.setTimeLimit("nap", 200, 100)).toThrow(/not below/);
    expect(() => worker.setTimeLimit("nothing", 200)).toThrow(/Known: /);
  });

  it("removes results when their time is over, though nothing else happens", async () => {
    worker = await begin(1, { resultTtlMs: 2000 });
    const task = await jobs.run("echo", {});
    expect(task.state).toBe("SUCCESS");
    await until("it is gone", async () => (await jobs.tasks.find(task.task_id)) === undefined);
  });
});

describe("its name", () => {
  it("is refused while another has it", async () => {
    worker = await begin(1);
    await expect(begin(1)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("--name"),
    });
    const [alive, ...others] = await jobs.store.workers.alive();
    expect(others).toEqual([]);
    expect(alive).toMatchObject({
      id: worker.id,
      info: { name: "steered", queues: ["tasks", "parts"], concurrency: 1 },
    });
  });
});

describe("a worker whose connection takes nothing any more", () => {
  /** Of the first `count` connections that serve the tasks none ever answers. */
  function deaf(count: number): QueueConnection {
    let left = count;
    const { connection, backend } = jobs.store;
    return {
      connection,
      backend: (name, options, kind) => {
        const opened = backend(name, options, kind);
        if (name === "tasks" && kind?.withBlockingConnection === true && left > 0) {
          left -= 1;
          opened.moveToActive = () => new Promise(() => {});
        }
        return opened;
      },
    };
  }

  it("takes the queue up anew", async () => {
    worker = await begin(1, { connection: deaf(1), watchdogMs: 400 });
    expect(await jobs.run("echo", { value: 1 })).toMatchObject({ state: "SUCCESS" });
    expect(log.filter((line) => line.includes("nothing of it was taken"))).toHaveLength(1);
    expect(worker.isStuck).toBe(false);
  });

  it("ends when that does not help, so that another can be started", async () => {
    worker = await begin(1, { connection: deaf(9), watchdogMs: 200 });
    const task = await jobs.enqueue("echo", {});
    await worker.ended;
    expect(worker.isStuck).toBe(true);
    expect((await jobs.tasks.find(task.task_id))?.state).toBe("PENDING");
    expect(await jobs.store.workers.alive()).toEqual([]);
  });
});

describe("what it holds beyond what it runs", () => {
  it("is one job of each other queue, so that another worker has the rest", async () => {
    worker = await begin(2);
    const folder = jobs.folder();
    const parts = 4;
    const flow = await jobs.enqueue("flow", { folder, kind: "part_nap", parts });
    await until("its parts run", () => begun(folder).length === 2);
    const ids = await nap(folder, 4);
    await until("one is held", () => worker.facts().reserved_jobs.length > 0);
    const second = await begin(4, { name: "second" });
    try {
      await until("the other one runs four", () => second.facts().active_jobs.length === 4);
      expect(worker.facts().active_jobs).toHaveLength(2);
      expect(worker.facts().reserved_jobs).toHaveLength(1);
      await jobs.tasks.cancel(flow.task_id);
      jobs.release(folder);
      for (const id of ids) expect((await jobs.end(id)).state).toBe("SUCCESS");
    } finally {
      await second.stop("cold");
    }
  });

  it("does not keep it from using a child that another queue has left", async () => {
    worker = await begin(2);
    const [long, short] = [jobs.folder(), jobs.folder()];
    const [first = "", ...others] = [...(await nap(long, 1)), ...(await nap(short, 1))];
    await until("both run", () => worker.facts().active_jobs.length === 2);
    const parts = 3;
    await jobs.enqueue("flow", { folder: jobs.folder(), kind: "part_nap", parts });
    jobs.release(short);
    for (const id of others) await jobs.end(id);
    await until("a part runs", () => worker.facts().active_jobs.some(({ queue }) => queue === "parts"));
    jobs.release(long);
    await jobs.end(first);
    await until("two parts run", () => worker.facts().active_jobs.every(({ queue }) => queue === "parts"));
    await until("on both children", () => worker.facts().active_jobs.length === 2);
  });
});

describe("a store that removes slowly what ended long ago", () => {
  it("keeps the worker neither from its heartbeat nor from what was cancelled", async () => {
    let sweeps = 0;
    const { connection, backend } = jobs.store;
    const slow: QueueConnection = {
      connection,
      backend: (name, options, how) => {
        const opened = backend(name, options, how);
        opened.cleanJobsByState = () => {
          sweeps += 1;
          return new Promise(() => {});
        };
        return opened;
      },
    };
    worker = await begin(1, { connection: slow });
    await until("it sweeps", () => sweeps > 0);
    const folder = jobs.folder();
    const [id = ""] = await nap(folder, 1);
    await until("it runs", () => begun(folder).length === 1);
    await jobs.tasks.cancel(id);
    expect((await jobs.end(id)).state).toBe("REVOKED");
    expect(sweeps).toBe(1);
  });
});
