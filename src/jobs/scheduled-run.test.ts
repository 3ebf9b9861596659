/** A schedule and a request by hand for the same key: one task, whoever was first. */
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, it } from "vitest";
import { JobsHarness, kinds } from "../../test/fixtures/jobs-harness.ts";
import { until } from "../../test/fixtures/until.ts";
import { type ClockFront, openTaskFront } from "./queue.ts";

let jobs: JobsHarness;
let tasks: ClockFront;
beforeEach(() => {
  jobs = new JobsHarness();
  tasks = openTaskFront({ connection: jobs.store, kinds });
});
afterEach(async () => {
  await tasks.close();
  await jobs.close();
});

const handedOver = () =>
  until("a run of the schedule", async () => {
    const ended = await tasks.list({ states: ["SUCCESS"] });
    return ended.find((task) => task.task_id.startsWith("repeat:"));
  });

it("joins the running task of its key, and is joined by who asks later", async () => {
  await jobs.start();
  const folder = jobs.folder();
  const nap = { kind: "nap", args: { folder }, deduplicationKey: folder };
  const { task } = await tasks.enqueue(nap);
  await until("it began", () => jobs.lines(folder, "began").length === 1);
  await tasks.schedules.upsert("often", { everyMs: 1000 }, nap);
  expect((await handedOver()).result).toEqual({ task_id: task.task_id, joined: true });
  await tasks.cancel(task.task_id);
  const started = await until("a task of its own", async () => {
    const ended = await tasks.list({ states: ["SUCCESS"] });
    return ended.find((run) => run.result?.["joined"] === false)?.result?.["task_id"];
  });
  await tasks.schedules.remove("often");
  const later = await tasks.enqueue(nap);
  expect([later.joined, later.task.task_id]).toEqual([true, started]);
  await tasks.cancel(later.task.task_id);
});

it("goes on when the task that holds its key is gone from the store", async () => {
  const echo = { kind: "echo", args: { value: 1 }, deduplicationKey: "k" };
  const lost = (await tasks.enqueue(echo)).task.task_id;
  const file = new Database(jobs.path);
  expect(file.prepare("DELETE FROM job WHERE id = ?").run(lost).changes).toBe(1);
  file.close();
  await tasks.schedules.upsert("often", { everyMs: 1000 }, echo);
  await jobs.start();
  expect((await handedOver()).result).toMatchObject({ joined: false });
});
