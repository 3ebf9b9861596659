/** What stays true of a task once it has ended or stands still: its state, its tombstone, its place in lists. */
import Database from "better-sqlite3";
import { UnrecoverableError, Worker } from "bullmq";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JobsHarness } from "../../test/fixtures/jobs-harness.ts";
import { until } from "../../test/fixtures/until.ts";
import { openJobQueue, taskQueueName } from "./connection.ts";
import { Revocations } from "./revocations.ts";

let jobs: JobsHarness;
beforeEach(() => {
  jobs = new JobsHarness();
});
afterEach(() => jobs.close());

describe("a terminal state never changes", () => {
  it("stays FAILURE when the parts that still run are aborted because the task has ended", async () => {
    const worker = await jobs.start();
    const folder = jobs.folder();
    const task = await jobs.enqueue("flow", { folder, parts: 2, kind: "part_nap" });
    await until("both parts run", () => jobs.lines(folder, "began").length === 2);
    const [tasks, odd] = [openJobQueue(taskQueueName, jobs.store), openJobQueue("odd", jobs.store)];
    // One more part, which BullMQ itself fails as it does one whose workers died too often: nobody blames it.
    const parent = { id: task.task_id, queue: tasks.qualifiedName };
    await odd.add("odd", { args: {}, taskId: task.task_id }, { parent, failParentOnFailure: true });
    const failing = new Worker(
      "odd",
      async () => {
        throw new UnrecoverableError("job stalled more than allowable limit");
      },
      { connection: jobs.store.connection },
      jobs.store.backend,
    );
    const ended = await jobs.end(task.task_id);
    expect(ended.state).toBe("FAILURE");
    await until(
      "the other parts were aborted",
      () => worker.log().match(/parts: job .* failed/g)?.length === 2,
    );
    expect(await jobs.tasks.find(task.task_id)).toEqual(ended);
    await Promise.all([failing.close(), tasks.close(), odd.close()]);
  });

  it("stays SUCCESS, and is forgotten as such, though a cancellation came too late", async () => {
    const first = await jobs.start();
    const task = await jobs.run("echo", {});
    const failed = await jobs.run("fail", { folder: jobs.folder(), code: "conflict", message: "no" });
    first.process.kill("SIGKILL");
    await first.ended;
    // As a door leaves it that dies between the two halves of a cancellation.
    const revocations = new Revocations(jobs.store);
    for (const one of [task, failed]) await revocations.add(one, undefined);
    await jobs.start();
    await until("the tombstones are gone", async () => {
      const orders = [task, failed].map((one) => revocations.orderFor(one.task_id));
      return (await Promise.all(orders)).every((order) => order === undefined);
    });
    const tasks = openJobQueue(taskQueueName, jobs.store);
    await tasks.remove(task.task_id);
    expect(await jobs.tasks.find(task.task_id)).toBeUndefined();
    await Promise.all([revocations.close(), tasks.close()]);
  });

  it("stays REVOKED and findable when its job is pruned before its tombstone", async () => {
    const first = await jobs.start();
    const folder = jobs.folder();
    const task = await jobs.enqueue("nap", { folder });
    await until("it runs", () => jobs.lines(folder, "began").length === 1);
    await jobs.tasks.cancel(task.task_id);
    expect(await jobs.end(task.task_id)).toMatchObject({ state: "REVOKED" });
    first.process.kill("SIGKILL");
    await first.ended;
    const second = await jobs.start();
    const tasks = openJobQueue(taskQueueName, jobs.store);
    await until("it has pruned", () => second.log().includes("pruned"));
    await tasks.remove(task.task_id);
    expect(await jobs.tasks.find(task.task_id)).toMatchObject({ state: "REVOKED" });
    expect((await jobs.tasks.list({ states: ["REVOKED"] })).map((one) => one.task_id)).toEqual([
      task.task_id,
    ]);
    await tasks.close();
  });
});

it("parts that failed long ago are cleaned from every queue", async () => {
  const first = await jobs.start();
  const args = { folder: jobs.folder(), parts: 1, kind: "part_fail", code: "conflict", message: "no" };
  expect(await jobs.run("flow", args)).toMatchObject({ state: "FAILURE" });
  first.process.kill("SIGKILL");
  await first.ended;
  const parts = openJobQueue("parts", jobs.store);
  expect(await parts.getFailedCount()).toBe(1);
  const db = new Database(jobs.path);
  const day = 24 * 3600 * 1000;
  db.prepare(
    "UPDATE job SET rank = rank - ?, finished_on = finished_on - ? WHERE queue = (SELECT id FROM queue WHERE name LIKE '%parts')",
  ).run(day, day);
  db.close();
  await jobs.start();
  await until("they are gone", async () => (await parts.getFailedCount()) === 0);
  await parts.close();
});

it("a task in RETRY that never reported says what it waits for", async () => {
  await jobs.start();
  const args = { code: "exhausted", message: "The disk is full." };
  const task = await jobs.enqueue("fail_patiently", args);
  const waiting = await until("it waits", async () => {
    const found = await jobs.tasks.find(task.task_id);
    return found?.state === "RETRY" ? found : undefined;
  });
  expect(waiting.progress).toMatchObject({ phase: "wait", waiting_for: "The disk is full." });
});

it("a list by state finds tasks that many others of the same BullMQ list stand before", async () => {
  const taskId: string[] = [];
  const worker = await jobs.start();
  const folder = jobs.folder();
  const failed = await jobs.run("fail", { folder, code: "conflict", message: "no" });
  const nap = jobs.folder();
  for (let turn = 0; turn < 3; turn += 1) {
    const { task_id } = await jobs.enqueue("nap", { folder: nap });
    await until("it runs", () => jobs.lines(nap, "began").length === turn + 1);
    await jobs.tasks.cancel(task_id);
    taskId.push((await jobs.end(task_id)).task_id);
  }
  const found = await jobs.tasks.list({ states: ["FAILURE"], limit: 1 });
  expect(found.map((task) => task.task_id)).toEqual([failed.task_id]);
  const revoked = await jobs.tasks.list({ states: ["REVOKED"], limit: 3 });
  expect(revoked.map((task) => task.task_id).sort()).toEqual(taskId.sort());
  worker.process.kill("SIGKILL");
  await worker.ended;
  // Of the tombstones the newest are of tasks whose job still exists.
  const early = await jobs.enqueue("echo", {});
  await jobs.tasks.cancel(early.task_id);
  const revocations = new Revocations(jobs.store);
  for (const one of [failed, ...revoked]) await revocations.add(one, undefined);
  const all = await jobs.tasks.list({ states: ["REVOKED"], limit: 4 });
  expect(all.map((task) => task.task_id)).toContain(early.task_id);
  await revocations.close();
});
