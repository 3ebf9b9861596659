/** What can be asked for beside the plain run: priorities, times, one more run, a canvas; and what is refused whole. */
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JobsHarness, kinds } from "../../test/fixtures/jobs-harness.ts";
import { type Served, serve } from "../../test/fixtures/jobs-serve.ts";
import { until } from "../../test/fixtures/until.ts";
import { stateNumber } from "./backends/sqlite/schema.ts";
import { openJobQueue, taskQueueName } from "./connection.ts";
import { FollowUps } from "./follow-ups.ts";
import { type EnqueueRequest, openTaskFront } from "./queue.ts";
import { openSealer } from "./seal.ts";
import type { Priority } from "./task.ts";

let jobs: JobsHarness;
let served: Served | undefined;
beforeEach(() => {
  jobs = new JobsHarness();
});
afterEach(async () => {
  await served?.close();
  served = undefined;
  await jobs.close();
});

const front = () => openTaskFront({ connection: jobs.store, kinds });
const echo = (value: number | string, more: Partial<EnqueueRequest> = {}): EnqueueRequest => ({
  kind: "echo",
  args: { value },
  ...more,
});

it("runs 9 first and 0 last, those without a priority in the middle, equal ones in their order", async () => {
  const wanted: [string, Priority | undefined][] = [
    ["last", 0],
    ["m1", undefined],
    ["m2", 5],
    ["first", 9],
    ["m3", undefined],
  ];
  for (const [name, priority] of wanted)
    await jobs.tasks.enqueue(echo(name, priority === undefined ? {} : { priority }));
  served = serve(jobs.store);
  await until("all ran", () => served?.taken.length === 5);
  expect(served.taken.map((job) => job.data.args["value"])).toEqual(["first", "m1", "m2", "m3", "last"]);
});

it("lists the newest first, also where priorities stand before time", async () => {
  const asked: [number, Priority][] = [
    [1, 0],
    [2, 9],
    [3, 5],
    [4, 0],
    [5, 9],
  ];
  for (const [value, priority] of asked) {
    await jobs.tasks.enqueue(echo(value, { priority }));
    const stamp = Date.now();
    await until("the clock moves on", () => Date.now() > stamp);
  }
  const listed = await jobs.tasks.list({ limit: 3 });
  expect(listed.map((task) => task.args["value"])).toEqual([5, 4, 3]);
});

it("does not begin before its time", async () => {
  const before = Date.now();
  const tasks = front();
  await tasks.enqueue(echo("eta", { eta: new Date(before + 150) }));
  await tasks.enqueue(echo("countdown", { countdownMs: 300 }));
  await tasks.enqueue(echo("past", { eta: new Date(0) }));
  served = serve(jobs.store);
  await until("all ran", () => served?.taken.length === 3);
  const late = new Map(served.taken.map((job) => [job.data.args["value"], (job.processedOn ?? 0) - before]));
  expect([...late.keys()].sort()).toEqual(["countdown", "eta", "past"]);
  expect(late.get("eta")).toBeGreaterThanOrEqual(150);
  expect(late.get("countdown")).toBeGreaterThanOrEqual(300);
  await tasks.close();
});

it.each<[string, Partial<EnqueueRequest>, string]>([
  ["a priority of 12", { priority: 12 as Priority }, "The priority 12 is refused"],
  ["a payload of 10 MB", { args: { a: "x".repeat(10_000_000) } }, "the limit is 262144"],
  ["an unknown kind", { kind: "nothing" }, 'There is no task of kind "nothing". Known: '],
  ["a time twice", { eta: new Date(), countdownMs: 1 }, "Give eta or countdownMs, not both"],
  ["no time", { eta: new Date("soon") }, "eta must be a valid Date"],
  ["a time that has been", { countdownMs: -1 }, "countdownMs must be a number of milliseconds from 0"],
  ["a canvas of 5 MB", { kind: "canvas", args: { canvas: "x".repeat(5_000_000) } }, "The arguments: "],
])("refuses %s, and stores nothing", async (_what, more, message) => {
  const tasks = front();
  await expect(tasks.enqueue(echo(1, more))).rejects.toMatchObject({
    code: "invalid_argument",
    message: expect.stringContaining(message),
  });
  expect(await tasks.list()).toEqual([]);
  await tasks.close();
});

describe("a key whose task runs", () => {
  it("lets one more run follow, with what was asked last, however often and by whomever it is asked for", async () => {
    const tasks = front();
    let finish = () => {};
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    served = serve(jobs.store, async (job) => {
      if (job.data.args["value"] === 0) await gate;
      return {};
    });
    const again = { deduplicationKey: "k", whenRunning: "again" } as const;
    const first = await tasks.enqueue(echo(0, again));
    await until("it runs", () => served?.taken.length === 1);
    for (let value = 1; value <= 20; value += 1)
      expect(await tasks.enqueue(echo(value, again))).toMatchObject({
        joined: true,
        task: { task_id: first.task.task_id },
      });
    expect((await tasks.enqueue(echo(99, { deduplicationKey: "k" }))).joined).toBe(true);
    finish();
    await tasks.wait(first.task.task_id, { timeoutMs: 10_000 });
    const queue = openJobQueue(taskQueueName, jobs.store);
    const followUps = new FollowUps(jobs.store);
    const [job] = served.taken;
    // As the worker does at the end of a task, and its janitor now and then: together they start one run.
    if (job !== undefined) await Promise.all([followUps.takeUpAfter(job, queue), followUps.takeUpAll(queue)]);
    await until("the second ran", () => served?.taken.length === 2);
    expect(served.taken.at(-1)?.data.args).toEqual({ value: 20 });
    await until("it has ended", async () => (await tasks.list({ states: ["SUCCESS"] })).length === 2);
    await followUps.takeUpAll(queue);
    expect((await tasks.list()).length).toBe(2);
    await Promise.all([queue.close(), followUps.close(), tasks.close()]);
  });

  it("joins a task that has not begun and would do the same", async () => {
    const tasks = front();
    const again = { deduplicationKey: "k", whenRunning: "again" } as const;
    await tasks.enqueue(echo(1, again));
    await tasks.enqueue(echo(1, again));
    const queue = openJobQueue(taskQueueName, jobs.store);
    const followUps = new FollowUps(jobs.store);
    const [waiting] = await queue.getJobs(["prioritized"]);
    await waiting?.remove();
    await followUps.takeUpAll(queue);
    expect(await tasks.list()).toEqual([]);
    await Promise.all([queue.close(), followUps.close(), tasks.close()]);
  });

  it("is not followed by another run when it is cancelled", async () => {
    const tasks = front();
    const again = { deduplicationKey: "k", whenRunning: "again" } as const;
    const { task } = await tasks.enqueue(echo(1, again));
    await tasks.enqueue(echo(2, again));
    await tasks.cancel(task.task_id);
    const queue = openJobQueue(taskQueueName, jobs.store);
    const followUps = new FollowUps(jobs.store);
    await followUps.takeUpAll(queue);
    expect((await tasks.list()).map((one) => one.state)).toEqual(["REVOKED"]);
    await Promise.all([queue.close(), followUps.close(), tasks.close()]);
  });
});

describe("a canvas", () => {
  it("is one task, checked whole and found by its id", async () => {
    const tasks = front();
    const canvas = { chain: [{ kind: "echo", args: {} }, { group: [{ kind: "part", args: {} }] }] };
    const { task } = await tasks.submit(canvas, { priority: 8 });
    expect(task).toMatchObject({ kind: "canvas", state: "PENDING", args: { canvas } });
    expect(await tasks.find(task.task_id)).toEqual(task);
    const broken = {
      group: [
        { kind: "echo", args: {} },
        { kind: "nothing", args: {} },
      ],
    };
    await expect(tasks.submit(broken)).rejects.toMatchObject({
      code: "invalid_argument",
      message: expect.stringContaining("canvas.group[1].kind"),
    });
    expect(await tasks.list()).toHaveLength(1);
    await tasks.close();
  });

  it("is cancelled also when it is about to go on while a part of it runs", async () => {
    const tasks = front();
    await jobs.start();
    const folder = jobs.folder();
    const { task } = await tasks.submit({ group: [{ kind: "nap", args: { folder } }] });
    await until("the nap runs", () => jobs.lines(folder, "began").length === 1);
    const queue = openJobQueue(taskQueueName, jobs.store);
    await queue.pause();
    const file = new Database(jobs.path);
    // As between the end of a part that failed and that of the last one.
    const sql = "UPDATE job SET state = ? WHERE id = ? AND state = ?";
    expect(
      file.prepare(sql).run(stateNumber("prioritized"), task.task_id, stateNumber("waiting-children"))
        .changes,
    ).toBe(1);
    file.close();
    expect(await tasks.cancel(task.task_id)).toMatchObject({ task_id: task.task_id });
    await queue.close();
    await tasks.close();
  });

  it("shows how many of its parts have ended, and ends with a part that is cancelled by its id", async () => {
    const tasks = front();
    await jobs.start();
    const folder = jobs.folder();
    const echoes = [1, 2].map((value) => ({ kind: "echo", args: { value } }));
    const { task } = await tasks.submit({ group: [...echoes, { kind: "nap", args: { folder } }] });
    const seen = await until("the echoes have ended", async () => {
      const found = await tasks.find(task.task_id);
      return found?.progress?.done === 2 ? found : undefined;
    });
    expect(seen).toMatchObject({ state: "PROGRESS", progress: { phase: "parts", total: 3, unit: "parts" } });
    expect(await tasks.list({ states: ["PROGRESS"] })).toEqual([seen]);
    await until("the nap runs", () => jobs.lines(folder, "began").length === 1);
    const part = `${task.task_id}-0-2`;
    expect(await tasks.cancel(part)).toMatchObject({ task_id: part, kind: "nap", state: "REVOKED" });
    const ended = await tasks.wait(task.task_id, { timeoutMs: 20_000 });
    expect(ended).toMatchObject({ state: "REVOKED", error: { code: "cancelled" } });
    expect(await tasks.list()).toEqual([ended]);
    await expect(tasks.cancel(`${task.task_id}-9-9`)).rejects.toMatchObject({ code: "not_found" });
    await tasks.close();
  });

  it("of ten thousand headers is accepted", async () => {
    const tasks = front();
    const header = Array.from({ length: 10_000 }, (_, index) => ({ kind: "part", args: { index } }));
    const { task } = await tasks.submit({ chord: { header, body: { kind: "echo", args: {} } } });
    expect(task.state).toBe("PENDING");
    await tasks.close();
  });
});

it("signs what it stores, and reads results that are encrypted", async () => {
  const keys = { signing: "s:0123456789abcdef", encryption: "e:0123456789abcdef" };
  const sealer = openSealer(keys);
  const tasks = openTaskFront({ connection: jobs.store, kinds, sealer });
  served = serve(jobs.store, async (job) => {
    sealer.verify({ queue: job.queueName, name: job.name, id: String(job.id) }, job.data);
    return sealer.encrypt(String(job.id), { found: "it" });
  });
  const { task } = await tasks.enqueue(echo(1, { deduplicationKey: "k", expiresAt: new Date(9e12) }));
  const ended = await tasks.wait(task.task_id, { timeoutMs: 10_000 });
  expect(ended).toMatchObject({ state: "SUCCESS", result: { found: "it" }, error: null });
  expect(await jobs.tasks.find(task.task_id)).toMatchObject({
    state: "SUCCESS",
    result: null,
    error: { code: "forbidden" },
  });
  await tasks.close();
});
