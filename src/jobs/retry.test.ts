/** The arithmetic of retries. */
import { describe, expect, it } from "vitest";
import { type ErrorCode, errorCodes } from "../errors.ts";
import { mayRetry, retryDelayMs } from "./retry.ts";
import type { RetryPolicy } from "./task.ts";

const policy: RetryPolicy = { attempts: 10, delayMs: 100, maxDelayMs: 1000 };
const failure = (code: "unavailable" | "internal" | "cancelled" | "timeout") => ({ code, message: "x" });

describe("the delay before the next attempt", () => {
  it("doubles up to the longest delay, and jitters downwards by half", () => {
    const delays = (random: number) => [1, 2, 3, 4, 5, 40].map((n) => retryDelayMs(policy, n, random));
    expect(delays(0.999_999)).toEqual([100, 200, 400, 800, 1000, 1000]);
    expect(delays(0)).toEqual([50, 100, 200, 400, 500, 500]);
  });

  it("stays the same where it is fixed, and exact without jitter", () => {
    const fixed: RetryPolicy = { ...policy, backoff: "fixed", jitter: 0 };
    expect([1, 2, 9].map((n) => retryDelayMs(fixed, n, 0))).toEqual([100, 100, 100]);
  });

  it("is a minute, then two, then four, at most ten for outages", () => {
    const outage: RetryPolicy = { attempts: 9, delayMs: 60_000, maxDelayMs: 600_000, jitter: 0 };
    const minutes = [1, 2, 3, 4, 5, 6].map((n) => retryDelayMs(outage, n, 0) / 60_000);
    expect(minutes).toEqual([1, 2, 4, 8, 10, 10]);
  });
});

describe("whether it is tried again", () => {
  it("depends on what the world may mend", () => {
    const retried = (Object.keys(errorCodes) as ErrorCode[]).filter((code) =>
      mayRetry(policy, { code, message: "" }),
    );
    expect(retried.sort()).toEqual(["exhausted", "timeout", "unavailable"]);
  });

  it("depends on the lists of the kind, of which failOn wins", () => {
    const listed: RetryPolicy = { ...policy, retryOn: ["internal", "timeout"], failOn: ["timeout"] };
    expect(mayRetry(listed, failure("internal"))).toBe(true);
    expect(mayRetry(listed, failure("timeout"))).toBe(false);
    expect(mayRetry(listed, failure("unavailable"))).toBe(false);
  });

  it("is never so for a cancelled one", () => {
    expect(mayRetry({ ...policy, retryOn: ["cancelled"] }, failure("cancelled"))).toBe(false);
  });
});
