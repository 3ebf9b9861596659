/** Removing jobs: one, those of a state, the waiting ones, or the whole queue; parents never wait for what is gone. */
import type { Change, QueueRow } from "./change.ts";
import { dropKey } from "./dedup.ts";
import { type ChildRow, forgetChild, hasChildren, leaveParent, releaseIfComplete } from "./flow.ts";
import { deleteJob, findJob, type JobRow, nameOf } from "./job-row.ts";
import { refuse } from "./refusals.ts";
import {
  active,
  childKinds,
  completed,
  delayed,
  failed,
  prioritized,
  stateNames,
  wait,
  waitingChildren,
} from "./schema.ts";

function isLocked(change: Change, row: JobRow): boolean {
  return row.state === active && row.lock_token !== null && (row.lock_until ?? 0) > change.now;
}

/** The next run of a scheduler goes only with its scheduler, which would stand still without it. */
function isNextRun(change: Change, row: JobRow): boolean {
  if (row.scheduler === null) return false;
  const text = "SELECT next FROM scheduler WHERE queue = ? AND id = ?";
  const found = change.sql.one<{ next: number }>(text, row.queue, row.scheduler);
  return found !== undefined && row.id === `repeat:${row.scheduler}:${found.next}`;
}

function childrenOf(change: Change, row: JobRow, kind?: number): { queue: QueueRow; row: JobRow }[] {
  const children =
    kind === undefined
      ? change.sql.all<ChildRow>("SELECT queue, id, value FROM child WHERE parent = ?", row.pk)
      : change.sql.all<ChildRow>(
          "SELECT queue, id, value FROM child WHERE parent = ? AND kind = ?",
          row.pk,
          kind,
        );
  return children.flatMap((child) => {
    const queue = change.queueById(child.queue);
    const found = findJob(change.sql, queue, child.id);
    return found === undefined ? [] : [{ queue, row: found }];
  });
}

function isAnyLocked(change: Change, row: JobRow, withChildren: boolean): boolean {
  if (isLocked(change, row)) return true;
  return withChildren && childrenOf(change, row).some((child) => isAnyLocked(change, child.row, true));
}

/** Removes the job without asking whether it is locked. */
function removeRow(change: Change, queue: QueueRow, row: JobRow, withChildren: boolean): void {
  if (withChildren) {
    for (const child of childrenOf(change, row)) removeRow(change, child.queue, child.row, true);
  }
  // Its last child may have released it just now.
  const current = findJob(change.sql, queue, row.id);
  if (current === undefined) return;
  deleteJob(change, queue, current);
  forgetChild(change, current);
  if (current.dedup !== null) dropKey(change, queue, current.dedup, current.id);
  change.emit(queue, "event", "removed", "jobId", current.id, "prev", nameOf(current.state));
}

/** Removes one of many: without a word, and with the parent in the same queue that waited for nothing else. */
function sweepRow(change: Change, queue: QueueRow, { id }: JobRow): void {
  const row = findJob(change.sql, queue, id);
  // It went with the last of its children.
  if (row === undefined) return;
  deleteJob(change, queue, row);
  if (row.dedup !== null) dropKey(change, queue, row.dedup, row.id);
  const parent = leaveParent(change, row);
  if (parent === undefined || hasChildren(change.sql, parent.row, childKinds.unprocessed)) return;
  if (parent.queue.id === queue.id && parent.row.state === waitingChildren)
    sweepRow(change, queue, parent.row);
  else releaseIfComplete(change, parent);
}

/** 1 if the job is gone, 0 if it or one of its children is being worked on. */
export function removeJob(change: Change, queue: QueueRow, jobId: string, withChildren: boolean): number {
  const row = findJob(change.sql, queue, jobId);
  if (row === undefined) return 1;
  if (isNextRun(change, row)) throw refuse("scheduled", jobId, "removeJob");
  if (isAnyLocked(change, row, withChildren)) return 0;
  removeRow(change, queue, row, withChildren);
  return 1;
}

export function removeUnprocessedChildren(change: Change, queue: QueueRow, jobId: string): void {
  const row = findJob(change.sql, queue, jobId);
  if (row === undefined) return;
  for (const child of childrenOf(change, row, childKinds.unprocessed)) {
    const isFinished = child.row.state === completed || child.row.state === failed;
    if (isFinished || isAnyLocked(change, child.row, true)) continue;
    removeRow(change, child.queue, child.row, true);
  }
}

function rowsOf(change: Change, queue: QueueRow, state: number): JobRow[] {
  const text = "SELECT * FROM job WHERE queue = ? AND state = ? ORDER BY rank, seq";
  return change.sql.all<JobRow>(text, queue.id, state);
}

export function drain(change: Change, queue: QueueRow, withDelayed: boolean): void {
  for (const state of withDelayed ? [wait, prioritized, delayed] : [wait, prioritized]) {
    for (const row of rowsOf(change, queue, state)) {
      if (!isNextRun(change, row)) sweepRow(change, queue, row);
    }
  }
}

/** Jobs of a state that finished, or if they have not, were added, until `until`; at most `limit`, 0 for all. */
export function cleanJobs(
  change: Change,
  queue: QueueRow,
  state: number,
  until: number,
  limit: number,
): string[] {
  const column = state === completed || state === failed ? "rank" : "timestamp";
  const rows = change.sql.all<JobRow>(
    `SELECT * FROM job WHERE queue = ? AND state = ? AND ${column} <= ? ORDER BY rank, seq LIMIT ?`,
    ...[queue.id, state, until, limit > 0 ? limit : -1],
  );
  const removable = rows.filter((row) => !isNextRun(change, row) && !isLocked(change, row));
  for (const row of removable) sweepRow(change, queue, row);
  change.emit(queue, "event", "cleaned", "count", removable.length);
  return removable.map((row) => row.id);
}

/** Returns 1 as long as something is left. Event numbers go on, so that readers of the old ones see the new ones. */
export function obliterate(change: Change, queue: QueueRow, opts: { force: boolean; count: number }): number {
  if (queue.meta["paused"] === undefined) throw new Error("Cannot obliterate non-paused queue");
  if ((queue.counts[active] ?? 0) > 0 && !opts.force)
    throw new Error("Cannot obliterate queue with active jobs");
  let left = opts.count;
  for (const state of stateNames.keys()) {
    const text = "SELECT * FROM job WHERE queue = ? AND state = ? ORDER BY rank, seq LIMIT ?";
    for (const row of change.sql.all<JobRow>(text, queue.id, state, left)) {
      sweepRow(change, queue, row);
      left -= 1;
    }
    if ((queue.counts[state] ?? 0) > 0) return 1;
  }
  for (const table of ["event", "dedup", "scheduler", "metric"]) {
    change.sql.run(`DELETE FROM ${table} WHERE queue = ?`, queue.id);
  }
  queue.meta = {};
  queue.lastJob = 0;
  queue.limitUsed = 0;
  queue.limitUntil = 0;
  return 0;
}
