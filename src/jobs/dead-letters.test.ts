/** Tasks that failed for good: listed with the reason, run again with fresh counters, thrown away. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JobsHarness, kinds } from "../../test/fixtures/jobs-harness.ts";
import { type Served, serve } from "../../test/fixtures/jobs-serve.ts";
import { freshStore, missingStore, storeKinds } from "../../test/fixtures/stores.ts";
import { until } from "../../test/fixtures/until.ts";
import { CambiumError } from "../errors.ts";
import { openJobQueue, taskQueueName } from "./connection.ts";
import { type ClockFront, openTaskFront } from "./queue.ts";
import type { TaskRecord } from "./task.ts";
import { derivedTaskId } from "./task-id.ts";

let jobs: JobsHarness;
let tasks: ClockFront;
let served: Served;
beforeEach(() => {
  jobs = new JobsHarness();
  tasks = openTaskFront({ connection: jobs.store, kinds });
  served = serve(jobs.store);
});
afterEach(async () => {
  await served.close();
  await tasks.close();
  await jobs.close();
});

async function fail(value: number, deduplicationKey?: string): Promise<string> {
  const key = deduplicationKey === undefined ? {} : { deduplicationKey };
  const args = { value, fail: "conflict: Not possible." };
  const { task } = await tasks.enqueue({ kind: "echo", args, priority: 7, ...key });
  expect(await tasks.wait(task.task_id, { timeoutMs: 10_000 })).toMatchObject({ state: "FAILURE" });
  return task.task_id;
}

it("lists them newest first, with the reason", async () => {
  const first = await fail(1);
  const second = await fail(2);
  const letters = await tasks.deadLetters.list();
  expect(letters.map((task) => task.task_id)).toEqual([second, first]);
  expect(letters[0]?.error).toEqual({ code: "conflict", message: "Not possible." });
  expect(await tasks.deadLetters.list(1)).toHaveLength(1);
});

it("runs one again with fresh counters, its key and priority, and takes the letter away", async () => {
  const dead = await fail(1, "k");
  const queue = openJobQueue(taskQueueName, jobs.store);
  await served.close();
  const [again] = await tasks.deadLetters.redrive([dead]);
  expect(again).toMatchObject({ state: "PENDING", attempts: 0, args: { value: 1 }, error: null });
  expect(again?.task_id).not.toBe(dead);
  expect(await tasks.find(dead)).toBeUndefined();
  const job = await queue.getJob(again?.task_id ?? "");
  expect(job?.opts).toMatchObject({ priority: 3 });
  expect((await tasks.enqueue({ kind: "echo", args: {}, deduplicationKey: "k" })).joined).toBe(true);
  await expect(tasks.deadLetters.redrive([dead])).rejects.toMatchObject({ code: "not_found" });
  await expect(tasks.deadLetters.redrive([again?.task_id ?? ""])).rejects.toMatchObject({ code: "conflict" });
  await queue.close();
});

it("makes one task of a letter, though the process died before it took the letter away", async () => {
  const dead = await fail(1);
  await served.close();
  // As left by a process that died in between.
  const queue = openJobQueue(taskQueueName, jobs.store);
  const job = await queue.getJob(dead);
  const early = derivedTaskId("", "redrive", dead);
  if (job !== undefined) await queue.add(job.name, job.data, { jobId: early, priority: 3 });
  const [again] = await tasks.deadLetters.redrive();
  expect(again?.task_id).toBe(early);
  expect((await tasks.list()).map((task) => task.task_id)).toEqual([early]);
  await queue.close();
});

it("runs or removes all of them, and nothing else", async () => {
  for (const value of [1, 2, 3]) await fail(value);
  await served.close();
  const { task } = await tasks.enqueue({ kind: "echo", args: {} });
  expect(await tasks.deadLetters.redrive()).toHaveLength(3);
  expect(await tasks.deadLetters.list()).toEqual([]);
  expect((await tasks.list({ states: ["PENDING"] })).map((one) => one.task_id)).toContain(task.task_id);
  served = serve(jobs.store);
  await until("all failed again", async () => (await tasks.deadLetters.list()).length === 3);
  const [one] = await tasks.deadLetters.list();
  expect(await tasks.deadLetters.purge([one?.task_id ?? ""])).toBe(1);
  expect(await tasks.deadLetters.purge()).toBe(2);
  expect(await tasks.deadLetters.purge()).toBe(0);
  expect((await tasks.list()).map((left) => left.state)).toEqual(["SUCCESS"]);
});

describe.each(storeKinds)("on %s", (kind) => {
  it.skipIf(missingStore(kind) !== undefined)(
    "removes the others though one is a schedule's run, which may have to stay",
    async () => {
      const other = new JobsHarness(freshStore(kind).url);
      const front = openTaskFront({ connection: other.store, kinds });
      const worker = serve(other.store);
      const request = { kind: "echo", args: { fail: "conflict: Not possible." } };
      const { task } = await front.enqueue(request);
      await front.schedules.upsert("often", { everyMs: 1000 }, request);
      const letters = () => front.deadLetters.list();
      await until("letters of both", async () => (await letters()).length > 1);
      await front.schedules.remove("often");
      await worker.close();
      const count = (await letters()).length;
      const gone = await front.deadLetters.purge();
      expect(gone).toBe(kind === "postgres" ? 1 : count);
      const left = (await letters()).map(({ task_id }) => task_id);
      expect(left).toHaveLength(count - gone);
      expect(left).not.toContain(task.task_id);
      await front.close();
      await other.close();
    },
  );
});

it("does not run what may not run any more, and of all letters leaves it", async () => {
  const forbidden = await fail(1);
  const other = await fail(2);
  await served.close();
  const check = ({ args }: TaskRecord) => {
    if (args["value"] === 1) throw new CambiumError("forbidden", "outside");
  };
  await expect(tasks.deadLetters.redrive([forbidden], check)).rejects.toMatchObject({ code: "forbidden" });
  expect(await tasks.deadLetters.redrive(undefined, check)).toMatchObject([{ args: { value: 2 } }]);
  expect((await tasks.deadLetters.list()).map((task) => task.task_id)).toEqual([forbidden]);
  expect(await tasks.find(other)).toBeUndefined();
});
