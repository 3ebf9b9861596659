/** Rates: what is accepted, that no rate lets more through than it says, and the words for what is not one. */
import { describe, expect, it } from "vitest";
import { parseRate, writeRate } from "./rate.ts";

describe("parseRate", () => {
  it.each([
    ["10/s", { max: 1, duration: 100 }],
    ["100/m", { max: 1, duration: 600 }],
    ["1000/h", { max: 1, duration: 3600 }],
    ["1/h", { max: 1, duration: 3_600_000 }],
    ["100/s", { max: 1, duration: 10 }],
    ["1000/s", { max: 10, duration: 10 }],
    [" 5/M ", { max: 1, duration: 12_000 }],
  ])("reads %s as one job a window wherever that is possible", (text, limit) => {
    expect(parseRate(text)).toEqual(limit);
  });

  it.each(["none", "0"])("reads %s as no limit", (text) => {
    expect(parseRate(text)).toBeUndefined();
  });

  it("never lets more through than it says, and not much less", () => {
    for (const [unit, unitMs] of [
      ["s", 1000],
      ["m", 60_000],
      ["h", 3_600_000],
    ] as const) {
      for (let count = 1; count < 100_000; count = Math.ceil(count * 1.37)) {
        const limit = parseRate(`${count}/${unit}`);
        if (limit === undefined) throw new Error(`no limit for ${count}/${unit}`);
        const inUnit = (limit.max * unitMs) / limit.duration;
        expect(inUnit, `${count}/${unit}`).toBeLessThanOrEqual(count + 1e-9);
        expect(inUnit, `${count}/${unit}`).toBeGreaterThan(count * 0.9);
        expect(limit.duration).toBeGreaterThanOrEqual(10);
      }
    }
  });

  it.each(["fast", "", "10", "10/d", "-1/s", "1.5/s", "0/s", "10/s/s", "9999999/s", "∞/s"])(
    "refuses %j with an example",
    (text) => {
      expect(() => parseRate(text)).toThrow(/is no rate\. Write how many .* for example 10\/s, 100\/m/);
    },
  );
});

it.each(["10/s", "100/m", "1000/h", "7/h", "1000/s", "1/m"])("writes %s as it was read", (text) => {
  const limit = parseRate(text);
  if (limit === undefined) throw new Error("no limit");
  expect(parseRate(writeRate(limit))).toEqual(limit);
});
