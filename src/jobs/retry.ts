/** When a failed job is tried again, and how long it waits before that. */
import { errorCodes, type Failure } from "../errors.ts";
import type { RetryPolicy } from "./task.ts";

const jitterDefault = 0.5;

/** `failOn` is stronger than `retryOn`. A job that was cancelled, or failed for good, never runs again. */
export function mayRetry({ retryOn, failOn = [] }: RetryPolicy, { code, isFinal }: Failure): boolean {
  if (isFinal === true || code === "cancelled" || failOn.includes(code)) return false;
  return retryOn?.includes(code) ?? errorCodes[code].retry;
}

/** `failures` counts from 1; `random` is from [0, 1). */
export function retryDelayMs(policy: RetryPolicy, failures: number, random: number): number {
  const { delayMs, maxDelayMs, backoff = "exponential", jitter = jitterDefault } = policy;
  const factor = backoff === "fixed" ? 1 : 2 ** Math.min(failures - 1, 30);
  const full = Math.min(maxDelayMs, delayMs * factor);
  return Math.ceil(full * (1 - jitter + jitter * random));
}
