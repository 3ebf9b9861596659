/** Moving jobs that are not finished for good: back, later, sooner, or until their children are done. */
import type { MoveToDelayedOpts, MoveToWaitingChildrenOpts, RetryJobOpts, RetryOptions } from "bullmq";
import { isDead, parseOwner } from "../../process-identity.ts";
import type { Change, QueueRow, Statements } from "./change.ts";
import { type Claim, type Claimant, claim, promoteDue } from "./claim.ts";
import { updateFields } from "./finish.ts";
import { expectChildAgain, hasChildren } from "./flow.ts";
import { findJob, type JobRow, makeReady, optionsOf, place, readyPlace } from "./job-row.ts";
import { checkLock, refuse } from "./refusals.ts";
import {
  active,
  childKinds,
  completed,
  delayed,
  failed,
  prioritized,
  wait,
  waitingChildren,
} from "./schema.ts";

function findActive(
  change: Change,
  queue: QueueRow,
  id: string,
  token: string | undefined,
  command: string,
): JobRow {
  return checkLock(findJob(change.sql, queue, id), id, token, command);
}

export function moveToDelayed(
  change: Change,
  queue: QueueRow,
  jobId: string,
  timestamp: number,
  delay: number,
  token: string | undefined,
  opts: MoveToDelayedOpts,
  next: Claimant | undefined,
): Claim | [] {
  const row = findActive(change, queue, jobId, token, "moveToDelayed");
  const due = Math.trunc(timestamp + delay);
  updateFields(change, row, opts.fieldsToUpdate);
  place(change, queue, row, { state: delayed, rank: due, end: "tail" });
  const made = opts.skipAttempt ? 0 : 1;
  const text = "UPDATE job SET delay = ?, attempts_made = attempts_made + ? WHERE pk = ?";
  change.sql.run(text, Math.trunc(delay), made, row.pk);
  change.emit(queue, "event", "delayed", "jobId", jobId, "delay", due);
  if (!opts.fetchNext || next === undefined) return [];
  const claimed = claim(change, queue, next);
  return claimed[0] === null && claimed[2] === 0 ? [] : claimed;
}

/** False if there is nothing to wait for: no child, or not the one that was named. */
export function moveToWaitingChildren(
  change: Change,
  queue: QueueRow,
  jobId: string,
  token: string,
  opts: MoveToWaitingChildrenOpts,
): boolean {
  const command = "moveToWaitingChildren";
  const row = checkLock(findJob(change.sql, queue, jobId), jobId, token, command);
  if (hasChildren(change.sql, row, childKinds.failed)) throw refuse("failedChildren", jobId, command);
  if (opts.child === undefined) {
    if (!hasChildren(change.sql, row, childKinds.unprocessed)) return false;
  } else {
    const of = change.queue(opts.child.queue);
    const text = "SELECT 1 FROM child WHERE parent = ? AND kind = ? AND queue = ? AND id = ?";
    if (change.sql.one(text, row.pk, childKinds.unprocessed, of.id, opts.child.id) === undefined)
      return false;
  }
  place(change, queue, row, { state: waitingChildren, rank: change.now, end: "tail" });
  change.emit(queue, "event", "waiting-children", "jobId", jobId, "prev", "active");
  return true;
}

/** A job that was taken too early (a rate limit) goes back to the front. Returns the ms until the limit ends. */
export function putBack(change: Change, queue: QueueRow, jobId: string, token: string | undefined): number {
  const row = findActive(change, queue, jobId, token, "moveJobFromActiveToWait");
  makeReady(change, queue, row, "active", "head");
  return Math.max(0, queue.limitUntil - change.now);
}

export function retryJob(
  change: Change,
  queue: QueueRow,
  jobId: string,
  lifo: boolean,
  token: string | undefined,
  opts: RetryJobOpts,
): void {
  const row = findActive(change, queue, jobId, token, "retryJob");
  updateFields(change, row, opts.fieldsToUpdate);
  change.sql.run("UPDATE job SET attempts_made = attempts_made + 1 WHERE pk = ?", row.pk);
  // What is due already is before the job that runs again.
  promoteDue(change, queue);
  makeReady(change, queue, row, "active", lifo ? "head" : "tail");
}

function restart(change: Change, queue: QueueRow, row: JobRow, opts: RetryOptions): void {
  expectChildAgain(change, row);
  change.sql.run(
    `UPDATE job SET finished_on = NULL, processed_on = NULL, returnvalue = NULL, failed_reason = NULL,
      deferred_failure = NULL, attempts_made = ?, attempts_started = ? WHERE pk = ?`,
    opts.resetAttemptsMade ? 0 : row.attempts_made,
    opts.resetAttemptsStarted ? 0 : row.attempts_started,
    row.pk,
  );
  const from = row.state === completed ? "completed" : "failed";
  makeReady(change, queue, row, from, optionsOf(row).lifo ? "head" : "tail");
}

export function retryFinishedJob(
  change: Change,
  queue: QueueRow,
  jobId: string,
  state: "completed" | "failed",
  opts: RetryOptions,
): void {
  const row = findJob(change.sql, queue, jobId);
  if (row === undefined) throw refuse("missing", jobId, "reprocessJob");
  if (row.state !== (state === "completed" ? completed : failed)) {
    throw refuse("wrongState", jobId, "reprocessJob", state);
  }
  restart(change, queue, row, opts);
}

function firstOf(change: Change, queue: QueueRow, state: number, until: number, limit: number): JobRow[] {
  const text = "SELECT * FROM job WHERE queue = ? AND state = ? AND rank <= ? ORDER BY rank, seq LIMIT ?";
  return change.sql.all<JobRow>(text, queue.id, state, until, limit);
}

/** Returns 1 if there are more. */
export function retryFinishedJobs(
  change: Change,
  queue: QueueRow,
  state: "completed" | "failed",
  count: number,
  until: number,
): number {
  const rows = firstOf(change, queue, state === "completed" ? completed : failed, until, count + 1);
  for (const row of rows.slice(0, count)) restart(change, queue, row, {});
  return rows.length > count ? 1 : 0;
}

function promoteRow(change: Change, queue: QueueRow, row: JobRow): void {
  change.sql.run("UPDATE job SET delay = 0 WHERE pk = ?", row.pk);
  makeReady(change, queue, row, "delayed");
}

export function promote(change: Change, queue: QueueRow, jobId: string): void {
  const row = findJob(change.sql, queue, jobId);
  if (row?.state !== delayed) throw refuse("wrongState", jobId, "promote", "delayed");
  promoteRow(change, queue, row);
}

/** Returns 1 if there are more. */
export function promoteJobs(change: Change, queue: QueueRow, count: number): number {
  const rows = firstOf(change, queue, delayed, Number.MAX_SAFE_INTEGER, count + 1);
  for (const row of rows.slice(0, count)) promoteRow(change, queue, row);
  return rows.length > count ? 1 : 0;
}

export function changeDelay(change: Change, queue: QueueRow, jobId: string, delay: number): void {
  const row = findJob(change.sql, queue, jobId);
  if (row === undefined) throw refuse("missing", jobId, "changeDelay");
  if (row.state !== delayed) throw refuse("wrongState", jobId, "changeDelay", "delayed");
  const due = Math.trunc(change.now + delay);
  place(change, queue, row, { state: delayed, rank: due, end: "tail" });
  change.sql.run("UPDATE job SET delay = ? WHERE pk = ?", Math.trunc(delay), row.pk);
  change.emit(queue, "event", "delayed", "jobId", jobId, "delay", due);
}

export function changePriority(
  change: Change,
  queue: QueueRow,
  jobId: string,
  priority: number,
  lifo: boolean,
): void {
  const row = findJob(change.sql, queue, jobId);
  if (row === undefined) throw refuse("missing", jobId, "changePriority");
  change.sql.run("UPDATE job SET priority = ? WHERE pk = ?", priority, row.pk);
  if (row.state === wait || row.state === prioritized) {
    place(change, queue, row, readyPlace(priority, lifo ? "head" : "tail"));
  }
}

const stalledTooOften = "job stalled more than allowable limit";

function findStalled(sql: Statements, queue: QueueRow, now: number): JobRow[] {
  const dead = new Map<string, boolean>();
  const isOwnerDead = (owner: string) => {
    const known = dead.get(owner) ?? isDead(parseOwner(owner));
    dead.set(owner, known);
    return known;
  };
  return sql
    .all<JobRow>("SELECT * FROM job WHERE queue = ? AND state = ? ORDER BY rank, seq", queue.id, active)
    .filter((row) => (row.lock_until ?? 0) <= now || row.lock_owner === null || isOwnerDead(row.lock_owner));
}

/** A cheap look before the write. */
export function hasStalled(sql: Statements, queue: QueueRow): boolean {
  return (queue.counts[active] ?? 0) > 0 && findStalled(sql, queue, Date.now()).length > 0;
}

/**
 * Active jobs whose lease is over, or whose worker's process has ended, go to the front. One that stalled more than
 * `maxStalled` times is marked, and fails as soon as a worker takes it. Returns the ids.
 */
export function recoverStalled(change: Change, queue: QueueRow, maxStalled: number): string[] {
  const stalled = findStalled(change.sql, queue, change.now);
  // The last one put in front runs first: the oldest.
  for (const row of stalled.toReversed()) {
    const times = row.stalled + 1;
    const failure = times > maxStalled ? stalledTooOften : row.deferred_failure;
    change.sql.run("UPDATE job SET stalled = ?, deferred_failure = ? WHERE pk = ?", times, failure, row.pk);
    place(change, queue, row, { state: wait, rank: 0, end: "head" });
    change.emit(queue, "event", "waiting", "jobId", row.id, "prev", "active");
    change.emit(queue, "event", "stalled", "jobId", row.id);
  }
  return stalled.map((row) => row.id);
}
