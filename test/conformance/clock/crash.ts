/** T-POISON, T-CPU, T-SOFT, T-HARD, T-MEM, T-TASKS, T-STOP, T-SHUTDOWN, T-KILL9: processes that die, hang or leave. */
import { describe, expect } from "vitest";
import { leaseDefaultMs } from "../../../src/jobs/worker-parts.ts";
import { runChaos } from "../../clock/chaos.ts";
import { openPlaceFor, type Place } from "../../clock/place.ts";
import { seedOfRun } from "../../fixtures/seeded.mjs";
import { until } from "../../fixtures/until.ts";
import { prove, proveAlone, proveOnce, type Setting } from "./prove.ts";

export function describeChildren(setting: Setting): void {
  describe("child processes", () => {
    prove(
      setting,
      "T-POISON what kills its process again and again is quarantined, and its neighbours are not",
      async (place) => {
        const neighbours = Array.from({ length: 6 }, () => place.run("work", { ms: 30 }));
        const { task, label } = await place.run("poison", { crashes: 99 });
        expect(task).toMatchObject({
          state: "FAILURE",
          error: { code: "internal", message: expect.stringMatching(/quarantined after 3 crashes/) },
        });
        expect(place.notes(label, "begin")).toHaveLength(3);
        for (const { task: other, label: its } of await Promise.all(neighbours)) {
          expect(other).toMatchObject({ state: "SUCCESS", attempts: 1 });
          expect(place.notes(its, "end")).toHaveLength(1);
        }
      },
    );

    prove(setting, "T-POISON a crash uses up no attempt", async (place) => {
      const { task, label } = await place.run("work", { crashes: 2 });
      expect(task).toMatchObject({ state: "SUCCESS", attempts: 1 });
      expect(place.notes(label, "begin").map(({ attempt, crashes }) => [attempt, crashes])).toEqual([
        [1, 0],
        [1, 1],
        [1, 2],
      ]);
    });

    prove(setting, "T-SOFT the signal aborts at the soft limit, and the task ends cleanly", async (place) => {
      const { task, label } = await place.run("soft", { ms: 20_000 });
      expect(task).toMatchObject({ state: "FAILURE", error: { code: "timeout" } });
      const [aborted] = place.notes(label, "aborted");
      expect(aborted?.code).toBe("timeout");
      expect((aborted?.at ?? 0) - Date.parse(task.started_at ?? "")).toBeGreaterThanOrEqual(299);
    });

    prove(
      setting,
      "T-HARD a child that does not yield is killed within a second, and replaced",
      async (place) => {
        const took: number[] = [];
        while (took.length < 10 && !((took.at(-1) ?? Infinity) < 500 + 1000)) {
          const { task, label } = await place.run("hard", { spinMs: 60_000 });
          expect(task).toMatchObject({ state: "FAILURE", error: { code: "timeout" } });
          const [begin] = place.notes(label, "begin");
          took.push(Date.parse(task.finished_at ?? "") - (begin?.at ?? 0));
        }
        // The best of ten, as a busy machine may itself be late.
        expect(took.at(-1), took.join(" ")).toBeLessThan(500 + 1000);
        expect((await place.run("work")).task.state).toBe("SUCCESS");
      },
    );
  });
}

/** Each on a store of its own, as their workers are special. */
export function describeProcesses(setting: Setting): void {
  const alone = (name: string, run: (place: Place) => Promise<void>) => proveAlone(setting, name, run);
  const aloneWithAll = (name: string, run: (place: Place) => Promise<void>) =>
    prove(setting, name, async () => openPlaceFor(setting.store, run));
  const aloneOnce = (name: string, run: (place: Place) => Promise<void>) =>
    proveOnce(setting, name, async () => openPlaceFor(setting.store, run));

  describe("processes", () => {
    alone("T-CPU a busy child of three leases starts once, as its worker renews the lease", async (place) => {
      await place.startAll(setting.processes, { leaseMs: 1500, pool: { size: 1 } });
      const begins: number[] = [];
      // A worker that renews nothing has its job begin twice each time; one that stood still itself, once.
      while (begins.length < 4 && begins.at(-1) !== 1) {
        const { task, label } = await place.run("work", { spinMs: 4500 });
        expect(task).toMatchObject({ state: "SUCCESS", attempts: 1 });
        begins.push(place.notes(label, "begin").length);
      }
      expect(begins.at(-1), begins.join(" ")).toBe(1);
    });

    aloneOnce("T-TASKS a child is replaced after so many jobs, and no sooner", async (place) => {
      await place.start({ leaseMs: leaseDefaultMs, pool: { size: 1, maxJobsPerChild: 3 } });
      const pids: unknown[] = [];
      for (let turn = 0; turn < 7; turn += 1)
        pids.push((await place.run("work", { tellsPid: true })).task.result?.["pid"]);
      expect(pids.map((pid) => pids.indexOf(pid))).toEqual([0, 0, 0, 3, 3, 3, 6]);
    });

    aloneOnce(
      "T-MEM a child that has grown is replaced; one that is big from the start is not, again and again",
      async (place) => {
        await place.start({ name: "roomy", pool: { size: 1, maxRssBytes: 220_000_000 } });
        const pidOf = async (args = {}) =>
          (await place.run("work", { ...args, tellsPid: true })).task.result?.["pid"];
        const first = await pidOf();
        expect(await pidOf()).toBe(first);
        expect(await pidOf({ hogBytes: 250_000_000 })).toBe(first);
        const second = await pidOf();
        expect(second).not.toBe(first);
        place.workers[0]?.process.kill("SIGTERM");
        await place.workers[0]?.ended;
        await place.start({ name: "narrow", pool: { size: 1, maxRssBytes: 1_000_000 } });
        const pids = [];
        for (let turn = 0; turn < 5; turn += 1) pids.push(await pidOf());
        expect(new Set(pids).size).toBeLessThan(3);
      },
    );

    aloneWithAll(
      "T-STOP a worker that stood still for longer than its lease has its late result refused",
      async (place) => {
        // Longer than the pauses in which `freeze` tries again, or it would have lost its job before.
        const slow = await place.start({ leaseMs: 5000, name: "slow", pool: { size: 1 } });
        const { gate, open } = place.gate();
        const { task, label } = await place.ask("work", { gate, tellsPid: true });
        await place.begun(label);
        await place.freeze(slow);
        const before = place.notes(label, "begin").length;
        await place.startAll(setting.processes, { leaseMs: leaseDefaultMs, pool: { size: 1 } });
        const second = await place.begun(label, before + 1);
        open();
        const end = await place.ended(task.task_id);
        expect(end).toMatchObject({ state: "SUCCESS", result: { pid: second.pid } });
        await until("the first child ends too", () => place.notes(label, "end").length >= 2);
        slow.process.kill("SIGCONT");
        expect((await place.run("work")).task.state).toBe("SUCCESS");
        await until(
          "the late one is refused or dropped",
          async () => (await place.queue("tasks").getActiveCount()) === 0,
        );
        expect(await place.front.find(task.task_id)).toEqual(end);
      },
    );

    aloneOnce("T-SHUTDOWN warm finishes what runs, and takes nothing more", async (place) => {
      const worker = await place.start({ pool: { size: 1 } });
      const { gate, open } = place.gate();
      const { task, label } = await place.ask("work", { gate });
      const { task: next, label: later } = await place.ask("work");
      await place.begun(label);
      worker.process.kill("SIGTERM");
      await until("it stops", () => /stop/.test(worker.log()));
      open();
      expect(await worker.ended).toBe(0);
      expect(await place.front.find(task.task_id)).toMatchObject({ state: "SUCCESS", attempts: 1 });
      expect(place.notes(later)).toEqual([]);
      await place.start({ pool: { size: 1 } });
      expect(await place.ended(next.task_id)).toMatchObject({ state: "SUCCESS", attempts: 1 });
    });

    alone("T-SHUTDOWN cold gives back at once, and nothing is lost", async (place) => {
      const worker = await place.start({ pool: { size: 1 } });
      const { gate, open } = place.gate();
      const { task, label } = await place.ask("work", { gate });
      await place.begun(label);
      worker.process.kill("SIGTERM");
      worker.process.kill("SIGTERM");
      expect(await worker.ended).toBe(0);
      await place.startAll(setting.processes, { pool: { size: 1 } });
      open();
      expect(await place.ended(task.task_id)).toMatchObject({ state: "SUCCESS", attempts: 1 });
    });

    aloneWithAll(
      "T-KILL9 workers and children die at random: accepted is terminal, nothing ends twice",
      async (place) => {
        const seed = seedOfRun();
        const report = await runChaos(place, { tasks: 60, kills: 5, processes: setting.processes, seed });
        expect(report.broken, JSON.stringify(report)).toEqual([]);
      },
    );
  });
}
