/** The progress record: it never goes back, and rate and ETA follow what was done. */
import { describe, expect, it } from "vitest";
import { seedOfRun } from "../../test/fixtures/seeded.mjs";
import { advance, type StoredProgress, shownProgress, standStill, storedProgress } from "./progress.ts";

const report = (done: number, total = 100, phase = "parse") => ({ phase, done, total, unit: "files" });

function follow(...steps: [now: number, ...of: Parameters<typeof report>][]): StoredProgress {
  let record: StoredProgress | undefined;
  for (const [now, ...of] of steps) record = advance(record, report(...of), now) ?? record;
  if (record === undefined) throw new Error("nothing was recorded");
  return record;
}

describe("advance", () => {
  it("never lowers done, and never shows more done than there is", () => {
    expect(follow([0, 10], [100, 7])).toMatchObject({ done: 10, total: 100 });
    expect(follow([0, 10], [100, 30, 20])).toMatchObject({ done: 20, total: 20 });
    expect(follow([0, 10], [100, 8, 5])).toMatchObject({ done: 10, total: 10 });
  });

  it("never returns to an earlier phase", () => {
    const record = follow([0, 1, 1, "scan"], [10, 5], [20, 1, 9, "scan"]);
    expect(record).toMatchObject({ phase: "parse", done: 5, phases: ["scan", "parse"] });
    expect(advance(record, report(2, 2, "scan"), 30)).toBeUndefined();
  });

  it("writes nothing when nothing changed", () => {
    expect(advance(follow([0, 10]), report(10), 50)).toBeUndefined();
  });

  it("has no rate before the first is done in the phase, then the average since it began", () => {
    expect(follow([0, 40])).toMatchObject({ rate: null, eta_seconds: null });
    expect(follow([0, 40], [2000, 60])).toMatchObject({ rate: 10, eta_seconds: 4 });
  });

  it("follows a change of speed later on, without jumping", () => {
    const steady: [number, number, number][] = Array.from({ length: 31 }, (_, s) => [s * 1000, s * 10, 1000]);
    const slower = follow(...steady, [31_000, 301, 1000], [32_000, 302, 1000]);
    expect(slower.rate).toBeLessThan(10);
    expect(slower.rate).toBeGreaterThan(7);
  });

  it("tells why it stands still until the next report", () => {
    const stuck = standStill(follow([0, 10], [1000, 20]), "The disk is full.", 2000);
    expect(stuck).toMatchObject({ done: 20, waiting_for: "The disk is full.", eta_seconds: null });
    expect(advance(stuck, report(20), 5000)).toMatchObject({ done: 20, waiting_for: null });
  });

  it("keeps its invariants for random reports", () => {
    const seed = seedOfRun();
    let state = seed;
    const random = (below: number) => {
      state = (state * 1103515245 + 12345) % 2 ** 31;
      return state % below;
    };
    let record: StoredProgress | undefined;
    for (let now = 0; now < 2000; now += 1) {
      const next = advance(record, report(random(50), random(60), `phase ${random(3)}`), now * 37);
      if (next === undefined) continue;
      const forward = record === undefined || record.phase !== next.phase || next.done >= record.done;
      expect(forward && next.done <= next.total && (next.rate ?? 1) >= 0, `seed ${seed}`).toBe(true);
      record = next;
    }
  });
});

describe("the stored and the shown record", () => {
  it("tells a record from BullMQ's 0 and hides what only the arithmetic needs", () => {
    expect(storedProgress(0)).toBeUndefined();
    expect(shownProgress(0)).toBeNull();
    const shown = shownProgress(JSON.parse(JSON.stringify(follow([0, 1]))));
    expect(Object.keys(shown ?? {})).toEqual([
      "phase",
      "done",
      "total",
      "unit",
      "rate",
      "eta_seconds",
      "waiting_for",
    ]);
  });
});
