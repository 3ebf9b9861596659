/** Old jobs behind more urgent ones, on a real store. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { letOldOnesThrough } from "./ageing.ts";
import { openSqliteBackend } from "./backends/sqlite/open.ts";
import { type JobQueue, openJobQueue } from "./connection.ts";
import { storedPriority } from "./priority.ts";
import { lookAt } from "./queue-look.ts";
import type { Priority } from "./task.ts";

let home: string;
let store: ReturnType<typeof openSqliteBackend>;
let queue: JobQueue;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "cambium-ageing-"));
  store = openSqliteBackend(join(home, "tasks.db"));
  queue = openJobQueue("q", store);
});
afterEach(async () => {
  await queue.close();
  await store.close();
  rmSync(home, { recursive: true, force: true });
});

/** `ageMs` before now. */
const add = (jobId: string, priority: Priority, ageMs: number) =>
  queue.add("k", { args: {} }, { jobId, priority: storedPriority(priority), timestamp: Date.now() - ageMs });
const order = async () => (await queue.getJobs(["prioritized"], 0, -1, true)).map((job) => job.id);
const age = async (limitMs = 30_000) => letOldOnesThrough(queue, await lookAt(queue), limitMs);

it("lets the first of each level through that has waited too long, behind the urgent ones that are there", async () => {
  await add("low-1", 0, 60_000);
  await add("low-2", 0, 50_000);
  await add("middle-1", 5, 40_000);
  await add("middle-2", 5, 40_000);
  await add("high-1", 9, 0);
  await add("high-2", 9, 0);
  await age();
  expect(await order()).toEqual(["high-1", "high-2", "middle-1", "low-1", "middle-2", "low-2"]);
  await add("high-3", 9, 0);
  await age();
  expect(await order()).toEqual([
    ...["high-1", "high-2", "middle-1", "low-1", "high-3", "middle-2", "low-2"],
  ]);
});

it("leaves those that have not waited so long, and a single level", async () => {
  await add("low", 0, 10_000);
  await add("high", 9, 60_000);
  await age();
  expect(await order()).toEqual(["high", "low"]);
  expect(await lookAt(queue)).toMatchObject({ waiting: 2 });
  await queue.remove("high");
  await age(0);
  expect(await lookAt(queue)).toEqual({ waiting: 1, byLevel: [{ level: 10, count: 1 }] });
});

it("counts the time of a delayed job from when it was due", async () => {
  await add("high", 9, 0);
  const opts = { jobId: "due", priority: 10, timestamp: Date.now() - 60_000, delay: 59_000 };
  await queue.add("k", { args: {} }, opts);
  await (await queue.getJob("due"))?.promote();
  await age();
  expect(await order()).toEqual(["high", "due"]);
});
