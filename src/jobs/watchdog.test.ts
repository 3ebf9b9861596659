/** When a queue counts as stuck. */
import { describe, expect, it } from "vitest";
import { Watchdog } from "./watchdog.ts";

const stuck = { takeable: 3, hasFreeHands: true, takenAt: 0 };

describe("the watchdog", () => {
  it("has the queue taken up anew after its limit, and stops the worker when that has not helped", () => {
    const dog = new Watchdog(30_000);
    const verdicts = [10_000, 39_000, 40_000, 60_000, 70_000].map((now) => dog.judge("q", { ...stuck, now }));
    expect(verdicts).toEqual(["well", "well", "recycle", "well", "stop"]);
  });

  it("is content as soon as something is taken", () => {
    const dog = new Watchdog(30_000);
    dog.judge("q", { ...stuck, now: 0 });
    expect(dog.judge("q", { ...stuck, now: 30_000 })).toBe("recycle");
    expect(dog.judge("q", { ...stuck, takenAt: 31_000, now: 32_000 })).toBe("well");
    expect(dog.judge("q", { ...stuck, takenAt: 31_000, now: 33_000 })).toBe("well");
    expect(dog.judge("q", { ...stuck, takenAt: 31_000, now: 63_000 })).toBe("recycle");
  });

  it("waits as long as there is nothing to take or no hand free", () => {
    const dog = new Watchdog(1000);
    for (let now = 0; now < 100_000; now += 1000) {
      expect(dog.judge("empty", { ...stuck, takeable: 0, now })).toBe("well");
      expect(dog.judge("busy", { ...stuck, hasFreeHands: false, now })).toBe("well");
    }
  });

  it("keeps the queues apart", () => {
    const dog = new Watchdog(1000);
    dog.judge("a", { ...stuck, now: 0 });
    dog.judge("b", { ...stuck, now: 900 });
    expect(dog.judge("a", { ...stuck, now: 1000 })).toBe("recycle");
    expect(dog.judge("b", { ...stuck, now: 1000 })).toBe("well");
  });
});
