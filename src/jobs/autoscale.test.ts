/** How many children the work asks for. */
import { describe, expect, it } from "vitest";
import { Autoscaler } from "./autoscale.ts";

describe("the autoscaler", () => {
  it("grows at once by what waits, up to the most", () => {
    const scaler = new Autoscaler({ max: 8, min: 2 }, 0);
    expect(scaler.next({ size: 2, busy: 2, waiting: 3 }, 0)).toBe(5);
    expect(scaler.next({ size: 5, busy: 5, waiting: 100 }, 1000)).toBe(8);
  });

  it("does not grow while children are free, or nothing waits", () => {
    const scaler = new Autoscaler({ max: 8, min: 2 }, 0);
    expect(scaler.next({ size: 4, busy: 3, waiting: 5 }, 0)).toBe(4);
    expect(scaler.next({ size: 4, busy: 4, waiting: 0 }, 0)).toBe(4);
  });

  it("shrinks one by one, each after ten calm seconds, down to the fewest", () => {
    const scaler = new Autoscaler({ max: 8, min: 2 }, 0);
    const sizes: number[] = [];
    let size = 4;
    for (let now = 1000; now <= 40_000; now += 1000) {
      size = scaler.next({ size, busy: 1, waiting: 0 }, now);
      sizes.push(size);
    }
    expect([sizes[8], sizes[9], sizes[18], sizes[19], sizes.at(-1)]).toEqual([4, 3, 3, 2, 2]);
  });

  it("starts its patience anew with each moment in which all were busy", () => {
    const scaler = new Autoscaler({ max: 8, min: 1 }, 0);
    expect(scaler.next({ size: 4, busy: 4, waiting: 0 }, 9000)).toBe(4);
    expect(scaler.next({ size: 4, busy: 0, waiting: 0 }, 18_000)).toBe(4);
    expect(scaler.next({ size: 4, busy: 0, waiting: 0 }, 19_000)).toBe(3);
  });

  it("brings a pool of another size into its range", () => {
    const scaler = new Autoscaler({ max: 4, min: 2 }, 0);
    expect(scaler.next({ size: 9, busy: 0, waiting: 0 }, 0)).toBe(4);
    expect(scaler.next({ size: 1, busy: 0, waiting: 0 }, 0)).toBe(2);
  });

  it.each([
    [1, 2],
    [4, 0],
    [2.5, 1],
    [Number.NaN, 1],
  ])("refuses the range %s,%s", (max, min) => {
    expect(() => new Autoscaler({ max, min }, 0)).toThrow(/8,2/);
  });
});
