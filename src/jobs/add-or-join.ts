/** How a task gets into the store, be it asked for, the next of another, a follow-up or a schedule's run. */
import type { JobQueue, StoredJob } from "./connection.ts";
import type { TaskEntry } from "./task-entry.ts";

const freedMax = 3;

/**
 * Adds the task, or gives back the one that has its key. Adding an id twice is harmless, but on PostgreSQL it hands the
 * key to a task that has ended: a key that is held in vain is let go, so that nobody joins what will never end.
 */
export async function addOrJoin(tasks: JobQueue, { name, data, opts }: TaskEntry): Promise<StoredJob> {
  for (let left = freedMax; ; left -= 1) {
    const added = await tasks.add(name, data, opts);
    if (left === 0 || !(await holdsKeyInVain(added, opts.deduplication?.id, tasks))) return added;
    await added.removeDeduplicationKey();
    if (added.id === opts.jobId) return added;
  }
}

/** The end of a task lets go of its key. One that has ended and holds it still, or is gone, would be joined for ever. */
async function holdsKeyInVain(
  { id }: StoredJob,
  joinKey: string | undefined,
  tasks: JobQueue,
): Promise<boolean> {
  if (joinKey === undefined) return false;
  const state = await tasks.getJobState(String(id));
  if (state !== "unknown" && state !== "completed" && state !== "failed") return false;
  return (await tasks.getDeduplicationJobId(joinKey)) === id;
}
