/** What waits in a queue, told by urgency: one cheap read that ageing, autoscaling and the watchdog share. */
import type { JobQueue } from "./connection.ts";

/** BullMQ's levels, 1 first; 0 is without any priority and goes before all. */
const levels = Array.from({ length: 11 }, (_, level) => level);

export interface QueueLook {
  /** Ready to be taken; not those that are due later. */
  readonly waiting: number;
  /** Those of a level that have any, the first level first. */
  readonly byLevel: readonly { readonly level: number; readonly count: number }[];
}

export async function lookAt(queue: JobQueue): Promise<QueueLook> {
  const counts = await queue.getCountsPerPriority(levels);
  const byLevel = levels
    .map((level) => ({ level, count: counts[String(level)] ?? 0 }))
    .filter(({ count }) => count > 0);
  return { byLevel, waiting: byLevel.reduce((sum, { count }) => sum + count, 0) };
}
