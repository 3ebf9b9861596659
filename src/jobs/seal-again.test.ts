/** Running a task again signs it anew: only what was signed before, or the refused job of a stranger would come in. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { JobsHarness, kinds } from "../../test/fixtures/jobs-harness.ts";
import { type Served, serve } from "../../test/fixtures/jobs-serve.ts";
import { type JobQueue, openJobQueue, taskQueueName } from "./connection.ts";
import { type ClockFront, openTaskFront } from "./queue.ts";
import { Revocations } from "./revocations.ts";
import { openSealer } from "./seal.ts";
import { newTaskId } from "./task-id.ts";

const sealer = openSealer({ signing: "here:sixteen-letters-and-more" });
let jobs: JobsHarness;
let tasks: ClockFront;
let queue: JobQueue;
let served: Served | undefined;
beforeEach(() => {
  jobs = new JobsHarness();
  tasks = openTaskFront({ connection: jobs.store, kinds, sealer });
  queue = openJobQueue(taskQueueName, jobs.store);
  served = undefined;
});
afterEach(async () => {
  await served?.close();
  await queue.close();
  await tasks.close();
  await jobs.close();
});

const failing = { fail: "forbidden: The job is not signed." };

/** As a worker leaves a job that somebody put into the store without a key. */
async function failUnsigned(): Promise<string> {
  const jobId = newTaskId("");
  await queue.add("echo", { args: failing }, { jobId });
  served ??= serve(jobs.store);
  expect(await tasks.wait(jobId, { timeoutMs: 10_000 })).toMatchObject({ state: "FAILURE" });
  return jobId;
}

it("does not sign an unsigned dead letter by running it again", async () => {
  const forged = await failUnsigned();
  await expect(tasks.retry(forged)).rejects.toMatchObject({ code: "forbidden" });
  await expect(tasks.deadLetters.redrive([forged])).rejects.toMatchObject({ code: "forbidden" });
  expect((await tasks.list()).map((task) => task.task_id)).toEqual([forged]);
});

it("redrives all that were signed, and leaves the others where they are", async () => {
  const forged = await failUnsigned();
  const { task } = await tasks.enqueue({ kind: "echo", args: failing });
  await tasks.wait(task.task_id, { timeoutMs: 10_000 });
  await served?.close();
  expect(await tasks.deadLetters.redrive()).toMatchObject([{ state: "PENDING", args: failing }]);
  expect((await tasks.deadLetters.list()).map((letter) => letter.task_id)).toEqual([forged]);
  expect(await tasks.deadLetters.purge()).toBe(1);
});

it("does not sign what a forged tombstone says", async () => {
  const { task } = await tasks.enqueue({
    kind: "echo",
    args: { value: 1 },
    deduplicationKey: "k",
    priority: 8,
  });
  await tasks.cancel(task.task_id);
  const again = await tasks.retry(task.task_id);
  expect((await queue.getJob(again.task_id))?.opts).toMatchObject({ priority: 2 });
  expect((await tasks.enqueue({ kind: "echo", args: {}, deduplicationKey: "k" })).joined).toBe(true);
  const revocations = new Revocations(jobs.store);
  const forged = { ...task, task_id: newTaskId(""), args: { value: "forged" } };
  await revocations.add(forged);
  await revocations.close();
  expect(await tasks.find(forged.task_id)).toMatchObject({ state: "REVOKED" });
  await expect(tasks.retry(forged.task_id)).rejects.toMatchObject({ code: "forbidden" });
});
