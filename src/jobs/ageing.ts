/** Lets jobs through that have waited long behind more urgent ones, so that none waits for ever. */
import type { JobQueue, StoredJob } from "./connection.ts";
import type { QueueLook } from "./queue-look.ts";

/**
 * Moves the first job of each level that has waited for longer than `ageingMs` to the foremost level: one of each, so
 * that the urgent ones are not swamped. A job that somebody takes meanwhile has only its number changed.
 */
export async function letOldOnesThrough(queue: JobQueue, look: QueueLook, ageingMs: number): Promise<void> {
  // Level 0 stands in a list of its own, before all the others.
  const [front, ...lower] = look.byLevel.filter(({ level }) => level > 0);
  if (front === undefined) return;
  let start = front.count;
  for (const { count } of lower) {
    const [head] = (await queue.getJobs(["prioritized"], start, start, true)) as (StoredJob | undefined)[];
    if (head !== undefined && head.timestamp + head.delay < Date.now() - ageingMs)
      await head.changePriority({ priority: front.level });
    start += count;
  }
}
