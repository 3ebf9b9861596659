/** T-FIFO, T-PRIO, T-PAUSE, T-DELAY, T-EXPIRES: what begins when. These hold the whole queue, so they run alone. */
import { describe, expect } from "vitest";
import { childrenEach, type Place } from "../../clock/place.ts";
import { until } from "../../fixtures/until.ts";
import { prove, type Setting } from "./prove.ts";

/** As many jobs as this are claimed at the same time, so that they may change places. */
const slots = (setting: Setting) => childrenEach * setting.processes;

/**
 * Enqueues while nothing is taken, then lets go; answers with the labels in the order in which their jobs were claimed.
 * The handlers' own notes would tell how fast each child is, too.
 */
async function beginTogether(place: Place, ask: () => Promise<string[]>): Promise<string[]> {
  const queue = place.queue("tasks");
  await queue.pause();
  const labels = await ask();
  await queue.resume();
  await until("all ended", () => labels.every((label) => place.notes(label, "end").length === 1));
  const claimed = new Map<string, number>();
  await until("all are recorded as ended", async () => {
    for (const job of await queue.getCompleted(0, -1)) claimed.set(job.data.args.label, job.processedOn ?? 0);
    return labels.every((label) => claimed.has(label));
  });
  const claimOf = (label: string) => claimed.get(label) as number;
  return labels.sort((a, b) => claimOf(a) - claimOf(b));
}

const shuffled = [0, 5, 9, 1, 8, 2, 7, 3, 6, 4] as const;

function expectNearlyInOrder(numbers: readonly number[], slack: number): void {
  const sorted = [...numbers].sort((a, b) => a - b);
  for (const [at, number] of numbers.entries()) {
    const first = sorted.indexOf(number);
    const last = sorted.lastIndexOf(number);
    expect(at, `${number} in ${numbers.join(" ")}`).toBeGreaterThanOrEqual(first - slack);
    expect(at, `${number} in ${numbers.join(" ")}`).toBeLessThanOrEqual(last + slack);
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
        slots(setting) - 1,
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
        slots(setting) - 1,
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
      const rounds: number[][] = [];
      const best = () => [0, 1, 2].map((at) => Math.min(...rounds.map((late) => late[at] ?? 0)));
      // A busy machine wakes a process late whatever is asked of it: the best of each delay tells.
      while (rounds.length < 15 && !best().every((late) => late < 250)) {
        const late: number[] = [];
        for (const delayMs of [150, 300, 450]) {
          const askedAt = Date.now();
          const more = delayMs === 300 ? { eta: new Date(askedAt + delayMs) } : { countdownMs: delayMs };
          const { label, task } = await place.ask("work", {}, more);
          expect(task.state).toBe("PENDING");
          late.push((await place.begun(label)).at - askedAt - delayMs);
        }
        rounds.push(late);
      }
      // A millisecond for the clocks, which are read in whole ones.
      expect(Math.min(...rounds.flat())).toBeGreaterThanOrEqual(-1);
      expect(Math.max(...best()), JSON.stringify(rounds)).toBeLessThan(250);
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
