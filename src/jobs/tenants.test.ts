/** Tenants on one store: none sees, joins, steers or crowds out another. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JobsHarness, kinds } from "../../test/fixtures/jobs-harness.ts";
import { serve } from "../../test/fixtures/jobs-serve.ts";
import { freshStore, missingStore, storeKinds } from "../../test/fixtures/stores.ts";
import { until } from "../../test/fixtures/until.ts";
import { openTaskStore } from "../task-store.ts";
import { type ClockFront, openTaskFront } from "./queue.ts";

let jobs: JobsHarness;
let fronts: ClockFront[];
const open = (tenant: string, maxUnfinished?: number) => {
  const limits = maxUnfinished === undefined ? {} : { tenantLimits: { maxUnfinished } };
  const front = openTaskFront({ connection: jobs.store, kinds, tenant, ...limits });
  fronts.push(front);
  return front;
};
beforeEach(() => {
  jobs = new JobsHarness();
  fronts = [];
});
afterEach(async () => {
  await Promise.all(fronts.map((front) => front.close()));
  await jobs.close();
});

const echo = { kind: "echo", args: {}, deduplicationKey: "k" };
const ids = async (front: ClockFront) => (await front.list()).map((task) => task.task_id);

it("sees and steers only its own tasks; others are unknown", async () => {
  const [acme, other, none] = [open("acme"), open("other"), open("")];
  const { task } = await acme.enqueue(echo);
  for (const front of [other, none]) {
    expect(await front.find(task.task_id)).toBeUndefined();
    expect(await front.list()).toEqual([]);
    for (const act of [
      () => front.cancel(task.task_id),
      () => front.retry(task.task_id),
      () => front.wait(task.task_id, { timeoutMs: 10 }),
      () => front.deadLetters.redrive([task.task_id]),
      () => front.deadLetters.purge([task.task_id]),
    ])
      await expect(act()).rejects.toMatchObject({ code: "not_found" });
  }
  expect(await ids(acme)).toEqual([task.task_id]);
  expect(await acme.find(task.task_id)).toMatchObject({ state: "PENDING" });
  await acme.cancel(task.task_id);
  expect(await acme.find(task.task_id)).toMatchObject({ state: "REVOKED" });
  expect(await other.find(task.task_id)).toBeUndefined();
  expect(await other.list({ states: ["REVOKED"] })).toEqual([]);
  expect(await acme.list({ states: ["REVOKED"] })).toHaveLength(1);
});

it("joins only its own task of the same key", async () => {
  const [acme, other, none] = [open("acme"), open("other"), open("")];
  const firsts = [await acme.enqueue(echo), await other.enqueue(echo), await none.enqueue(echo)];
  expect(firsts.map((first) => first.joined)).toEqual([false, false, false]);
  expect(new Set(firsts.map((first) => first.task.task_id)).size).toBe(3);
  expect((await open("acme").enqueue(echo)).task.task_id).toBe(firsts[0]?.task.task_id);
});

it("has so many unfinished tasks and no more, whoever asks, and room again when one ends", async () => {
  const acme = open("acme", 3);
  const answers = await Promise.allSettled(
    Array.from({ length: 12 }, () => open("acme", 3).enqueue({ kind: "echo", args: {} })),
  );
  expect(answers.filter((answer) => answer.status === "fulfilled")).toHaveLength(3);
  await expect(acme.enqueue({ kind: "echo", args: {} })).rejects.toMatchObject({
    code: "exhausted",
    message: expect.stringContaining("3 unfinished tasks"),
  });
  expect(await ids(acme)).toHaveLength(3);
  await open("other", 3).enqueue({ kind: "echo", args: {} });
  const [first = ""] = await ids(acme);
  await acme.cancel(first);
  await acme.enqueue({ ...echo });
  expect((await acme.enqueue(echo)).joined, "joining takes no room").toBe(true);
  const served = serve(jobs.store);
  await until("all ended", async () => (await acme.list({ states: ["SUCCESS"] })).length === 3);
  await served.close();
  for (let turn = 0; turn < 3; turn += 1) await acme.enqueue({ kind: "echo", args: {} });
});

describe.each(storeKinds)("on %s", (kind) => {
  it.skipIf(missingStore(kind) !== undefined)(
    "lets in no more of those that ask in the same moment",
    async () => {
      const place = freshStore(kind);
      const stores = [1, 2, 3, 4].map(() => openTaskStore(place.url, jobs.home));
      const busy = stores.flatMap((connection) =>
        [1, 2, 3].map(() =>
          openTaskFront({ connection, kinds, tenant: "acme", tenantLimits: { maxUnfinished: 3 } }),
        ),
      );
      const asked = await Promise.allSettled(
        busy.flatMap((front) => [1, 2, 3].map(() => front.enqueue({ kind: "echo", args: {} }))),
      );
      expect(asked.filter((answer) => answer.status === "fulfilled")).toHaveLength(3);
      await Promise.all(busy.map((front) => front.close()));
      await Promise.all(stores.map((store) => store.close()));
      await place.drop();
    },
  );
});

it("refuses a name that could be taken for something else", () => {
  for (const tenant of ["a b", "a/b", "a.b", "x".repeat(65)])
    expect(() => open(tenant)).toThrow(/tenant's name is refused/);
});
