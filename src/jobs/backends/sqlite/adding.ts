/** Adding jobs: single ones, many at once, and flows; a known id is never added twice. */
import type { IQueueBackend, JobJson, ParentKeyOpts } from "bullmq";
import type { Change, QueueRow } from "./change.ts";
import { deduplicate } from "./dedup.ts";
import { addChild, findParent, hasChildren, releaseIfComplete } from "./flow.ts";
import { findJob, insertJob, type JobRow, type NewJob, parentOf } from "./job-row.ts";
import { type RefusalError, refuse } from "./refusals.ts";
import { childKinds, completed, waitingChildren } from "./schema.ts";

const command = "addJob";

/** Returns the id under which the work will be done, which is another job's if it was a duplicate. */
export function addJob(
  change: Change,
  queue: QueueRow,
  job: JobJson,
  customId: string | undefined,
  keys: ParentKeyOpts = {},
): string {
  queue.lastJob += 1;
  const id = customId ? String(customId) : String(queue.lastJob);
  const parent = findParent(change, job.parent);
  if (job.parent !== undefined && parent === undefined) {
    throw refuse("missingParent", `${job.parent.queueKey}:${job.parent.id}`, command);
  }
  const known = findJob(change.sql, queue, id);
  if (known !== undefined) {
    adopt(change, queue, known, job, keys.deferParentRelease === true);
    return id;
  }
  const added: NewJob = {
    id,
    name: job.name,
    data: job.data,
    opts: job.opts,
    timestamp: job.timestamp,
    parent: job.parent,
    ...(keys.addToWaitingChildren ? { state: waitingChildren } : {}),
  };
  const other = deduplicate(change, queue, added);
  if (other !== undefined) return other;
  insertJob(change, queue, added);
  if (parent !== undefined) addChild(change, parent.row, childKinds.unprocessed, { queue: queue.id, id });
  return id;
}

/** The job is there already; a parent that is new to it gets it as a child, unless it has another parent. */
function adopt(change: Change, queue: QueueRow, known: JobRow, job: JobJson, deferRelease: boolean): void {
  const parent = findParent(change, job.parent);
  if (parent !== undefined) {
    const before = parentOf(known);
    if (before !== undefined && (before.queueKey !== job.parent?.queueKey || before.id !== job.parent?.id)) {
      throw refuse("otherParent", `${job.parent?.queueKey}:${job.parent?.id}`, command);
    }
    change.sql.run("UPDATE job SET parent = ? WHERE pk = ?", JSON.stringify(job.parent), known.pk);
    if (known.state !== completed) {
      addChild(change, parent.row, childKinds.unprocessed, known);
    } else {
      addChild(change, parent.row, childKinds.processed, known, known.returnvalue);
      if (!deferRelease) releaseIfComplete(change, parent);
    }
  }
  change.emit(queue, "event", "duplicated", "jobId", known.id);
}

type FlowEntries = Parameters<IQueueBackend["addFlow"]>[0];

/** One transaction; an entry that is refused leaves the others, as BullMQ reads only the answers of the roots. */
export function addFlow(change: Change, entries: FlowEntries): [Error | null, string | number][] {
  const answers = entries.map((entry): [Error | null, string | number] => {
    const queue = change.queue(`${entry.prefix}:${entry.queueName}`);
    try {
      const keys = { ...entry.parentKeyOpts, deferParentRelease: true };
      return [null, addJob(change, queue, entry.jobData, entry.jobId, keys)];
    } catch (error) {
      const { code } = error as RefusalError;
      if (typeof code !== "number") throw error;
      return [null, code];
    }
  });
  for (const entry of entries) {
    if (!entry.parentKeyOpts.addToWaitingChildren) continue;
    const queue = change.queue(`${entry.prefix}:${entry.queueName}`);
    const row = findJob(change.sql, queue, entry.jobId);
    if (row !== undefined && !hasChildren(change.sql, row, childKinds.unprocessed)) {
      releaseIfComplete(change, { queue, row });
    }
  }
  return answers;
}
