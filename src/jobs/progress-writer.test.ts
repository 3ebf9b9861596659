/** The writer of progress records, on a real task store. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { JobsHarness } from "../../test/fixtures/jobs-harness.ts";
import { type JobQueue, openJobQueue, taskQueueName } from "./connection.ts";
import { ProgressWriter } from "./progress-writer.ts";

let jobs: JobsHarness;
let tasks: JobQueue;
beforeEach(() => {
  jobs = new JobsHarness();
  tasks = openJobQueue(taskQueueName, jobs.store);
});
afterEach(async () => {
  await tasks.close();
  await jobs.close();
});

const report = (done: number) => ({ phase: "parse", done, total: 9, unit: "files" });

it("a flush waits for a write that another flush has begun", async () => {
  const { task_id } = await jobs.enqueue("echo", {});
  const writer = new ProgressWriter(tasks, (error) => expect.fail(String(error)));
  writer.report(task_id, report(1));
  const first = writer.flush(task_id);
  writer.report(task_id, report(2));
  let isStored = false;
  void writer.flush(task_id).then(() => {
    isStored = true;
  });
  await first;
  await writer.flush(task_id);
  expect(isStored).toBe(true);
  expect((await jobs.tasks.find(task_id))?.progress).toMatchObject({ done: 2 });
});
