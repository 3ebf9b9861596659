/** What BullMQ's own shared tests, and looking at Redis beside this file, once showed to differ; each test names it. */
import type { Job } from "bullmq";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { QueueFile } from "../../../../test/fixtures/sqlite-harness.ts";
import { until } from "../../../../test/fixtures/until.ts";

let file: QueueFile;
beforeEach(() => {
  file = new QueueFile();
});
afterEach(async () => {
  vi.useRealTimers();
  await file.close();
});

const token = "t";
const hourMs = 3_600_000;

async function take(name = "q", worker = file.worker(null, {}, name)): Promise<Job> {
  const job = await worker.getNextJob(token, { block: false });
  if (job === undefined) throw new Error(`The queue ${name} has no job to take.`);
  return job;
}

/** Moves the clock, which then stands still. */
function later(ms: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
}

describe("the fence", () => {
  it("holds for a lock whose time is over until another worker takes the job", async () => {
    const queue = file.queue();
    await queue.add("slept", {});
    const job = await take();
    later(hourMs);
    expect(await job.extendLock(token, 1000)).toBe(1);
    later(hourMs);
    await job.moveToCompleted("done", token, false);
    expect(await job.getState()).toBe("completed");
  });

  it("is open for token 0, and a job that is not active is refused by its state", async () => {
    const queue = file.queue();
    const waiting = await queue.add("a", {}, { attempts: 3 });
    await expect(waiting.moveToFailed(new Error("no"), "0")).rejects.toThrow(
      `Job ${waiting.id} is not in the active state. retryJob`,
    );
    const job = await take();
    await job.moveToFailed(new Error("no"), "0");
    expect(await job.getState()).toBe("waiting");
  });
});

describe("answers", () => {
  it("come in a later turn than their questions, so that a worker tracks a job before anybody can cancel it", async () => {
    const queue = file.queue();
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    await queue.getJobCounts();
    expect(turned).toBe(true);
  });

  it("do not wait for timers that a test has replaced", async () => {
    const queue = file.queue();
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "setImmediate"] });
    expect((await queue.add("a", {})).id).toBe("1");
  });

  it("of a job that goes back with nothing else to take are empty", async () => {
    const queue = file.queue();
    await queue.add("a", {}, { attempts: 2, backoff: hourMs });
    expect(await (await take()).moveToFailed(new Error("later"), token, true)).toEqual([]);
  });
});

describe("delayed jobs", () => {
  it("become ready in a paused queue", async () => {
    const queue = file.queue();
    await queue.pause();
    file.worker(async () => {});
    const job = await queue.add("a", {}, { delay: 30 });
    await until("it waits", async () => (await job.getState()) === "waiting");
  });

  it("that are due go before a job that is retried", async () => {
    const queue = file.queue();
    await queue.add("retried", {}, { attempts: 2 });
    await queue.add("due", {}, { delay: hourMs });
    const job = await take();
    later(hourMs);
    await job.moveToFailed(new Error("again"), token);
    expect((await take()).name).toBe("due");
  });
});

it("a retry by hand keeps the count of stalls", async () => {
  const queue = file.queue();
  const worker = file.worker(null, { maxStalledCount: 0, lockDuration: 1000 });
  await queue.add("a", {});
  await take("q", worker);
  later(hourMs);
  await queue.getBackend().moveStalledJobsToWait();
  const job = await take("q", worker);
  await job.moveToFailed(new Error("stalled"), token);
  await job.retry();
  expect((await queue.getJob(String(job.id)))?.stalledCounter).toBe(1);
});

describe("families", () => {
  const family = (parentQueue: string, opts = {}) =>
    file.flows().add({
      ...{ name: "parent", queueName: parentQueue },
      children: [
        { name: "a", queueName: "q", opts },
        { name: "b", queueName: "q", opts },
      ],
    });

  it("a parent of the same queue goes with the last child that is cleaned or drained", async () => {
    for (const empty of ["clean", "drain"] as const) {
      const tree = await family("q");
      if (empty === "clean") await file.queue().clean(0, 0, "wait");
      else await file.queue().drain();
      expect(await tree.job.getState()).toBe("unknown");
      expect(await file.queue().getJobCountByTypes()).toBe(0);
    }
  });

  it("a parent of another queue goes on, and a cleaned parent leaves its children", async () => {
    const tree = await family("other");
    await file.queue().clean(0, 0, "wait");
    expect(await tree.job.getState()).toBe("waiting");
    const second = await family("other");
    for (let child = 0; child < 2; child += 1) await (await take()).moveToCompleted(null, token, false);
    await file.queue("other").clean(0, 0, "wait");
    expect(await second.job.getState()).toBe("unknown");
    expect(await file.queue().getCompletedCount()).toBe(2);
  });

  it("a parent does not wait for a failed child that is not kept", async () => {
    const tree = await family("other", { removeOnFail: true });
    for (let child = 0; child < 2; child += 1) await (await take()).moveToFailed(new Error("no"), token);
    expect(await tree.job.getState()).toBe("waiting");
  });

  it("a parent waits again for a completed child that runs again", async () => {
    const tree = await family("other");
    const child = await take();
    await child.moveToCompleted("first", token, false);
    await child.retry("completed");
    expect(await tree.job.getDependenciesCount()).toMatchObject({ processed: 0, unprocessed: 2 });
  });
});

describe("duplicates", () => {
  it("are not told of, nor is the key extended, when the holder can no longer be replaced", async () => {
    const queue = file.queue();
    const deduplication = { id: "k", ttl: hourMs, replace: true, extend: true };
    later(0);
    await queue.add("first", {}, { deduplication });
    later(hourMs - 1);
    expect((await queue.add("second", {}, { deduplication })).id).toBe("1");
    later(1);
    expect(await queue.getDeduplicationJobId("k")).toBeNull();
    const told = await queue.getBackend().readEvents("0-0", 1);
    expect(JSON.stringify(told)).not.toContain("deduplicated");
  });

  it("a key whose time is over is not counted as removed", async () => {
    const queue = file.queue();
    const job = await queue.add("a", {}, { deduplication: { id: "k", ttl: 1000 } });
    later(1000);
    expect(await job.removeDeduplicationKey()).toBe(false);
  });
});

describe("schedulers", () => {
  const yearly = { pattern: "0 0 0 1 1 *" };

  it("keep their offset when their interval changes", async () => {
    const queue = file.queue();
    await queue.upsertJobScheduler("s", { every: hourMs });
    const offset = (await queue.getJobScheduler("s"))?.offset;
    later(1234);
    await queue.upsertJobScheduler("s", { every: 2 * hourMs });
    expect((await queue.getJobScheduler("s"))?.offset).toBe(offset);
  });

  it("put the next run in the place of one that was promoted and began early", async () => {
    const queue = file.queue();
    const first = await queue.upsertJobScheduler("s", yearly, { data: { v: 1 } });
    await first?.promote();
    const running = await take();
    await queue.upsertJobScheduler("s", yearly, { data: { v: 2 } });
    expect((await queue.getDelayed()).map(({ id, data }) => ({ id, data }))).toEqual([
      { id: running.id, data: { v: 2 } },
    ]);
    await expect(running.moveToCompleted(null, token, false)).rejects.toThrow("Missing lock");
  });

  it("tell of a slot that is taken when they go on", async () => {
    const queue = file.queue();
    const early = await queue.upsertJobScheduler("s", { pattern: "0 0 0 2 1 *" });
    await early?.promote();
    await (await take()).moveToCompleted(null, token, false);
    await queue.removeJobScheduler("s");
    await (await queue.upsertJobScheduler("s", { pattern: "0 0 0 1,2 1 *" }))?.promote();
    await take();
    const told = JSON.stringify(await queue.getBackend().readEvents("0-0", 1));
    expect(told).toContain(`"duplicated","jobId","${early?.id}"`);
  });
});

it("counts per minute as Redis does: a jump of several minutes leaves zeros, in the newest places", async () => {
  const queue = file.queue();
  const worker = file.worker(null, { metrics: { maxDataPoints: 4 } });
  const start = Math.ceil(Date.now() / 60_000) * 60_000;
  for (const atMs of [0, 1, 59_999, 60_000, 240_000]) {
    vi.useFakeTimers({ toFake: ["Date"], now: start + atMs });
    await queue.add("a", {});
    await (await take("q", worker)).moveToCompleted(null, token, false);
  }
  const { data, meta, count } = await queue.getMetrics("completed");
  expect({ data, count, meta }).toEqual({
    data: [0, 0, 1, 3],
    count: 4,
    meta: { count: 5, prevTS: start + 240_000, prevCount: 4 },
  });
});
