/** Odd requests and a store that lost something: refused or mended, never a hang and never somebody else's. */
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, it } from "vitest";
import { JobsHarness, kinds } from "../../test/fixtures/jobs-harness.ts";
import { type ClockFront, openTaskFront } from "./queue.ts";
import type { JsonObject } from "./task.ts";

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

it("refuses arguments that are no object, which would spoil every list", async () => {
  for (const args of [null, "text", [1], 5]) {
    await expect(tasks.enqueue({ kind: "echo", args: args as unknown as JsonObject })).rejects.toMatchObject({
      code: "invalid_argument",
    });
  }
  expect(await tasks.list()).toEqual([]);
});

it.each([
  ["a countdown without end", { countdownMs: 1e300 }],
  ["a time in another age", { eta: new Date(8.64e15) }],
  ["a key that not every store can keep", { deduplicationKey: "a\0b" }],
])("refuses %s, and stores nothing", async (_what, more) => {
  await expect(tasks.enqueue({ kind: "echo", args: {}, ...more })).rejects.toMatchObject({
    code: "invalid_argument",
  });
  expect(await tasks.list()).toEqual([]);
});

it("does not end a schedule of a tenant for who is none", async () => {
  const acme = openTaskFront({ connection: jobs.store, kinds, tenant: "acme" });
  await acme.schedules.upsert("nightly", { everyMs: 60_000 }, { kind: "echo", args: {} });
  expect(await tasks.schedules.remove("@acme/nightly")).toBe(false);
  expect(await acme.schedules.list()).toHaveLength(1);
  expect(await acme.schedules.remove("nightly")).toBe(true);
  await acme.close();
});

it("does not hang on a key whose task the store has lost", async () => {
  const lost = (await tasks.enqueue({ kind: "echo", args: {}, deduplicationKey: "k" })).task.task_id;
  const file = new Database(jobs.path);
  expect(file.prepare("DELETE FROM job WHERE id = ?").run(lost).changes).toBe(1);
  file.close();
  const { task, joined } = await tasks.enqueue({ kind: "echo", args: {}, deduplicationKey: "k" });
  expect({ joined, isNew: task.task_id !== lost }).toEqual({ joined: false, isNew: true });
  expect((await tasks.enqueue({ kind: "echo", args: {}, deduplicationKey: "k" })).task.task_id).toBe(
    task.task_id,
  );
});
