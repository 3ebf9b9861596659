/** T-FIFO, T-PRIO, T-PAUSE, T-DELAY, T-EXPIRES: what begins when. These hold the whole queue, so they run alone. */
import { describe, expect } from "vitest";
import { childrenEach, type Place } from "../../clock/place.ts";
import { until } from "../../fixtures/until.ts";
import { prove, type Setting } from "./prove.ts";

/**
 * As many jobs as there are children begin at the same time, so that their notes may change places; and while one slow
 * child has yet to note its job, the others may have gone through as many again. The wrong way round would be off by 29.
 */
const slack = (setting: Setting) => 2 * childrenEach * setting.processes;

/** Enqueues while nothing is taken, then lets go; answers with the labels in the order in which they began. */
async function beginTogether(place: Place, ask: () => Promise<string[]>): Promise<string[]> {
  const queue = place.queue("tasks");
  await queue.pause();
  const labels = await ask();
  await queue.resume();
  await until("all ended", () => labels.every((label) => place.notes(label, "end").length === 1));
  return labels.sort((a, b) => (place.notes(a, "begin")[0]?.at ?? 0) - (place.notes(b, "begin")[0]?.at ?? 0));
}

const shuffled = [0, 5, 9, 1, 8, 2, 7, 3, 6, 4] as const;

function expectNearlyInOrder(numbers: readonly number[], places: number): void {
  const sorted = [...numbers].sort((a, b) => a - b);
  for (const [at, number] of numbers.entries()) {
    const first = sorted.indexOf(number);
    const last = sorted.lastIndexOf(number);
    expect(at, `${number} in ${numbers.join(" ")}`).toBeGreaterThanOrEqual(first - places);
    expect(at, `${number} in ${numbers.join(" ")}`).toBeLessThanOrEqual(last + places);
  }
}

export function describeOrder(setting: Setting): void {
  describe("order", () => {
    prove(setting, "T-FIFO equal ones begin in the order of their arrival", async (place) => {
      const asked: string[] = [];
      const began = await beginTogether(place, async () => {
        for (let turn = 0; turn < 30; turn += 1) asked.push((await place.ask("work", { ms: 10 })).label);
        return [...asked];
      });
      expectNearlyInOrder(
        began.map((label) => asked.indexOf(label)),
        slack(setting),
      );
    });

    prove(setting, "T-PRIO 9 begins first and 0 last, whatever came first", async (place) => {
      const priorities = new Map<string, number>();
      const began = await beginTogether(place, async () => {
        for (const priority of [...shuffled, ...shuffled, ...shuffled]) {
          const { label } = await place.ask("work", { ms: 10 }, { priority });
          priorities.set(label, priority);
        }
        return [...priorities.keys()];
      });
      expectNearlyInOrder(
        began.map((label) => -(priorities.get(label) ?? 0)),
        slack(setting),
      );
    });

    prove(setting, "T-PRIO a priority of 12 is refused, and nothing is enqueued", async (place) => {
      const before = await place.queue("tasks").getJobCounts();
      await expect(place.ask("work", {}, { priority: 12 as never })).rejects.toMatchObject({
        code: "invalid_argument",
        message: expect.stringMatching(/0.*9/),
      });
      expect(await place.queue("tasks").getJobCounts()).toEqual(before);
    });

    prove(setting, "T-PAUSE nothing of a paused queue begins until it is resumed", async (place) => {
      const control = place.control();
      await control.setPaused("aside", true);
      const label = place.label();
      const { task } = await place.ask("canvas", {
        canvas: { kind: "aside", args: { log: place.log, label } },
      });
      await until(
        "it waits",
        async () =>
          (await place.queue("aside").getWaitingCount()) +
            (await place.queue("aside").getPrioritizedCount()) ===
          1,
      );
      // Others are served meanwhile, so that the workers are awake.
      expect((await place.run("work")).task.state).toBe("SUCCESS");
      expect(place.notes(label)).toEqual([]);
      await control.setPaused("aside", false);
      expect(await place.ended(task.task_id)).toMatchObject({ state: "SUCCESS" });
      expect(place.notes(label, "begin")).toHaveLength(1);
    });

    prove(setting, "T-DELAY never early, and less than 250 ms late", async (place) => {
      const late: number[] = [];
      for (const delayMs of [150, 300, 450]) {
        const askedAt = Date.now();
        const more = delayMs === 300 ? { eta: new Date(askedAt + delayMs) } : { countdownMs: delayMs };
        const { label, task } = await place.ask("work", {}, more);
        expect(task.state).toBe("PENDING");
        late.push((await place.begun(label)).at - askedAt - delayMs);
      }
      // A millisecond for the clocks, which are read in whole ones.
      expect(Math.min(...late)).toBeGreaterThanOrEqual(-1);
      expect(late.sort((a, b) => a - b)[1]).toBeLessThan(250);
    });

    prove(setting, "T-EXPIRES what nobody began in time ends REVOKED without running", async (place) => {
      const queue = place.queue("tasks");
      await queue.pause();
      const { task, label } = await place.ask("work", {}, { expiresAt: new Date(Date.now() + 50) });
      const { task: patient } = await place.ask("work", {}, { expiresAt: new Date(Date.now() + 60_000) });
      await until("the time is over", () => Date.now() > Date.parse(task.created_at) + 100);
      await queue.resume();
      expect(await place.ended(task.task_id)).toMatchObject({
        state: "REVOKED",
        error: { code: "cancelled", message: expect.stringMatching(/expired/) },
      });
      expect(place.notes(label)).toEqual([]);
      expect((await place.ended(patient.task_id)).state).toBe("SUCCESS");
    });
  });
}
