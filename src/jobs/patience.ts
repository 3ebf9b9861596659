/** Asking a store again that fails for a moment: its trouble is no fault of a job, and must not cost it an attempt. */
import { CambiumError, type ErrorCode } from "../errors.ts";
import type { StopOrder } from "./stop-order.ts";

const pausesMs = [100, 200, 400, 800, 1600, 3200, 6400, 12_800];
const troubles: ReadonlySet<ErrorCode> = new Set(["unavailable", "exhausted"]);

/**
 * Asks until the store answers, for about half a minute or until it is told to stop. `ask` must be harmless when it is
 * asked again although the store has done it.
 */
export async function patiently<T>(ask: () => Promise<T>, stop: StopOrder): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await ask();
    } catch (error) {
      if (stop.reason !== undefined || !isStoreTrouble(error)) throw error;
    }
    await pause(pauseMs, stop);
  }
  return ask();
}

function pause(pauseMs: number, stop: StopOrder): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, pauseMs);
    stop.onGiven(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Not what this program itself refuses, nor BullMQ, whose refusals have a negative number. */
export function isStoreTrouble(error: unknown): boolean {
  if (error instanceof CambiumError) return troubles.has(error.code);
  const { code } = error as { readonly code?: unknown };
  return !(typeof code === "number" && code < 0);
}
