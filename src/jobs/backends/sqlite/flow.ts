/** Parents and children: what a parent still waits for, what its children left behind, and when it may go on. */
import type { ParentKeys } from "bullmq";
import type { Change, QueueRow, Statements } from "./change.ts";
import { findJob, type JobRow, makeReady, parentOf, place } from "./job-row.ts";
import { childKinds, completed, delayed, failed as failedState, waitingChildren } from "./schema.ts";

export interface ChildRow {
  readonly queue: number;
  readonly id: string;
  readonly value: string | null;
}

interface Family {
  readonly queue: QueueRow;
  readonly row: JobRow;
}

export function findParent(change: Change, parent: ParentKeys | undefined): Family | undefined {
  if (parent?.id === undefined) return undefined;
  const queue = change.queue(parent.queueKey);
  const row = findJob(change.sql, queue, parent.id);
  return row && { queue, row };
}

export function hasChildren(sql: Statements, parent: JobRow, kind: number): boolean {
  return sql.one("SELECT 1 FROM child WHERE parent = ? AND kind = ? LIMIT 1", parent.pk, kind) !== undefined;
}

export function addChild(
  change: Change,
  parent: JobRow,
  kind: number,
  child: { readonly queue: number; readonly id: string },
  value: string | null = null,
): void {
  change.sql.run(
    "INSERT OR REPLACE INTO child(parent, kind, queue, id, value) VALUES (?, ?, ?, ?, ?)",
    parent.pk,
    kind,
    child.queue,
    child.id,
    value,
  );
}

export function dropChild(
  change: Change,
  parent: JobRow,
  kind: number,
  child: { readonly queue: number; readonly id: string },
): boolean {
  const text = "DELETE FROM child WHERE parent = ? AND kind = ? AND queue = ? AND id = ?";
  return change.sql.run(text, parent.pk, kind, child.queue, child.id) > 0;
}

/** A waiting parent goes on: to where its delay or priority puts it. */
function release(change: Change, { queue, row }: Family): void {
  if (row.state !== waitingChildren) return;
  if (row.delay > 0) {
    place(change, queue, row, { state: delayed, rank: change.now + row.delay, end: "tail" });
    change.emit(queue, "event", "delayed", "jobId", row.id, "delay", change.now + row.delay);
  } else {
    makeReady(change, queue, row, "waiting-children");
  }
}

export function releaseIfComplete(change: Change, family: Family): void {
  if (!hasChildren(change.sql, family.row, childKinds.unprocessed)) release(change, family);
}

/** A completed child leaves its value with the parent. */
export function tellParentOfSuccess(change: Change, child: JobRow, value: string): void {
  const family = findParent(change, parentOf(child));
  if (family === undefined) return;
  dropChild(change, family.row, childKinds.unprocessed, child);
  addChild(change, family.row, childKinds.processed, child, value);
  releaseIfComplete(change, family);
}

/** What a child that failed for good means for its parent is said by the child's options. */
export function tellParentOfFailure(change: Change, child: JobRow, reason: string): void {
  const keys = parentOf(child);
  const family = findParent(change, keys);
  if (family === undefined || keys === undefined) return;
  if (keys.fpof) {
    dropChild(change, family.row, childKinds.unprocessed, child);
    addChild(change, family.row, childKinds.failed, child);
    failParent(change, family, child);
  } else if (keys.cpof) {
    dropChild(change, family.row, childKinds.unprocessed, child);
    addChild(change, family.row, childKinds.ignored, child, reason);
    release(change, family);
  } else if (keys.idof) {
    dropChild(change, family.row, childKinds.unprocessed, child);
    addChild(change, family.row, childKinds.ignored, child, reason);
    releaseIfComplete(change, family);
  } else if (keys.rdof) {
    dropChild(change, family.row, childKinds.unprocessed, child);
    releaseIfComplete(change, family);
  }
}

/** The parent is made to run, and fails as soon as a worker takes it: so its own failure is handled like any other. */
function failParent(change: Change, family: Family, child: JobRow): void {
  const { queue, row } = family;
  if (row.state === completed || row.state === failedState) return;
  const key = `${change.queueById(child.queue).name}:${child.id}`;
  change.sql.run(
    "UPDATE job SET deferred_failure = ?, delay = 0 WHERE pk = ?",
    `child ${key} failed`,
    row.pk,
  );
  if (row.state === waitingChildren || row.state === delayed) {
    makeReady(change, queue, row, row.state === delayed ? "delayed" : "waiting-children");
  }
}

/** The child will never finish: it is removed, or leaves its parent. Returns the parent if it waited for it. */
export function leaveParent(change: Change, child: JobRow): Family | undefined {
  const family = findParent(change, parentOf(child));
  const waited = family && dropChild(change, family.row, childKinds.unprocessed, child);
  return waited ? family : undefined;
}

/** True if the parent waited for the child, which is gone. */
export function forgetChild(change: Change, child: JobRow): boolean {
  const family = leaveParent(change, child);
  if (family !== undefined) releaseIfComplete(change, family);
  return family !== undefined;
}

/** A finished child runs again: what it left with its parent is void, and the parent waits for it again. */
export function expectChildAgain(change: Change, child: JobRow): void {
  const family = findParent(change, parentOf(child));
  if (family === undefined) return;
  const { processed, ignored, failed } = childKinds;
  const left = [processed, ignored, failed].filter((kind) => dropChild(change, family.row, kind, child));
  if (left.length > 0) addChild(change, family.row, childKinds.unprocessed, child);
}
