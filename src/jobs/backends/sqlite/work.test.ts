/** BullMQ's own classes on the queue file: order, delays, retries, duplicates, events, schedulers, lists, removal. */
import Database from "better-sqlite3";
import { UnrecoverableError } from "bullmq";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { QueueFile } from "../../../../test/fixtures/sqlite-harness.ts";
import { until } from "../../../../test/fixtures/until.ts";

let file: QueueFile;
beforeEach(() => {
  file = new QueueFile();
});
afterEach(() => file.close());

async function runAll(count: number, options = {}): Promise<string[]> {
  const order: string[] = [];
  const worker = file.worker(async (job) => void order.push(job.name), options);
  await until(`${count} jobs`, () => order.length >= count);
  await worker.close();
  return order;
}

describe("order", () => {
  it("runs waiting jobs in the order of adding, and lifo ones first", async () => {
    const queue = file.queue();
    for (const name of ["a", "b", "c"]) await queue.add(name, {});
    await queue.add("first", {}, { lifo: true });
    expect(await runAll(4)).toEqual(["first", "a", "b", "c"]);
  });

  it("runs smaller priorities first, in order within one, and those without any before all", async () => {
    const queue = file.queue();
    await queue.addBulk([
      { name: "p9", data: {}, opts: { priority: 9 } },
      { name: "p1a", data: {}, opts: { priority: 1 } },
      { name: "p5", data: {}, opts: { priority: 5 } },
      { name: "p1b", data: {}, opts: { priority: 1 } },
      { name: "none", data: {} },
    ]);
    expect(await queue.getCountsPerPriority([0, 1, 5, 9])).toEqual({ 0: 1, 1: 2, 5: 1, 9: 1 });
    expect(await runAll(5)).toEqual(["none", "p1a", "p1b", "p5", "p9"]);
  });

  it("never runs a delayed job early, and a worker that waits finds it", async () => {
    const queue = file.queue();
    const started: number[] = [];
    file.worker(async () => void started.push(Date.now()));
    const added = Date.now();
    await queue.add("later", {}, { delay: 150 });
    await until("the delayed job", () => started.length === 1);
    expect((started[0] ?? 0) - added).toBeGreaterThanOrEqual(150);
  });

  it("stops at a pause and goes on after it", async () => {
    const queue = file.queue();
    await queue.pause();
    await queue.add("a", {});
    let ran = 0;
    file.worker(async () => {
      ran += 1;
    });
    await queue.add("b", {});
    expect(await queue.getJobCounts("waiting", "active")).toEqual({ waiting: 2, active: 0 });
    expect(ran).toBe(0);
    await queue.resume();
    await until("both", () => ran === 2);
  });

  it("keeps a global concurrency", async () => {
    const queue = file.queue();
    await queue.setGlobalConcurrency(2);
    await queue.addBulk(Array.from({ length: 20 }, () => ({ name: "n", data: {} })));
    let running = 0;
    let most = 0;
    let done = 0;
    const work = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      done += 1;
    };
    file.worker(work, { concurrency: 5 });
    file.worker(work, { concurrency: 5 });
    await until("20 jobs", () => done === 20);
    expect(most).toBeLessThanOrEqual(2);
  });

  it("keeps a rate limit", async () => {
    const queue = file.queue();
    await queue.addBulk(Array.from({ length: 5 }, () => ({ name: "n", data: {} })));
    const starts: number[] = [];
    file.worker(async () => void starts.push(Date.now()), {
      limiter: { max: 2, duration: 200 },
      concurrency: 5,
    });
    await until("5 jobs", () => starts.length === 5);
    expect((starts[4] ?? 0) - (starts[0] ?? 0)).toBeGreaterThanOrEqual(380);
  });
});

describe("ends", () => {
  it("retries with backoff as often as asked, and then fails with the reason", async () => {
    const queue = file.queue();
    const events = file.events();
    await events.waitUntilReady();
    const starts: number[] = [];
    const job = await queue.add("n", {}, { attempts: 3, backoff: { type: "exponential", delay: 40 } });
    file.worker(async () => {
      starts.push(Date.now());
      throw new Error(`try ${starts.length}`);
    });
    await expect(job.waitUntilFinished(events)).rejects.toThrow("try 3");
    expect(starts).toHaveLength(3);
    expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeGreaterThanOrEqual(40);
    expect((starts[2] ?? 0) - (starts[1] ?? 0)).toBeGreaterThanOrEqual(80);
    const after = await queue.getJob(String(job.id));
    expect(after).toMatchObject({ attemptsMade: 3, attemptsStarted: 3, failedReason: "try 3" });
  });

  it("does not retry what no retry mends", async () => {
    const queue = file.queue();
    const events = file.events();
    const job = await queue.add("n", {}, { attempts: 5 });
    file.worker(async () => {
      throw new UnrecoverableError("never");
    });
    await expect(job.waitUntilFinished(events)).rejects.toThrow("never");
    expect((await queue.getJob(String(job.id)))?.attemptsMade).toBe(1);
  });

  it("runs a failed job again by hand", async () => {
    const queue = file.queue();
    const events = file.events();
    let fail = true;
    file.worker(async () => {
      if (fail) throw new Error("first");
      return 7;
    });
    const job = await queue.add("n", {});
    await expect(job.waitUntilFinished(events)).rejects.toThrow("first");
    fail = false;
    await (await queue.getJob(String(job.id)))?.retry();
    await until("completed", async () => (await job.getState()) === "completed");
    expect((await queue.getJob(String(job.id)))?.returnvalue).toBe(7);
  });

  it("keeps as many finished jobs as asked", async () => {
    const queue = file.queue();
    const named = Array.from({ length: 10 }, (_, at) => ({
      name: `n${at}`,
      data: {},
      opts: { removeOnComplete: 3 },
    }));
    await queue.addBulk(named);
    await runAll(10);
    expect((await queue.getCompleted()).map((job) => job.name)).toEqual(["n9", "n8", "n7"]);
  });

  it("forgets finished jobs of an age", async () => {
    const queue = file.queue();
    await queue.add("old", {});
    await runAll(1);
    const db = new Database(file.path);
    db.exec("UPDATE job SET rank = rank - 100000");
    db.close();
    await queue.add("new", {}, { removeOnComplete: { age: 50 } });
    await runAll(1);
    expect((await queue.getCompleted()).map((job) => job.name)).toEqual(["new"]);
  });
});

describe("duplicates", () => {
  it("joins a job with the same key until it has finished", async () => {
    const queue = file.queue();
    const key = { deduplication: { id: "k" } };
    const first = await queue.add("n", {}, key);
    expect((await queue.add("n", {}, key)).id).toBe(first.id);
    expect(await queue.getDeduplicationJobId("k")).toBe(first.id);
    await runAll(1);
    expect((await queue.add("n", {}, key)).id).not.toBe(first.id);
  });

  it("gives the key back when the job is removed", async () => {
    const queue = file.queue();
    const job = await queue.add("n", {}, { deduplication: { id: "k" } });
    await job.remove();
    expect(await queue.getDeduplicationJobId("k")).toBeNull();
  });

  it("replaces a delayed job, and runs the last of those that came while one ran", async () => {
    const queue = file.queue();
    const replace = { delay: 60_000, deduplication: { id: "r", replace: true } };
    await queue.add("old", {}, replace);
    await queue.add("new", {}, replace);
    expect((await queue.getDelayed()).map((job) => job.name)).toEqual(["new"]);

    const ran: string[] = [];
    const keep = { deduplication: { id: "l", keepLastIfActive: true } };
    await queue.add("one", {}, keep);
    file.worker(async (job) => {
      if (job.name === "one") for (const name of ["two", "three"]) await queue.add(name, {}, keep);
      ran.push(job.name);
    });
    await until("the last one", () => ran.length === 2);
    expect(ran).toEqual(["one", "three"]);
  });

  it("adds one id once", async () => {
    const queue = file.queue();
    await queue.add("a", { v: 1 }, { jobId: "same" });
    await queue.add("b", { v: 2 }, { jobId: "same" });
    expect((await queue.getJob("same"))?.data).toEqual({ v: 1 });
    expect(await queue.getWaitingCount()).toBe(1);
  });
});

describe("events", () => {
  it("tells everything once and in order, from before the reader's first look on", async () => {
    const queue = file.queue();
    const events = file.events();
    const heard: string[] = [];
    for (const word of ["added", "active", "completed"] as const) {
      events.on(word, ({ jobId }: { jobId: string }) => heard.push(`${word} ${jobId}`));
    }
    await queue.addBulk(Array.from({ length: 700 }, () => ({ name: "n", data: {} })));
    await runAll(700);
    await until("700 ends", () => heard.filter((line) => line.startsWith("completed")).length >= 700);
    for (const word of ["added", "active", "completed"]) {
      const ids = heard
        .filter((line) => line.startsWith(`${word} `))
        .map((line) => Number(line.split(" ")[1]));
      expect(ids, word).toEqual(Array.from({ length: 700 }, (_, at) => at + 1));
    }
  });

  it("keeps a bounded number of events", async () => {
    const queue = file.queue();
    await queue.getVersion();
    await queue.getBackend().setQueueMeta({ "opts.maxLenEvents": 100 });
    await queue.addBulk(Array.from({ length: 1000 }, () => ({ name: "n", data: {} })));
    const db = new Database(file.path, { readonly: true });
    const { n } = db.prepare("SELECT count(*) AS n FROM event").get() as { n: number };
    db.close();
    expect(n).toBeLessThan(100 + 256);
    expect(await queue.trimEvents(10)).toBe(n - 10);
  });

  it("carries progress, data and logs", async () => {
    const queue = file.queue();
    const events = file.events();
    const seen: unknown[] = [];
    events.on("progress", ({ data }) => seen.push(data));
    const job = await queue.add("n", { a: 1 });
    await job.updateProgress({ done: 1 });
    await job.updateProgress(100);
    await job.updateData({ a: 2 });
    for (const line of ["x", "y", "z"]) await queue.addJobLog(String(job.id), line, 2);
    await until("progress", () => seen.length === 2);
    expect(seen).toEqual([{ done: 1 }, 100]);
    expect(await queue.getJob(String(job.id))).toMatchObject({ progress: 100, data: { a: 2 } });
    expect(await queue.getJobLogs(String(job.id))).toEqual({ logs: ["y", "z"], count: 2 });
  });
});

describe("schedulers", () => {
  it("runs each slot once though two workers take them", async () => {
    const queue = file.queue();
    const slots: string[] = [];
    const work = async (job: { id?: string }) => void slots.push(String(job.id));
    file.worker(work);
    file.worker(work);
    await Promise.all(
      [1, 2, 3].map(() => queue.upsertJobScheduler("tick", { every: 100 }, { name: "t", data: { a: 1 } })),
    );
    await until("6 runs", () => slots.length >= 6);
    await queue.removeJobScheduler("tick");
    expect(new Set(slots).size).toBe(slots.length);
    const times = slots.map((slot) => Number(slot.split(":")[2]));
    expect(times.slice(1).map((time, at) => (time - (times[at] ?? 0)) % 100)).toEqual(
      times.slice(1).map(() => 0),
    );
    expect(await queue.getJobSchedulersCount()).toBe(0);
    expect(await queue.getDelayedCount()).toBe(0);
  });

  it("lists them, keeps one next run for each, and protects it", async () => {
    const queue = file.queue();
    await queue.upsertJobScheduler(
      "night",
      { pattern: "0 3 * * *", tz: "UTC" },
      { name: "n", opts: { priority: 3 } },
    );
    await queue.upsertJobScheduler(
      "night",
      { pattern: "0 4 * * *", tz: "UTC" },
      { name: "n", data: { b: 2 } },
    );
    expect(await queue.getJobSchedulers()).toMatchObject([
      { key: "night", pattern: "0 4 * * *", template: { data: { b: 2 } } },
    ]);
    const [next, ...others] = await queue.getDelayed();
    expect(others).toEqual([]);
    await expect(next?.remove()).rejects.toThrow("belongs to a job scheduler");
    await queue.drain(true);
    expect(await queue.getDelayedCount()).toBe(1);
  });
});

describe("lists and removal", () => {
  it("pages jobs of a state", async () => {
    const queue = file.queue();
    await queue.addBulk(Array.from({ length: 10 }, (_, at) => ({ name: `n${at}`, data: {} })));
    const names = async (start: number, end: number, ascending: boolean) =>
      (await queue.getJobs(["waiting"], start, end, ascending)).map((job) => job.name);
    expect(await names(0, 2, true)).toEqual(["n0", "n1", "n2"]);
    expect(await names(0, 2, false)).toEqual(["n9", "n8", "n7"]);
    expect(await names(8, -1, true)).toEqual(["n8", "n9"]);
    expect(await names(20, 30, true)).toEqual([]);
  });

  it("removes, cleans, drains and obliterates", async () => {
    const queue = file.queue();
    const job = await queue.add("gone", {});
    await job.remove();
    expect(await queue.getJob(String(job.id))).toBeUndefined();
    await queue.addBulk(Array.from({ length: 5 }, () => ({ name: "n", data: {} })));
    await runAll(5);
    expect(await queue.clean(0, 3, "completed")).toHaveLength(3);
    expect(await queue.getCompletedCount()).toBe(2);
    await queue.addBulk([
      { name: "w", data: {} },
      { name: "d", data: {}, opts: { delay: 60_000 } },
    ]);
    await queue.drain();
    expect(await queue.getJobCounts("waiting", "delayed")).toEqual({ waiting: 0, delayed: 1 });
    await queue.obliterate();
    expect(Object.values(await queue.getJobCounts()).every((count) => count === 0)).toBe(true);
    expect(await queue.isPaused()).toBe(false);
    expect((await queue.add("again", {})).id).toBe("1");
  });

  it("does not remove a job that is being worked on", async () => {
    const queue = file.queue();
    const worker = file.worker(null);
    const job = await queue.add("n", {});
    await worker.getNextJob("token");
    await expect(job.remove()).rejects.toThrow("locked by another worker");
    await expect(queue.obliterate()).rejects.toThrow("active jobs");
  });

  it("counts what is there", async () => {
    const queue = file.queue();
    const flows = file.flows();
    await queue.addBulk(
      Array.from({ length: 40 }, (_, at) => ({ name: "n", data: { at }, opts: { priority: at % 3 } })),
    );
    await queue.addBulk(Array.from({ length: 5 }, () => ({ name: "d", data: {}, opts: { delay: 60_000 } })));
    await flows.add({
      name: "p",
      queueName: "q",
      children: [{ name: "c", queueName: "q", opts: { delay: 60_000 } }],
    });
    let ran = 0;
    file.worker(async ({ data }) => {
      ran += 1;
      if (data.at % 4 === 0) throw new Error("every fourth");
    });
    await until("all", () => ran === 40);
    await until("no active one", async () => (await queue.getActiveCount()) === 0);
    await queue.clean(0, 4, "completed");
    await queue.retryJobs({ count: 2 });
    await until(
      "no active one",
      async () => (await queue.getJobCountByTypes("active", "waiting", "prioritized")) === 0,
    );
    const db = new Database(file.path, { readonly: true });
    const rows = db.prepare("SELECT state, count(*) AS n FROM job GROUP BY state").all() as {
      state: number;
      n: number;
    }[];
    db.close();
    const counted = new Map(rows.map((row) => [row.state, row.n]));
    const { waiting, prioritized, delayed, active, completed, failed, ...rest } = await queue.getJobCounts();
    expect([waiting, prioritized, delayed, active, rest["waiting-children"], completed, failed]).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((state) => counted.get(state) ?? 0),
    );
    expect(failed).toBe(10);
  });
});
