/** T-RETRY, T-DEDUP, T-PROGRESS, T-RESULT: what becomes of one task. */
import { describe, expect } from "vitest";
import type { Place } from "../../clock/place.ts";
import { until } from "../../fixtures/until.ts";
import { prove, type Setting } from "./prove.ts";

/** The times between the begins of a task's attempts. */
function gapsOf(place: Place, label: string): number[] {
  const times = place.notes(label, "begin").map(({ at }) => at);
  return times.slice(1).map((at, index) => at - (times[index] ?? 0));
}

export function describeRetry(setting: Setting): void {
  describe("retries", () => {
    prove(setting, "T-RETRY the delay doubles, with jitter, up to its limit", async (place) => {
      const { task, label } = await place.run("patient", { failures: 3 });
      expect(task).toMatchObject({ state: "SUCCESS", attempts: 4 });
      expect(place.notes(label, "begin").map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
      // 100, 200 and 250 ms, of which the jitter leaves at least a half.
      // That the limit holds is the unit test's: a machine that stands still waits longer than without one.
      const [first = 0, second = 0, third = 0] = gapsOf(place, label);
      expect(first).toBeGreaterThanOrEqual(49);
      expect(second).toBeGreaterThanOrEqual(99);
      expect(third).toBeGreaterThanOrEqual(124);
    });

    prove(setting, "T-RETRY a fixed delay stays, and attempts are exact", async (place) => {
      const { task, label } = await place.run("regular", { failures: 9 });
      expect(task).toMatchObject({ state: "FAILURE", attempts: 3, error: { code: "unavailable" } });
      expect(place.notes(label, "begin")).toHaveLength(3);
      for (const gap of gapsOf(place, label)) expect(gap).toBeGreaterThanOrEqual(119);
    });

    prove(
      setting,
      "T-RETRY only what the kind names is tried again, and failOn ends at once",
      async (place) => {
        const runs = async (code: string) => {
          const { task, label } = await place.run("picky", { failures: 9, code });
          expect(task).toMatchObject({ state: "FAILURE", error: { code } });
          return place.notes(label, "begin").length;
        };
        expect(await Promise.all(["conflict", "internal", "unavailable"].map(runs))).toEqual([3, 1, 1]);
      },
    );

    prove(setting, "T-RETRY by hand: a failed task runs again under a new id", async (place) => {
      const { task } = await place.run("work", { failures: 1, code: "invalid_argument" });
      expect(task.state).toBe("FAILURE");
      const again = await place.front.retry(task.task_id);
      expect(again.task_id).not.toBe(task.task_id);
      expect((await place.ended(again.task_id)).state).toBe("FAILURE");
      expect((await place.front.find(task.task_id))?.state).toBe("FAILURE");
    });
  });

  describe("deduplication", () => {
    prove(setting, "T-DEDUP 100 requests of four processes make one task", async (place) => {
      const { gate, open } = place.gate();
      const label = place.label();
      const request = { kind: "work", args: { log: place.log, label, gate }, deduplicationKey: label };
      const calls = Array.from({ length: 25 }, () => ["enqueue", request]);
      const answers = (await Promise.all([1, 2, 3, 4].map(() => place.elsewhere(...calls)))).flat() as {
        task: { task_id: string };
        joined: boolean;
      }[];
      expect(answers).toHaveLength(100);
      expect(new Set(answers.map(({ task }) => task.task_id)).size).toBe(1);
      expect(answers.filter(({ joined }) => !joined)).toHaveLength(1);
      open();
      expect((await place.ended(answers[0]?.task.task_id ?? "")).state).toBe("SUCCESS");
      expect(place.notes(label, "begin")).toHaveLength(1);
      // The key is free again.
      const { joined } = await place.front.enqueue({ ...request, deduplicationKey: label });
      expect(joined).toBe(false);
    });

    prove(
      setting,
      "T-DEDUP `again`: one more run with the newest arguments, however often it is asked",
      async (place) => {
        const { gate, open } = place.gate();
        const key = place.label();
        const more = { deduplicationKey: key, whenRunning: "again" } as const;
        const first = await place.ask("work", { gate }, more);
        await place.begun(first.label);
        const later: string[] = [];
        for (let turn = 0; turn < 10; turn += 1)
          later.push((await place.ask("work", { gate, turn }, more)).label);
        open();
        expect((await place.ended(first.task.task_id)).state).toBe("SUCCESS");
        const last = later.at(-1) ?? "";
        await until("the newest ran", () => place.notes(last, "end").length === 1);
        expect(later.filter((label) => place.notes(label).length > 0)).toEqual([last]);
      },
    );
  });
}

export function describeResult(setting: Setting): void {
  describe("progress and results", () => {
    prove(setting, "T-PROGRESS rises, the last one wins, and it is in the store", async (place) => {
      const seen: number[] = [];
      const rests = { 20: place.gate(), 40: place.gate() };
      const { task } = await place.ask("work", {
        climb: 60,
        rests: { 20: rests[20].gate, 40: rests[40].gate },
      });
      const end = await place.front.wait(task.task_id, {
        timeoutMs: 30_000,
        onProgress({ progress }) {
          const done = progress?.done ?? 0;
          seen.push(done);
          if (done === 20 || done === 40) rests[done].open();
        },
      });
      expect(end).toMatchObject({ state: "SUCCESS", progress: { phase: "climb", done: 60, total: 60 } });
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect(seen).toEqual(expect.arrayContaining([20, 40, 60]));
      const [elsewhere] = await place.elsewhere(["find", task.task_id]);
      expect(elsewhere).toMatchObject({ progress: { done: 60, total: 60, unit: "steps" } });
    });

    prove(setting, "T-RESULT a value, a list inside, and an error are read by any process", async (place) => {
      const value = { list: [1, "zwei", null, true], deep: { ö: 1.5 } };
      const { task } = await place.run("work", { value });
      expect(task).toMatchObject({ state: "SUCCESS", result: { value }, error: null });
      const { task: bad } = await place.run("work", { failures: 1, code: "conflict" });
      expect(bad).toMatchObject({
        state: "FAILURE",
        result: null,
        error: { code: "conflict", message: "As asked." },
      });
      expect(await place.elsewhere(["find", task.task_id], ["find", bad.task_id])).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ result: { value } }),
          expect.objectContaining({ error: bad.error }),
        ]),
      );
    });

    prove(
      setting,
      "T-RESULT arguments and results of more than 256 KB are refused by name",
      async (place) => {
        const big = "x".repeat(300_000);
        await expect(place.ask("work", { big })).rejects.toMatchObject({
          code: "invalid_argument",
          message: expect.stringMatching(/262144|256/),
        });
        const { task } = await place.run("work", { bytes: 300_000 });
        expect(task).toMatchObject({
          state: "FAILURE",
          error: { message: expect.stringMatching(/reference/) },
        });
        expect((await place.run("work", { bytes: 200_000 })).task.state).toBe("SUCCESS");
      },
    );

    prove(setting, "T-RESULT an unknown kind is refused, and says which there are", async (place) => {
      await expect(place.ask("nonsense")).rejects.toMatchObject({
        code: "invalid_argument",
        message: expect.stringMatching(/patient/),
      });
    });
  });
}
