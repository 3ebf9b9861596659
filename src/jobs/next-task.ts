/** The task that follows a task: stored before the one that asks for it ends, so that no crash leaves it out. */
import { addOrJoin } from "./add-or-join.ts";
import type { JobQueue, StoredJob } from "./connection.ts";
import type { FollowUps } from "./follow-ups.ts";
import { shownPriority } from "./priority.ts";
import type { Sealer } from "./seal.ts";
import type { KindSpec, NextTask } from "./task.ts";
import { makeEntry } from "./task-entry.ts";
import { derivedTaskId } from "./task-id.ts";

/** Twice for the same task is harmless: the id of the next one follows from its own. */
export async function addNext(
  job: StoredJob,
  next: NextTask | undefined,
  { kinds, sealer, followUps }: { kinds: readonly KindSpec[]; sealer: Sealer; followUps: FollowUps },
  tasks: JobQueue,
): Promise<void> {
  if (next === undefined) return;
  const { kind, args, key } = next;
  const { tenant = "" } = job.data;
  const taskId = derivedTaskId(tenant, "next", String(job.id), kind);
  const request = { kind, args, deduplicationKey: key, priority: shownPriority(job.opts.priority) };
  const entry = makeEntry(request, taskId, { kinds, sealer, tenant });
  const added = await addOrJoin(tasks, entry);
  // One of its key runs, and may have looked already at what this one is about.
  if (added.id !== taskId) await followUps.put(entry);
}
