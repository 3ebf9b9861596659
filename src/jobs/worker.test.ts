/** Workers as real processes: flows, failures, crashes, hangs, cancelling, stopping and idling. */
import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JobsHarness } from "../../test/fixtures/jobs-harness.ts";
import { until } from "../../test/fixtures/until.ts";

let jobs: JobsHarness;
beforeAll(() => {
  jobs = new JobsHarness();
});
afterAll(() => jobs.close());

const partsIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.startsWith("part-"))
    .sort();

describe("one worker", () => {
  beforeAll(async () => {
    await jobs.start();
  });

  it("runs a step, its parts, and the step again", async () => {
    const folder = jobs.folder();
    const ended = await jobs.run("flow", { folder, parts: 20, value: "end" });
    expect(ended).toMatchObject({ state: "SUCCESS", result: { parts: 20, value: "end" }, attempts: 1 });
    expect(ended.progress).toMatchObject({ phase: "parts", done: 20, total: 20 });
    expect(jobs.lines(folder, "steps")).toHaveLength(2);
  });

  it("runs a part anew when a later round asks for one of the same key", async () => {
    const folder = jobs.folder();
    expect(await jobs.run("again", { folder })).toMatchObject({ state: "SUCCESS" });
    expect([jobs.lines(folder, "steps").length, jobs.lines(folder, "counted").length]).toEqual([3, 2]);
  });

  it("brings code and message of a failure through, of a task and of a part", async () => {
    const failure = { code: "corrupt", message: "The file a:b is\ndamaged." } as const;
    const whole = await jobs.run("fail", { folder: jobs.folder(), ...failure });
    expect(whole).toMatchObject({ state: "FAILURE", error: failure, attempts: 1, result: null });
    const part = await jobs.run("flow", { folder: jobs.folder(), parts: 3, kind: "part_fail", ...failure });
    expect(part).toMatchObject({ state: "FAILURE", error: failure });
  });

  it("tries again what the world may mend, as often as the kind says", async () => {
    const folder = jobs.folder();
    const args = { folder, code: "exhausted", message: "The disk is full." };
    const ended = await jobs.run("fail", args);
    expect(ended).toMatchObject({ state: "FAILURE", error: { code: "exhausted" }, attempts: 4 });
    expect(jobs.lines(folder, "attempts")).toEqual(["1", "2", "3", "4"]);
  });

  it("stops a step that asks for parts without end", async () => {
    const ended = await jobs.run("endless", { folder: jobs.folder() });
    expect(ended).toMatchObject({ state: "FAILURE", error: { code: "internal" } });
  });

  it("replaces a child that dies and runs its job again", async () => {
    expect(await jobs.run("crash", { folder: jobs.folder() })).toMatchObject({
      state: "SUCCESS",
      result: { attempt: 1, starts: 2 },
    });
    const folder = jobs.folder();
    expect(await jobs.run("flow", { folder, parts: 5, kind: "part_crash" })).toMatchObject({
      state: "SUCCESS",
    });
    expect(partsIn(folder)).toHaveLength(5);
  });

  it("kills a child that hangs and runs its job again", async () => {
    expect(await jobs.run("hang", { folder: jobs.folder() })).toMatchObject({
      state: "SUCCESS",
      result: { attempt: 2 },
    });
  });

  it("aborts a run at its soft time limit and runs it again", async () => {
    expect(await jobs.run("slow", { folder: jobs.folder() })).toMatchObject({
      state: "SUCCESS",
      result: { attempt: 2 },
    });
  });

  it("revokes a running task when its batch ends", async () => {
    const folder = jobs.folder();
    const task = await jobs.enqueue("nap", { folder }, "nap");
    await until("it runs", () => jobs.lines(folder, "began").length > 0);
    const asked = await jobs.tasks.cancel(task.task_id);
    expect(["STARTED", "PROGRESS", "REVOKED"]).toContain(asked.state);
    const again = await jobs.tasks.enqueue({
      kind: "nap",
      args: { folder: jobs.folder() },
      deduplicationKey: "nap",
    });
    expect(again.joined, "a cancelled task is not joined").toBe(false);
    const ended = await jobs.end(task.task_id);
    expect(ended).toMatchObject({ state: "REVOKED", error: { code: "cancelled" }, result: null });
    await jobs.tasks.cancel(again.task.task_id);
    expect(await jobs.end(again.task.task_id)).toMatchObject({ state: "REVOKED" });
  });

  it("revokes a running task that does not listen, by killing its child", async () => {
    const folder = jobs.folder();
    const task = await jobs.enqueue("stubborn", { folder });
    await until("it runs", () => readdirSync(folder).includes("began"));
    await jobs.tasks.cancel(task.task_id);
    expect(await jobs.end(task.task_id)).toMatchObject({ state: "REVOKED" });
    expect(await jobs.run("echo", { value: 1 })).toMatchObject({ state: "SUCCESS" });
  });

  it("revokes a task that waits for its parts, and runs no further part", async () => {
    const folder = jobs.folder();
    const task = await jobs.enqueue("flow", { folder, parts: 30, kind: "part_nap" });
    await until("two parts run", () => jobs.lines(folder, "began").length === 2);
    await jobs.tasks.cancel(task.task_id);
    expect(await jobs.end(task.task_id)).toMatchObject({ state: "REVOKED", error: { code: "cancelled" } });
    // Both children are free again when two other jobs have met in them.
    const [a, b] = [jobs.folder(), jobs.folder()];
    const pair = [await jobs.enqueue("nap", { folder: a }), await jobs.enqueue("nap", { folder: b })];
    await until("both run", () => jobs.lines(a, "began").length === 1 && jobs.lines(b, "began").length === 1);
    for (const name of [a, b]) jobs.release(name);
    for (const { task_id } of pair) expect(await jobs.end(task_id)).toMatchObject({ state: "SUCCESS" });
    expect(jobs.lines(folder, "began")).toHaveLength(2);
  });

  it("ends the other parts when one part has failed for good", async () => {
    const folder = jobs.folder();
    const task = await jobs.enqueue("flow", { folder, parts: 30, kind: "part_nap_or_fail" });
    expect(await jobs.end(task.task_id)).toMatchObject({
      state: "FAILURE",
      error: { code: "invalid_argument" },
    });
  });
});
