/** The front without and with a worker: joining, following, cancelling what waits, retrying, listing. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JobsHarness, kinds } from "../../test/fixtures/jobs-harness.ts";
import { until } from "../../test/fixtures/until.ts";
import { openTaskFront } from "./queue.ts";

describe("before any worker is there", () => {
  let jobs: JobsHarness;
  beforeAll(() => {
    jobs = new JobsHarness();
  });
  afterAll(() => jobs.close());

  it("makes one task of a hundred requests from four processes", async () => {
    const request = { kind: "echo", args: { value: 1 }, deduplicationKey: "same" };
    const answers = (await Promise.all([1, 2, 3, 4].map(() => jobs.enqueueElsewhere(25, request)))).flat();
    expect(answers).toHaveLength(100);
    expect(new Set(answers.map(([taskId]) => taskId)).size).toBe(1);
    expect(answers.filter(([, joined]) => !joined)).toHaveLength(1);
  });

  it("joins only tasks of the same kind and key", async () => {
    const first = await jobs.enqueue("echo", { value: 1 }, "k");
    expect((await jobs.tasks.enqueue({ kind: "echo", args: {}, deduplicationKey: "k" })).joined).toBe(true);
    const other = [
      await jobs.enqueue("echo", {}, "l"),
      await jobs.enqueue("nap", {}, "k"),
      await jobs.enqueue("echo", {}),
    ];
    expect(other.map((task) => task.task_id)).not.toContain(first.task_id);
  });

  it("shows a new task as PENDING with its arguments", async () => {
    const task = await jobs.enqueue("echo", { value: [1, { deep: null }] });
    expect(task).toMatchObject({
      state: "PENDING",
      kind: "echo",
      attempts: 0,
      progress: null,
      started_at: null,
    });
    expect(task.task_id).toMatch(/^[0-9a-f]{32}$/);
    expect(await jobs.tasks.find(task.task_id)).toEqual(task);
  });

  it("revokes a waiting task at once and for good, also for other processes, and lets the key go", async () => {
    const task = await jobs.enqueue("echo", { value: 2 }, "cancelled");
    const revoked = await jobs.tasks.cancel(task.task_id);
    expect(revoked).toMatchObject({
      task_id: task.task_id,
      kind: "echo",
      args: { value: 2 },
      state: "REVOKED",
    });
    expect(revoked.error?.code).toBe("cancelled");
    const other = openTaskFront({ connection: jobs.store, kinds });
    expect(await other.find(task.task_id)).toEqual(revoked);
    expect(await other.cancel(task.task_id)).toEqual(revoked);
    expect(await other.list({ states: ["REVOKED"] })).toEqual([revoked]);
    await other.close();
    const [[again, joined] = ["", true]] = await jobs.enqueueElsewhere(1, {
      kind: "echo",
      args: {},
      deduplicationKey: "cancelled",
    });
    expect(again).not.toBe(task.task_id);
    expect(joined).toBe(false);
    const retried = await jobs.tasks.retry(task.task_id);
    expect(retried.task_id, "the key of the cancelled task is still known").toBe(again);
  });

  it("names what it does not know", async () => {
    expect(await jobs.tasks.find("nobody")).toBeUndefined();
    await expect(jobs.tasks.cancel("nobody")).rejects.toMatchObject({ code: "not_found" });
    await expect(jobs.tasks.wait("nobody", { timeoutMs: 10 })).rejects.toMatchObject({ code: "not_found" });
    await expect(jobs.tasks.retry("nobody")).rejects.toMatchObject({ code: "not_found" });
    await expect(jobs.enqueue("part", {})).rejects.toMatchObject({ code: "invalid_argument" });
  });

  it("ends a wait by time or by signal, but never the task", async () => {
    const task = await jobs.enqueue("echo", {});
    expect(await jobs.tasks.wait(task.task_id, { timeoutMs: 30 })).toMatchObject({ state: "PENDING" });
    const impatient = new AbortController();
    const waiting = jobs.tasks.wait(task.task_id, { timeoutMs: 60_000, signal: impatient.signal });
    impatient.abort();
    expect(await waiting).toMatchObject({ state: "PENDING" });
    const gone = AbortSignal.abort();
    expect(await jobs.tasks.wait(task.task_id, { timeoutMs: 60_000, signal: gone })).toMatchObject({
      state: "PENDING",
    });
  });

  it("lists the newest first, by state, within the limit", async () => {
    const ids: string[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      ids.unshift((await jobs.enqueue("echo", { turn })).task_id);
      const stamp = Date.now();
      await until("the clock moves on", () => Date.now() > stamp);
    }
    const listed = await jobs.tasks.list({ limit: 3 });
    expect(listed.map((task) => task.task_id)).toEqual(ids);
    expect((await jobs.tasks.list({ states: ["SUCCESS"] })).length).toBe(0);
    expect(
      (await jobs.tasks.list({ states: ["REVOKED", "PENDING"] })).some((task) => task.state === "REVOKED"),
    ).toBe(true);
  });

  it("asks for a worker while somebody looks at an unfinished task", async () => {
    const task = await jobs.enqueue("echo", {});
    let asked = 0;
    const onUnserved = async () => {
      asked += 1;
      throw new Error("no worker can be started");
    };
    const front = openTaskFront({ connection: jobs.store, kinds, onUnserved });
    await front.find(task.task_id);
    expect(asked).toBe(1);
    const patience = new AbortController();
    const waiting = front.wait(task.task_id, { timeoutMs: 60_000, signal: patience.signal });
    await until("it asks again", () => asked >= 3);
    patience.abort();
    await waiting;
    await front.close();
  });
});

describe("with a worker", () => {
  let jobs: JobsHarness;
  beforeAll(async () => {
    jobs = new JobsHarness();
    await jobs.start();
  });
  afterAll(() => jobs.close());

  it("returns the result, and the key is free again", async () => {
    const first = await jobs.enqueue("echo", { value: "a" }, "key");
    const ended = await jobs.end(first.task_id);
    expect(ended).toMatchObject({ state: "SUCCESS", result: { value: "a" }, attempts: 1, error: null });
    expect(Date.parse(ended.finished_at ?? "")).toBeGreaterThanOrEqual(Date.parse(ended.started_at ?? ""));
    const second = await jobs.tasks.enqueue({ kind: "echo", args: {}, deduplicationKey: "key" });
    expect(second.joined).toBe(false);
  });

  it("leaves a finished task as it is when it is cancelled", async () => {
    const ended = await jobs.run("echo", { value: 1 });
    expect(await jobs.tasks.cancel(ended.task_id)).toEqual(ended);
    expect(await jobs.tasks.find(ended.task_id)).toEqual(ended);
  });

  it("runs a failed task again under a new id, but not one that succeeded", async () => {
    const folder = jobs.folder();
    const failed = await jobs.run("fail", { folder, code: "conflict", message: "no" });
    const retried = await jobs.tasks.retry(failed.task_id);
    expect(retried.task_id).not.toBe(failed.task_id);
    expect(await jobs.end(retried.task_id)).toMatchObject({ state: "FAILURE", error: failed.error });
    const fine = await jobs.run("echo", {});
    await expect(jobs.tasks.retry(fine.task_id)).rejects.toMatchObject({ code: "conflict" });
  });

  it("shows every change of the progress, which only goes forward", async () => {
    const seen: string[] = [];
    const dones = new Map<string, number[]>();
    const folder = jobs.folder();
    const ended = await jobs.run("climb", { folder, isFollowed: true }, ({ state, progress }) => {
      seen.push(state);
      if (progress === null) return;
      dones.set(progress.phase, [...(dones.get(progress.phase) ?? []), progress.done]);
      writeFileSync(join(folder, `${progress.phase} ${progress.done}`), "");
    });
    expect([...dones.keys()]).toEqual(["up", "down"]);
    for (const list of dones.values()) expect(list).toEqual([...list].sort((a, b) => a - b));
    expect(dones.get("up")?.at(-1)).toBe(20);
    expect(ended.progress).toMatchObject({ phase: "down", done: 8, total: 8, unit: "parts" });
    expect(seen.at(-1)).toBe("SUCCESS");
  });
});
