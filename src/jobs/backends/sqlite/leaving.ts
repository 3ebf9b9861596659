/** A child that leaves its parent without being removed. */
import type { Change, QueueRow } from "./change.ts";
import { forgetChild } from "./flow.ts";
import { findJob, parentOf } from "./job-row.ts";
import { refuse } from "./refusals.ts";

const command = "removeChildDependency";

/** True if the parent waited for the child. */
export function removeChildDependency(
  change: Change,
  queue: QueueRow,
  jobId: string,
  parentKey: string,
): boolean {
  const row = findJob(change.sql, queue, jobId);
  if (row === undefined) throw refuse("missing", jobId, command);
  const end = parentKey.lastIndexOf(":");
  const parentQueue = change.queue(parentKey.slice(0, end));
  if (findJob(change.sql, parentQueue, parentKey.slice(end + 1)) === undefined) {
    throw refuse("missingParent", parentKey, command);
  }
  const keys = parentOf(row);
  if (keys === undefined || `${keys.queueKey}:${keys.id}` !== parentKey || !forgetChild(change, row))
    return false;
  change.sql.run("UPDATE job SET parent = NULL WHERE pk = ?", row.pk);
  return true;
}
