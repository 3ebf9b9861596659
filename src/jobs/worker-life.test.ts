/** The life of worker processes: killed at any moment, stopped warm and cold, idle, and only one of them detached. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JobsHarness } from "../../test/fixtures/jobs-harness.ts";
import { until } from "../../test/fixtures/until.ts";
import { workerEnsurer } from "./detached.ts";
import type { ClockFront } from "./queue.ts";

let jobs: JobsHarness;
beforeEach(() => {
  jobs = new JobsHarness();
});
afterEach(() => jobs.close());

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe("kill -9", () => {
  it("loses nothing when the worker is killed ten times", async () => {
    const folder = jobs.folder();
    const parts = 150;
    const task = await jobs.enqueue("flow", { folder, parts, ms: 60 });
    let kills = 0;
    for (; kills < 10; kills += 1) {
      const worker = await jobs.start();
      const before = readdirSync(folder).length;
      const goal = before + ((5 * kills) % 12);
      await until("it gets on", () => readdirSync(folder).length >= goal);
      worker.process.kill("SIGKILL");
      await worker.ended;
      // The first one is killed before it has begun the task.
      expect(["PENDING", "STARTED", "PROGRESS"]).toContain((await jobs.tasks.find(task.task_id))?.state);
    }
    await jobs.start();
    expect(await jobs.end(task.task_id)).toMatchObject({ state: "SUCCESS", result: { parts }, attempts: 1 });
    expect(readdirSync(folder).filter((name) => name.startsWith("part-"))).toHaveLength(parts);
  });

  it("takes the children with it", async () => {
    const worker = await jobs.start();
    const folder = jobs.folder();
    await jobs.enqueue("nap", { folder });
    const began = await until("it runs", () => jobs.lines(folder, "began")[0]);
    const pid = Number(began.split(" ")[2]);
    expect(isAlive(pid)).toBe(true);
    worker.process.kill("SIGKILL");
    await until("the child is gone", () => !isAlive(pid));
  });

  it("does not forget a cancellation while no worker is alive", async () => {
    const worker = await jobs.start();
    const folder = jobs.folder();
    const task = await jobs.enqueue("nap", { folder });
    await until("it runs", () => jobs.lines(folder, "began").length === 1);
    worker.process.kill("SIGKILL");
    await worker.ended;
    await jobs.tasks.cancel(task.task_id);
    await jobs.start();
    expect(await jobs.end(task.task_id)).toMatchObject({ state: "REVOKED" });
    expect(jobs.lines(folder, "began")).toHaveLength(1);
  });
});

it("gives a step of a kind that wants them the results of the parts it waited for", async () => {
  await jobs.start();
  const task = await jobs.enqueue("gather", { values: [7, "x", null] });
  const { result } = await jobs.end(task.task_id);
  expect(result?.["previous"]).toHaveLength(3);
  expect(result?.["previous"]).toEqual(
    expect.arrayContaining([{ value: 7 }, { value: "x" }, { value: null }]),
  );
});

describe("a worker that was stopped for longer than its lease", () => {
  it("cannot finish the job that another has taken, and works on afterwards", async () => {
    const sleeper = await jobs.start("foreground", { leaseMs: 2000 });
    const folder = jobs.folder();
    const task = await jobs.enqueue("nap", { folder });
    await until("it runs", () => jobs.lines(folder, "began").length === 1);
    sleeper.process.kill("SIGSTOP");
    const other = await jobs.start("foreground", { leaseMs: 2000 });
    await until("the other has taken it", () => jobs.lines(folder, "began").length === 2, 50_000);
    sleeper.process.kill("SIGCONT");
    await until("it notices", () => sleeper.log().includes("could not renew lock"), 30_000);
    jobs.release(folder);
    const ended = await jobs.end(task.task_id);
    expect(ended).toMatchObject({ state: "SUCCESS", attempts: 1 });
    other.process.kill("SIGKILL");
    await other.ended;
    expect(await jobs.run("echo", { value: 1 })).toMatchObject({ state: "SUCCESS" });
    // BullMQ does not fence progress, so a report of the sleeper may still arrive; nothing else of the end changes.
    expect({ ...(await jobs.tasks.find(task.task_id)), progress: null }).toEqual({
      ...ended,
      progress: null,
    });
  }, 120_000);
});

describe("stopping", () => {
  it("warm: a running job that does not end in time goes back without counting an attempt", async () => {
    const first = await jobs.start();
    const folder = jobs.folder();
    const task = await jobs.enqueue("nap", { folder });
    await until("it runs", () => jobs.lines(folder, "began").length === 1);
    first.process.kill("SIGTERM");
    expect(await first.ended).toBe(0);
    expect((await jobs.tasks.find(task.task_id))?.state).toBe("PROGRESS");
    await jobs.start();
    await until("it runs again", () => jobs.lines(folder, "began").length === 2);
    jobs.release(folder);
    expect(await jobs.end(task.task_id)).toMatchObject({
      state: "SUCCESS",
      result: { attempt: 1 },
      attempts: 1,
    });
    expect(jobs.lines(folder, "began").map((line) => line.split(" ").slice(0, 2))).toEqual([
      ["1", "1"],
      ["1", "2"],
    ]);
  });

  it("warm: a job that ends in time is finished, and no other is begun", async () => {
    const worker = await jobs.start();
    const folder = jobs.folder();
    const running = [await jobs.enqueue("nap", { folder }), await jobs.enqueue("nap", { folder })];
    await until("both run", () => jobs.lines(folder, "began").length === 2);
    const waiting = await jobs.enqueue("echo", {});
    worker.process.kill("SIGTERM");
    jobs.release(folder);
    expect(await worker.ended).toBe(0);
    for (const { task_id } of running) expect((await jobs.tasks.find(task_id))?.state).toBe("SUCCESS");
    expect((await jobs.tasks.find(waiting.task_id))?.state).toBe("PENDING");
  });

  it("cold: ends at once, and the next worker runs the job again", async () => {
    const first = await jobs.start();
    const folder = jobs.folder();
    const task = await jobs.enqueue("nap", { folder });
    const began = await until("it runs", () => jobs.lines(folder, "began")[0]);
    first.process.kill("SIGTERM");
    await until("it stops warm", () => first.log().includes("stops warm"));
    first.process.kill("SIGTERM");
    expect(await first.ended).toBe(0);
    expect(isAlive(Number(began.split(" ")[2]))).toBe(false);
    await jobs.start();
    await until("it runs again", () => jobs.lines(folder, "began").length === 2);
    jobs.release(folder);
    expect(await jobs.end(task.task_id)).toMatchObject({ state: "SUCCESS", attempts: 1 });
  });
});

describe("stopping with a store that cannot be written", () => {
  it.each(["once", "twice"])("ends well when it is told %s", async (times) => {
    const worker = await jobs.start();
    const db = new Database(jobs.path);
    db.exec("DROP TABLE worker");
    db.close();
    worker.process.kill("SIGTERM");
    if (times === "twice") {
      await until("it stops warm", () => worker.log().includes("stops warm"));
      worker.process.kill("SIGTERM");
    }
    expect(await worker.ended, worker.log()).toBe(0);
    expect(worker.log()).toContain("no such table: worker");
  });
});

describe("a detached worker", () => {
  it("ends itself after standing idle, not while a task is unfinished", async () => {
    const worker = await jobs.start("detached", { idleMs: 300 });
    const folder = jobs.folder();
    const task = await jobs.enqueue("nap", { folder });
    await until("it naps for longer than that", async () => {
      return ((await jobs.tasks.find(task.task_id))?.progress?.done ?? 0) > 60;
    });
    expect(worker.process.exitCode).toBeNull();
    jobs.release(folder);
    expect(await worker.ended).toBe(0);
    expect(await jobs.store.workers.alive()).toEqual([]);
    expect(await jobs.tasks.find(task.task_id)).toMatchObject({ state: "SUCCESS" });
  });

  it("is not kept alive by schedules for upkeep, which are no tasks before their time", async () => {
    const { schedules } = jobs.tasks as ClockFront;
    await schedules.upsert("daily", { everyMs: 86_400_000 }, { kind: "upkeep", args: {} });
    expect(await jobs.tasks.list()).toEqual([]);
    const worker = await jobs.start("detached", { idleMs: 300 });
    expect(await worker.ended).toBe(0);
    await schedules.upsert("wanted", { everyMs: 86_400_000 }, { kind: "echo", args: {} });
    expect((await jobs.tasks.list()).map(({ kind }) => kind)).toEqual(["echo"]);
    const busy = await jobs.start("detached", { idleMs: 300 });
    await schedules.remove("wanted");
    expect(await busy.ended).toBe(0);
  });

  it("is refused while another is alive, and leaves quietly", async () => {
    const first = await jobs.start("detached");
    const second = await jobs.start("detached");
    expect([first, second].map(({ answer }) => answer.split(" ")[0])).toEqual(["ready", "refused"]);
    expect(await second.ended).toBe(0);
    expect((await jobs.store.workers.alive()).map((worker) => worker.pid)).toEqual([first.process.pid]);
  });

  it("is started once by two doors at once, and again when it was killed", async () => {
    const script = fileURLToPath(new URL("../../test/fixtures/jobs-worker.mjs", import.meta.url));
    // The idle time only ends what a failing test would leave behind.
    const args = [script, jobs.url, "detached", "20000", "15000"];
    const command = { program: process.execPath, args, logFile: join(jobs.home, "logs", "worker.log") };
    const doors = [1, 2].map(() => workerEnsurer(jobs.store.workers, command));
    const ensure = () => Promise.all(doors.map((door) => door()));
    const registered = () => jobs.store.workers.alive();
    await ensure();
    await until("one is alive", async () => (await registered()).length > 0);
    const output = () => jobs.lines(join(jobs.home, "logs"), "worker.log");
    const answers = () => output().filter((line) => /^(ready|refused) /.test(line));
    await until("both have answered", () => answers().length === 2);
    expect(
      answers()
        .map((line) => line.split(" ")[0])
        .sort(),
    ).toEqual(["ready", "refused"]);
    await ensure();
    const [worker, ...others] = await registered();
    expect(others).toEqual([]);
    process.kill(worker?.pid ?? 0, "SIGKILL");
    const successor = await until("a successor is alive", async () => {
      // One door only: it starts no second process while its first is starting, so this test knows whom to end.
      await doors[0]?.();
      return (await registered()).find((other) => other.id !== worker?.id);
    });
    process.kill(successor.pid, "SIGTERM");
    await until("the successor has ended", () => !isAlive(successor.pid));
  });

  it("cannot be started from a program that is not there", async () => {
    const command = { program: join(jobs.home, "nothing"), args: [], logFile: join(jobs.home, "worker.log") };
    await expect(workerEnsurer(jobs.store.workers, command)()).rejects.toMatchObject({ code: "unavailable" });
  });
});
