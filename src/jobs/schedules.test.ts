/** Tasks that come again: fired once however many look on, listed with their times, and wrong times refused. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JobsHarness, kinds } from "../../test/fixtures/jobs-harness.ts";
import { type Served, serve } from "../../test/fixtures/jobs-serve.ts";
import { until } from "../../test/fixtures/until.ts";
import { openJobQueue, taskQueueName } from "./connection.ts";
import { type ClockFront, openTaskFront } from "./queue.ts";
import type { ScheduleTimes } from "./schedules.ts";
import { openSealer } from "./seal.ts";

let jobs: JobsHarness;
let tasks: ClockFront;
const served: Served[] = [];
const sealer = openSealer({ signing: "s:0123456789abcdef" });
beforeEach(() => {
  jobs = new JobsHarness();
  tasks = openTaskFront({ connection: jobs.store, kinds, sealer });
});
afterEach(async () => {
  await Promise.all(served.splice(0).map((one) => one.close()));
  await tasks.close();
  await jobs.close();
});

const echo = { kind: "echo", args: { value: 1 } };

it("runs each time once, though four processes' worth of workers and fronts look on", async () => {
  await Promise.all([1, 2, 3, 4].map(() => tasks.schedules.upsert("often", { everyMs: 1000 }, echo)));
  for (let turn = 0; turn < 3; turn += 1) {
    served.push(
      serve(jobs.store, async (job) => {
        sealer.verify({ queue: job.queueName, name: job.name, id: String(job.id) }, job.data);
        return {};
      }),
    );
  }
  const runs = () => served.flatMap((one) => one.taken.map((job) => String(job.id)));
  await until("three runs", () => runs().length >= 3);
  expect(new Set(runs()).size).toBe(runs().length);
  expect(runs().every((id) => id.startsWith("repeat:often:"))).toBe(true);
  await until("none of them failed", async () => {
    const ended = await tasks.list({ states: ["SUCCESS", "FAILURE"] });
    expect(ended.every((task) => task.state === "SUCCESS")).toBe(true);
    return ended.length >= 3;
  });
  const [schedule] = await tasks.schedules.list();
  expect(schedule).toMatchObject({ id: "often", kind: "echo", args: { value: 1 }, everyMs: 1000 });
  expect(Date.parse(schedule?.next_at ?? "")).toBeGreaterThan(Date.parse(schedule?.last_at ?? ""));
});

it("lists the next time of a cron in its time zone, and changes or removes it", async () => {
  const times = { cron: "30 4 * * *", timeZone: "Asia/Tokyo", missed: "skip" } as const;
  await tasks.schedules.upsert("nightly", times, echo);
  const [schedule] = await tasks.schedules.list();
  expect(schedule).toMatchObject({
    cron: "30 4 * * *",
    timeZone: "Asia/Tokyo",
    missed: "skip",
    last_at: null,
  });
  expect(schedule?.next_at?.slice(11)).toBe("19:30:00.000Z");
  const [waiting] = await tasks.list();
  expect(waiting).toMatchObject({ state: "PENDING", kind: "echo" });
  const queue = openJobQueue(taskQueueName, jobs.store);
  expect((await queue.getJob(waiting?.task_id ?? ""))?.data.graceMs).toBe(60_000);
  await queue.close();
  await tasks.schedules.upsert("nightly", { cron: "0 5 * * *" }, echo);
  expect((await tasks.schedules.list()).map((one) => [one.cron, one.timeZone, one.missed])).toEqual([
    ["0 5 * * *", "UTC", "once"],
  ]);
  expect(await tasks.list()).toHaveLength(1);
  expect(await tasks.schedules.remove("nightly")).toBe(true);
  expect(await tasks.schedules.remove("nightly")).toBe(false);
  expect(await tasks.schedules.list()).toEqual([]);
  expect(await tasks.list()).toEqual([]);
});

it("goes on after its next run was cancelled", async () => {
  await tasks.schedules.upsert("nightly", { cron: "30 4 * * *" }, echo);
  const [waiting] = await tasks.list();
  await tasks.cancel(waiting?.task_id ?? "");
  expect(await tasks.schedules.list()).toHaveLength(1);
  expect(await tasks.list()).toHaveLength(1);
});

it("is its tenant's own", async () => {
  const acme = openTaskFront({ connection: jobs.store, kinds, tenant: "acme" });
  await acme.schedules.upsert("nightly", { cron: "30 4 * * *" }, echo);
  await tasks.schedules.upsert("nightly", { cron: "0 5 * * *" }, echo);
  expect((await acme.schedules.list()).map((one) => [one.id, one.cron])).toEqual([["nightly", "30 4 * * *"]]);
  expect((await tasks.schedules.list()).map((one) => [one.id, one.cron])).toEqual([["nightly", "0 5 * * *"]]);
  expect(await acme.schedules.remove("nightly")).toBe(true);
  expect(await tasks.schedules.list()).toHaveLength(1);
  await acme.close();
});

describe("a wrong schedule is refused, and nothing is stored", () => {
  it.each<[string, ScheduleTimes, string]>([
    ["a cron of 61 * * * *", { cron: "61 * * * *" }, 'The cron "61 * * * *" is refused'],
    ["a cron of two fields", { cron: "* *" }, "Write five fields"],
    ["a day that never comes", { cron: "0 0 31 2 *" }, "is refused"],
    ["an unknown time zone", { cron: "0 5 * * *", timeZone: "Mars/Base" }, 'no time zone "Mars/Base"'],
    ["less than a second", { everyMs: 999 }, "from 1000; it is 999"],
    ["both", { everyMs: 1000, cron: "0 5 * * *" }, "either cron or everyMs"],
    ["neither", {}, "either cron or everyMs"],
    ["another policy", { everyMs: 1000, missed: "all" as "once" }, '"missed" must be'],
  ])("%s", async (_what, times, message) => {
    await expect(tasks.schedules.upsert("odd", times, echo)).rejects.toMatchObject({
      code: "invalid_argument",
      message: expect.stringContaining(message),
    });
    expect(await tasks.schedules.list()).toEqual([]);
    expect(await tasks.list()).toEqual([]);
  });

  it("an unknown kind, or an id that could be taken for something else", async () => {
    const times = { everyMs: 1000 };
    await expect(tasks.schedules.upsert("a:b", times, echo)).rejects.toMatchObject({
      code: "invalid_argument",
    });
    await expect(tasks.schedules.upsert("a", times, { ...echo, kind: "no" })).rejects.toMatchObject({
      code: "invalid_argument",
    });
  });
});
