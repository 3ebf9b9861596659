/** Remote control of several worker processes on one store: who answers, who is named, and what commands change. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JobsHarness, kinds, type TestWorker } from "../../test/fixtures/jobs-harness.ts";
import { until } from "../../test/fixtures/until.ts";
import { type Answers, type Control, openControl, type TellableFacts } from "./control.ts";
import { openCommandQueue } from "./control-protocol.ts";
import { openTaskFront } from "./queue.ts";

let jobs: JobsHarness;
let control: Control;
beforeEach(() => {
  jobs = new JobsHarness();
  control = openControl({ connection: jobs.store, registry: jobs.store.workers, kinds });
});
afterEach(async () => {
  await control.close();
  await jobs.close();
});

const nameOf = ({ process: { pid } }: TestWorker) => `test-${pid}`;
const patient = { timeoutMs: 10_000 };
const startThree = async () => [await jobs.start(), await jobs.start(), await jobs.start()] as const;
const factsOf = async (worker: TestWorker) => {
  const { answers } = await control.ask({ verb: "facts" }, { workers: [nameOf(worker)], ...patient });
  return answers[nameOf(worker)] as TellableFacts;
};
const answered = ({ answers, refusals, silent }: Answers) => {
  expect({ refusals, silent }).toEqual({ refusals: {}, silent: [] });
  return Object.values(answers);
};
const startedAt = async (taskId: string) => Date.parse((await jobs.tasks.find(taskId))?.started_at ?? "");

describe("asking", () => {
  it("gets an answer of each worker, by name, and tells what it does", async () => {
    const workers = await startThree();
    const folder = jobs.folder();
    const nap = await jobs.enqueue("nap", { folder });
    await until("the nap began", () => jobs.lines(folder, "began").length > 0);
    const { answers, silent } = await control.ask({ verb: "facts" }, patient);
    expect(silent).toEqual([]);
    expect(Object.keys(answers)).toEqual(workers.map(nameOf).sort());
    const facts = Object.values(answers) as TellableFacts[];
    const held = facts.flatMap(({ active_jobs }) => active_jobs);
    expect(held).toMatchObject([{ id: nap.task_id, task_id: nap.task_id, kind: "nap", queue: "tasks" }]);
    for (const one of facts) {
      expect(one.queues.toSorted()).toEqual(["parts", "tasks"]);
      expect(one.registered["slow"]).toEqual({ soft_ms: 300, hard_ms: null });
      expect(one).toMatchObject({ concurrency: 2, is_stopping: false, autoscale: null });
    }
    expect((await control.workers()).map(({ name }) => name)).toEqual(workers.map(nameOf));
  });

  it("names a stopped worker, waits for it no longer than it was told, and takes back what it was asked", async () => {
    const [stopped, other] = [await jobs.start(), await jobs.start()];
    // Idle when it is stopped: in the middle of a transaction it would hold the store for all.
    answered(await control.ask({ verb: "ping" }, patient));
    stopped.process.kill("SIGSTOP");
    const began = performance.now();
    const asked = await control.ask({ verb: "pool_grow", count: 3 }, { timeoutMs: 8000 });
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(asked.silent).toEqual([nameOf(stopped)]);
    expect(asked.answers).toEqual({ [nameOf(other)]: { concurrency: 5 } });
    stopped.process.kill("SIGCONT");
    expect((await factsOf(stopped)).concurrency).toBe(2);
  });

  it("says who is alive when a name is not, and which queues there are", async () => {
    const worker = await jobs.start();
    await expect(control.ask({ verb: "ping" }, { workers: ["nobody"] })).rejects.toThrow(
      `No worker named "nobody" is alive. Alive: ${nameOf(worker)}.`,
    );
    await expect(control.ask({ verb: "add_consumer", queue: "nap" })).rejects.toThrow(
      'There is no queue "nap". Known: tasks, parts. (The kind nap goes to the queue tasks.)',
    );
    await expect(control.setRateLimit("tasks", "fast")).rejects.toThrow('"fast" is no rate.');
    await expect(control.setRateLimit("nowhere", "1/s")).rejects.toThrow("Known: tasks, parts.");
    await expect(control.setTimeLimit("nowhere", { softMs: 1 })).rejects.toThrow("There is no kind");
    const { refusals } = await control.ask({ verb: "autoscale", range: { max: 1, min: 5 } }, patient);
    expect(refusals[nameOf(worker)]).toMatchObject({ code: "invalid_argument" });
  });

  it("is not for a tenant, as workers serve them all", async () => {
    await jobs.start();
    const shared = { connection: jobs.store, registry: jobs.store.workers, kinds };
    const ofTenant = openControl({ ...shared, tenant: "acme" });
    const refused = { code: "forbidden" };
    await expect(ofTenant.ask({ verb: "facts" })).rejects.toMatchObject(refused);
    await expect(ofTenant.workers()).rejects.toMatchObject(refused);
    await expect(ofTenant.setRateLimit("tasks", "1/h")).rejects.toMatchObject(refused);
    await ofTenant.close();
  });

  it("tells who comes and goes, also of a worker that was killed, whose queue is then removed", async () => {
    const seen: string[] = [];
    const following = new AbortController();
    const front = openTaskFront({ connection: jobs.store, kinds });
    const end = (async () => {
      for await (const { type, data } of front.events({ signal: following.signal }))
        if (type === "listening" || type.startsWith("worker-")) seen.push(`${type} ${data["name"] ?? ""}`);
    })();
    await until("it listens", () => seen.length === 1);
    const killed = await jobs.start();
    const desk = openCommandQueue(String(killed.answer.split(" ")[1]), jobs.store);
    answered(await control.ask({ verb: "ping" }, patient));
    expect(await desk.getJobCounts("completed")).toEqual({ completed: 1 });
    killed.process.kill("SIGKILL");
    await killed.ended;
    const next = await jobs.start();
    await until("the dead one is told", () => seen.length === 4);
    expect(await desk.getJobCounts("completed")).toEqual({ completed: 0 });
    next.process.kill("SIGTERM");
    await next.ended;
    await until("the end is told", () => seen.length === 5);
    expect(seen.slice(1)).toEqual([
      `worker-online ${nameOf(killed)}`,
      `worker-online ${nameOf(next)}`,
      `worker-offline ${nameOf(killed)}`,
      `worker-offline ${nameOf(next)}`,
    ]);
    following.abort();
    await Promise.all([end, desk.close()]);
    await front.close();
  });
});

describe("the pool", () => {
  it("really grows and shrinks", async () => {
    const worker = await jobs.start();
    const folder = jobs.folder();
    const naps = await Promise.all([1, 2, 3, 4].map(() => jobs.enqueue("nap", { folder })));
    await until("two run", () => jobs.lines(folder, "began").length === 2);
    expect(answered(await control.ask({ verb: "pool_grow", count: 2 }, patient))).toEqual([
      { concurrency: 4 },
    ]);
    await until("four run", () => jobs.lines(folder, "began").length === 4);
    const pids = new Set(jobs.lines(folder, "began").map((line) => line.split(" ")[2]));
    expect(pids.size).toBe(4);
    expect(answered(await control.ask({ verb: "pool_shrink", count: 3 }, patient))).toEqual([
      { concurrency: 1 },
    ]);
    jobs.release(folder);
    for (const nap of naps) expect((await jobs.end(nap.task_id)).state).toBe("SUCCESS");
    await until("one process is left", async () => (await factsOf(worker)).stats.child_pids.length === 1);
  });

  it("follows the work between the bounds of autoscale", async () => {
    const worker = await jobs.start();
    const range = { max: 3, min: 1 };
    expect(answered(await control.ask({ verb: "autoscale", range }, patient))).toEqual([
      { autoscale: range },
    ]);
    const folder = jobs.folder();
    const naps = await Promise.all([1, 2, 3, 4, 5].map(() => jobs.enqueue("nap", { folder })));
    await until("three run", () => jobs.lines(folder, "began").length === 3);
    expect(await factsOf(worker)).toMatchObject({ concurrency: 3, autoscale: range });
    jobs.release(folder);
    for (const nap of naps) expect((await jobs.end(nap.task_id)).state).toBe("SUCCESS");
    expect(answered(await control.ask({ verb: "autoscale" }, patient))).toEqual([{ autoscale: null }]);
  });
});

describe("queues", () => {
  it("are no longer served by who cancelled them, until they are added again", async () => {
    const [idle, busy] = [await jobs.start(), await jobs.start()];
    const command = { queue: "tasks" } as const;
    const asked = await control.ask(
      { verb: "cancel_consumer", ...command },
      { workers: [nameOf(idle)], ...patient },
    );
    expect(answered(asked)).toEqual([{ queues: ["parts"] }]);
    for (let turn = 0; turn < 10; turn += 1) expect((await jobs.run("echo", {})).state).toBe("SUCCESS");
    expect((await factsOf(idle)).stats.succeeded).toBe(0);
    expect((await factsOf(busy)).stats.succeeded).toBe(10);
    answered(await control.ask({ verb: "cancel_consumer", ...command }, patient));
    answered(
      await control.ask({ verb: "add_consumer", ...command }, { workers: [nameOf(idle)], ...patient }),
    );
    expect((await jobs.run("echo", {})).state).toBe("SUCCESS");
    expect((await factsOf(idle)).stats.succeeded).toBe(1);
  });

  it("are paused and resumed for all workers, and seen with what waits in them", async () => {
    await jobs.start();
    await control.setPaused("tasks", true);
    const task = await jobs.enqueue("echo", {});
    const [tasks] = await control.queues();
    expect(tasks).toEqual({
      ...{ queue: "tasks", waiting: 1, active: 0, scheduled: 0 },
      ...{ is_paused: true, rate_limit: null },
    });
    await control.setPaused("tasks", false);
    expect((await jobs.end(task.task_id)).state).toBe("SUCCESS");
  });

  it("show what is not to begin yet", async () => {
    await jobs.start();
    const waiting = await jobs.enqueue("fail_patiently", {
      code: "unavailable",
      message: "The disk is away.",
    });
    const [retry] = await until("it waits for its retry", async () => {
      const scheduled = await control.scheduled(10);
      return scheduled.length > 0 ? scheduled : undefined;
    });
    expect(retry).toEqual({
      ...{ id: waiting.task_id, task_id: waiting.task_id, kind: "fail_patiently" },
      ...{ queue: "tasks", eta: expect.any(String), reason: "retry" },
    });
    // A minute, of which up to half is left to chance.
    const leftMs = Date.parse(retry?.eta ?? "") - Date.now();
    expect(leftMs).toBeGreaterThan(20_000);
    expect(leftMs).toBeLessThan(61_000);
  });
});

describe("limits that are changed while workers run", () => {
  it("keep the rate over all workers, and lift it", async () => {
    await startThree();
    await control.setRateLimit("tasks", "20/s");
    expect((await control.queues())[0]?.rate_limit).toBe("20/s");
    const limited = await Promise.all(Array.from({ length: 16 }, () => jobs.enqueue("echo", {})));
    for (const { task_id } of limited) expect((await jobs.end(task_id)).state).toBe("SUCCESS");
    const times = (await Promise.all(limited.map(({ task_id }) => startedAt(task_id)))).sort((a, b) => a - b);
    // 15 gaps of 50 ms; the first of them may have been noted late.
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(700);
    await control.setRateLimit("tasks", "1/h");
    const [first, second] = [await jobs.enqueue("echo", {}), await jobs.enqueue("echo", {})];
    expect((await jobs.end(first.task_id)).state).toBe("SUCCESS");
    expect((await jobs.tasks.find(second.task_id))?.state).toBe("PENDING");
    await control.setRateLimit("tasks", "none");
    expect((await jobs.tasks.wait(second.task_id, { timeoutMs: 15_000 })).state).toBe("SUCCESS");
  });

  it("hold for workers that run and for those that start later, until they are taken back", async () => {
    const early = await jobs.start();
    answered(await control.setTimeLimit("nap", { softMs: 200, hardMs: 5000 }, patient));
    const late = await jobs.start();
    for (const worker of [early, late])
      expect((await factsOf(worker)).registered["nap"]).toEqual({ soft_ms: 200, hard_ms: 5000 });
    const task = await jobs.enqueue("nap", { folder: jobs.folder() });
    const ended = await jobs.end(task.task_id);
    expect(ended).toMatchObject({ state: "FAILURE", error: { code: "timeout" } });
    answered(await control.setTimeLimit("nap", {}, patient));
    for (const worker of [early, late])
      expect((await factsOf(worker)).registered["nap"]).toEqual({ soft_ms: 60_000, hard_ms: null });
  });
});

describe("ends", () => {
  it("revoke with terminate kills the process that runs a task which does not listen", async () => {
    const worker = await jobs.start();
    const folder = jobs.folder();
    const task = await jobs.enqueue("stubborn", { folder });
    await until("it began", async () => (await factsOf(worker)).active_jobs.length === 1);
    const before = (await factsOf(worker)).stats;
    await jobs.tasks.cancel(task.task_id, { terminate: true });
    answered(await control.ask({ verb: "look_for_revoked" }, patient));
    expect((await jobs.end(task.task_id)).state).toBe("REVOKED");
    await until("another process took its place", async () => {
      const { children_started, child_pids } = (await factsOf(worker)).stats;
      return children_started === before.children_started + 1 && child_pids.length === 2;
    });
    expect((await jobs.run("echo", {})).state).toBe("SUCCESS");
  });

  it("shutdown warm lets the running job end, cold hands it on at once", async () => {
    const [first, folder] = [await jobs.start(), jobs.folder()];
    const task = await jobs.enqueue("nap", { folder });
    await until("it began", () => jobs.lines(folder, "began").length === 1);
    const second = await jobs.start();
    const shutdown = async (worker: TestWorker, how: "warm" | "cold") =>
      control.ask({ verb: "shutdown", how }, { workers: [nameOf(worker)], ...patient });
    expect(answered(await shutdown(first, "cold"))).toEqual([{ stopping: "cold" }]);
    expect(await first.ended).toBe(0);
    await until("it began again", () => jobs.lines(folder, "began").length === 2);
    expect(answered(await shutdown(second, "warm"))).toEqual([{ stopping: "warm" }]);
    jobs.release(folder);
    expect(await jobs.end(task.task_id)).toMatchObject({ state: "SUCCESS", result: { attempt: 1 } });
    expect(await second.ended).toBe(0);
    expect(jobs.lines(folder, "began")).toHaveLength(2);
    expect(await control.workers()).toEqual([]);
  });
});
