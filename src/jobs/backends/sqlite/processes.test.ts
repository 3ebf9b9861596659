/** Several processes on one queue file: one job for many producers, crashed and frozen workers, many writers. */
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { QueueFile } from "../../../../test/fixtures/sqlite-harness.ts";
import { until } from "../../../../test/fixtures/until.ts";

let file: QueueFile;
beforeEach(() => {
  file = new QueueFile();
});
afterEach(() => file.close());

describe("producers", () => {
  it("make one job of 100 duplicates from 4 processes", async () => {
    const others = [1, 2, 3, 4].map(() => file.process("join", "25", "k"));
    const heard = await Promise.all(others.map((other) => other.hear("ids")));
    expect(new Set(heard.flatMap(([, ...ids]) => ids)).size).toBe(1);
    expect(await file.queue().getWaitingCount()).toBe(1);
  });

  it("write from 8 processes without ever being told that the file is busy", async () => {
    const others = Array.from({ length: 8 }, () => file.process("add", "100"));
    const [done] = await Promise.all([Promise.all(others.map((other) => other.ended)), others]);
    expect(done).toEqual(others.map(() => 0));
    expect(await file.queue().getWaitingCount()).toBe(800);
    const db = new Database(file.path, { readonly: true });
    expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
    db.close();
  });

  it("wake a worker of another process", async () => {
    const other = file.process("work", "finish");
    await other.hear("ready");
    const queue = file.queue();
    // One could be added while the worker still looks by itself, not all of them.
    for (let round = 0; round < 10; round += 1) {
      const job = await queue.add("n", {});
      expect(await other.hear("completed")).toEqual(["completed", job.id]);
    }
  });
});

describe("workers", () => {
  it("that were killed lose their jobs at once, long before the lease ends", async () => {
    const queue = file.queue();
    await queue.addBulk([1, 2, 3].map(() => ({ name: "n", data: {} })));
    const other = file.process("work", "hold", "3600000");
    for (let at = 0; at < 3; at += 1) await other.hear("began");
    other.child.kill("SIGKILL");
    await other.ended;
    const worker = file.worker(async () => "mine", { stalledInterval: 50 });
    await until("all three", async () => (await queue.getCompletedCount()) === 3);
    for (const job of await queue.getCompleted()) {
      expect(job).toMatchObject({
        stalledCounter: 1,
        attemptsMade: 1,
        attemptsStarted: 2,
        returnvalue: "mine",
      });
    }
    await worker.close();
  });

  it("lose and double nothing though they are killed again and again", async () => {
    const jobs = 1500;
    const kills = 6;
    const queue = file.queue();
    await queue.addBulk(Array.from({ length: jobs }, () => ({ name: "n", data: {} })));
    const started = () => file.process("churn");
    const running = [started(), started()];
    for (let kill = 1; kill <= kills; kill += 1) {
      const victim = running.shift();
      await victim?.hear("ready");
      await until("some progress", async () => (await queue.getCompletedCount()) >= kill * 100);
      victim?.child.kill("SIGKILL");
      running.push(started());
    }
    await until("all jobs", async () => (await queue.getCompletedCount()) === jobs);
    const db = new Database(file.path, { readonly: true });
    const [sums] = db
      .prepare("SELECT count(*) AS n, sum(attempts_started) AS starts, sum(attempts_made) AS made FROM job")
      .all();
    const ends = db
      .prepare('SELECT count(*) AS n FROM event WHERE fields LIKE \'["event","completed"%\'')
      .get();
    expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
    db.close();
    expect(sums).toMatchObject({ n: jobs, made: jobs });
    expect((sums as { starts: number }).starts).toBeLessThanOrEqual(jobs + kills * 4);
    expect(ends).toEqual({ n: jobs });
  });

  it("that live keep their jobs", async () => {
    const queue = file.queue();
    await queue.add("n", {});
    const other = file.process("work", "hold");
    await other.hear("began");
    const worker = file.worker(null);
    const recovered = await worker.getBackend().moveStalledJobsToWait();
    expect(recovered).toEqual([]);
    expect(await queue.getActiveCount()).toBe(1);
  });

  it("that were frozen beyond their lease cannot finish the job that another one took", async () => {
    const queue = file.queue();
    const job = await queue.add("n", {});
    const other = file.process("work", "finish-late", "300");
    await other.hear("began");
    other.child.kill("SIGSTOP");
    const worker = file.worker(async () => "mine", { stalledInterval: 50 });
    await until("the second run", async () => (await job.getState()) === "completed");
    await worker.close();
    other.child.kill("SIGCONT");
    other.child.send("finish");
    expect(String((await other.hear("error"))[1])).toMatch(/Missing lock|Lock mismatch/);
    expect((await queue.getJob(String(job.id)))?.returnvalue).toBe("mine");
  });

  it("fail a job that has killed too many of them", async () => {
    const queue = file.queue();
    const job = await queue.add("n", {});
    for (let round = 0; round < 2; round += 1) {
      const other = file.process("work", "hold");
      await other.hear("began");
      other.child.kill("SIGKILL");
      await other.ended;
    }
    let ran = 0;
    file.worker(
      async () => {
        ran += 1;
      },
      { stalledInterval: 50, maxStalledCount: 1 },
    );
    await until("the failure", async () => (await job.getState()) === "failed");
    expect(ran).toBe(0);
    expect((await queue.getJob(String(job.id)))?.failedReason).toBe("job stalled more than allowable limit");
  });
});

describe("the registry", () => {
  it("lets one detached worker of many in, and the next one after its death", async () => {
    const others = ["a", "b", "c", "d"].map((id) => file.process("announce", "detached", id));
    const answers = await Promise.all(others.map((other) => other.hear("announced")));
    expect(answers.filter(([, accepted]) => accepted)).toHaveLength(1);
    const { workers } = file.sqlite;
    expect(await workers.alive()).toMatchObject([{ kind: "detached" }]);
    expect(await workers.announce({ id: "mine", kind: "foreground", info: { a: 1 } })).toBe(true);
    expect(await workers.announce({ id: "late", kind: "detached", info: {} })).toBe(false);
    const winner = others[answers.findIndex(([, accepted]) => accepted)];
    winner?.child.kill("SIGKILL");
    await winner?.ended;
    expect(await workers.alive()).toMatchObject([{ id: "mine", pid: process.pid, info: { a: 1 } }]);
    expect(await workers.announce({ id: "late", kind: "detached", info: {} })).toBe(true);
    expect(await workers.heartbeat("late")).toBe(true);
    await workers.withdraw("late");
    expect(await workers.heartbeat("late")).toBe(false);
  });

  it("forgets a worker that has been silent, though its process lives", async () => {
    const { workers } = file.sqlite;
    await workers.announce({ id: "frozen", kind: "detached", info: {} });
    const db = new Database(file.path);
    db.exec("UPDATE worker SET heartbeat_at = heartbeat_at - 16000");
    db.close();
    expect(await workers.alive()).toEqual([]);
    expect(await workers.announce({ id: "next", kind: "detached", info: {} })).toBe(true);
    expect(await workers.heartbeat("frozen")).toBe(false);
  });
});
