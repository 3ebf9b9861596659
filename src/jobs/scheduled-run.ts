/**
 * A schedule's run whose task has a key. BullMQ gives no deduplication to what its schedulers add, so the run only adds
 * the task, which joins a running one of that key and can be joined by others.
 */
import { addOrJoin } from "./add-or-join.ts";
import type { JobQueue, StoredJob } from "./connection.ts";
import { shownPriority } from "./priority.ts";
import type { JsonObject, KindSpec } from "./task.ts";
import { type EntryContext, makeEntry } from "./task-entry.ts";
import { derivedTaskId, isScheduledId } from "./task-id.ts";

export const handsOver = ({ id, data }: StoredJob): boolean =>
  data.key !== undefined && isScheduledId(String(id));

/** Whether it is the next run of a schedule for upkeep, which waits until a worker is there anyway. */
export const awaitsUpkeep = (
  { id, name }: Pick<StoredJob, "id" | "name">,
  kinds: readonly KindSpec[],
): boolean => isScheduledId(String(id)) && kinds.some((kind) => kind.kind === name && kind.isUpkeep === true);

/** Twice for the same run is harmless: the id of the task follows from that of the run. */
export async function handOver(
  job: StoredJob,
  tasks: JobQueue,
  context: Omit<EntryContext, "tenant">,
): Promise<JsonObject> {
  const { args, key, tenant = "" } = job.data;
  const taskId = derivedTaskId(tenant, "run", String(job.id));
  const request = { kind: job.name, args, priority: shownPriority(job.opts.priority) };
  const entry = makeEntry({ ...request, ...(key === undefined ? {} : { deduplicationKey: key }) }, taskId, {
    ...context,
    tenant,
  });
  const added = await addOrJoin(tasks, entry);
  return { task_id: String(added.id), joined: added.id !== taskId };
}
