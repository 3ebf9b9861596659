/** What may begin. */
import { describe, expect, it } from "vitest";
import { admit, crashesOf } from "./admission.ts";
import type { JobData, StoredJob } from "./connection.ts";
import { openSealer, openWithoutKeys } from "./seal.ts";
import type { KindSpec } from "./task.ts";

const kind: KindSpec = {
  kind: "k",
  role: "task",
  queue: "tasks",
  retry: { attempts: 1, delayMs: 1, maxDelayMs: 1 },
  softTimeLimitMs: 1000,
  silenceLimitMs: 1000,
};

/** What `admit` looks at. */
const job = (data: Partial<JobData>, more: Partial<StoredJob> = {}) =>
  ({
    ...{ id: "i", name: "k", queueName: "tasks", attemptsMade: 0, stalledCounter: 0 },
    data: { args: {}, ...data },
    ...more,
  }) as StoredJob;
const verdict = (one: StoredJob, sealer = openWithoutKeys, spec = kind) => {
  try {
    admit(one, spec, sealer, 1_000_000);
    return "admitted";
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe("what may begin", () => {
  it("has not expired, unless it has begun before", () => {
    expect(verdict(job({ expiresAt: 1_000_000 }))).toBe("admitted");
    expect(verdict(job({ expiresAt: 999_999 }))).toBe("cancelled");
    expect(verdict(job({ expiresAt: 999_999, startedAt: 1 }))).toBe("admitted");
    expect(verdict(job({ expiresAt: 999_999 }, { attemptsMade: 1 }))).toBe("admitted");
  });

  it("is no run of a schedule that is too late", () => {
    const run = (at: number) => job({ graceMs: 60_000 }, { id: `repeat:nightly:${at}` });
    expect(verdict(run(940_000))).toBe("admitted");
    expect(verdict(run(939_999))).toBe("cancelled");
    expect(verdict(job({}, { id: "repeat:nightly:1" }))).toBe("admitted");
  });

  it("has not crashed more often than its kind may, whoever died", () => {
    const crashed = (crashes: number, stalledCounter: number) => job({ crashes }, { stalledCounter });
    expect(crashesOf(crashed(1, 2))).toBe(3);
    expect(verdict(crashed(1, 2))).toBe("admitted");
    expect(verdict(crashed(2, 2))).toBe("internal");
    expect(verdict(crashed(2, 2), openWithoutKeys, { ...kind, maxCrashes: 25 })).toBe("admitted");
    expect(verdict(crashed(0, 1), openWithoutKeys, { ...kind, maxCrashes: 0 })).toBe("internal");
  });

  it("is signed where there are keys, and as it was signed", () => {
    const sealer = openSealer({ signing: "a:0123456789abcdef" });
    const place = { queue: "tasks", name: "k", id: "i" };
    const signed = sealer.sign(place, { args: { value: 1 } });
    expect(verdict(job(signed), sealer)).toBe("admitted");
    expect(verdict(job({ ...signed, crashes: 1, startedAt: 5 }), sealer)).toBe("admitted");
    expect(verdict(job({ ...signed, args: { value: 2 } }), sealer)).toBe("forbidden");
    expect(verdict(job({ args: { value: 1 } }), sealer)).toBe("forbidden");
  });
});
