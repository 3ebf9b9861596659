/** Asking a store again that fails for a moment: its trouble is no fault of a job, and must not cost it an attempt. */
import { setTimeout as sleep } from "node:timers/promises";
import { CambiumError, type ErrorCode } from "../errors.ts";

const pausesMs = [100, 200, 400, 800, 1600, 3200, 6400, 12_800];
const troubles: ReadonlySet<ErrorCode> = new Set(["unavailable", "exhausted"]);

/**
 * Asks until the store answers, for about half a minute or until the signal aborts. `ask` must be harmless when it is
 * asked again although the store has done it.
 */
export async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted || !isStoreTrouble(error)) throw error;
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
  }
  return ask();
}

/** Not what this program itself refuses, nor BullMQ, whose refusals have a negative number. */
export function isStoreTrouble(error: unknown): boolean {
  if (error instanceof CambiumError) return troubles.has(error.code);
  const { code } = error as { readonly code?: unknown };
  return !(typeof code === "number" && code < 0);
}
