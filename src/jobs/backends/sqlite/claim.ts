/** Taking jobs: what is due becomes ready, limits are kept, and the first ready job is locked for one worker. */
import type { JobJson } from "bullmq";
import { ownOwner } from "../../process-identity.ts";
import { type Change, type QueueRow, readQueue, type Statements } from "./change.ts";
import { type JobRow, makeReady, toJson } from "./job-row.ts";
import { active, delayed, prioritized, wait } from "./schema.ts";
import type { Look } from "./watch.ts";

export interface Claimant {
  readonly token: string;
  /** The worker's name, shown with the job. */
  readonly name: string | undefined;
  readonly lockMs: number;
  readonly limiter: { readonly max: number; readonly duration: number } | undefined;
}

/** Job, id, ms until the rate limit ends, and when the next delayed job is due. */
export type Claim = [JobJson | null, string | 0, number, number];

/** In one transaction at most so many delayed jobs become ready. */
const maxPromoted = 1000;

const countOf = (queue: QueueRow, state: number) => queue.counts[state] ?? 0;

export function isMaxed(queue: QueueRow): boolean {
  const limit = queue.meta["concurrency"];
  return limit !== undefined && countOf(queue, active) >= Number(limit);
}

export function isPaused(queue: QueueRow): boolean {
  return queue.meta["paused"] !== undefined;
}

function nextDue(sql: Statements, queue: QueueRow): number {
  if (countOf(queue, delayed) === 0) return 0;
  const first = sql.one<{ rank: number }>(
    "SELECT rank FROM job WHERE queue = ? AND state = ? ORDER BY rank, seq LIMIT 1",
    queue.id,
    delayed,
  );
  return first?.rank ?? 0;
}

/** Whether it is worth to try a claim, and if not, when the next delayed job is due. */
export function lookForJob(sql: Statements, name: string): Look<{ member: string; score: number }> {
  const queue = readQueue(sql, name);
  if (queue === undefined) return {};
  const isOpen = !isPaused(queue) && !isMaxed(queue);
  if (isOpen && countOf(queue, wait) + countOf(queue, prioritized) > 0)
    return { found: { member: "0", score: 0 } };
  // What is due becomes ready, and is told to be, even if nothing may be taken.
  const due = nextDue(sql, queue);
  if (due === 0) return {};
  return due <= Date.now() ? { found: { member: "1", score: due } } : { again: due };
}

/** The answer if there is certainly nothing to take; it spares a write transaction. */
export function findNothing(sql: Statements, name: string): Claim | undefined {
  const seen = lookForJob(sql, name);
  return "found" in seen ? undefined : [null, 0, 0, seen.again ?? 0];
}

/** Ms until the window ends, if `max` jobs were taken in it. */
export function limitLeft(queue: QueueRow, now: number, max: number): number {
  return queue.limitUntil > now && queue.limitUsed >= max ? queue.limitUntil - now : 0;
}

/** The limit that was set for the whole queue, else the worker's own. */
export function limiterOf(queue: QueueRow, claimant: Claimant): Claimant["limiter"] {
  const { max, duration } = queue.meta;
  return max === undefined || duration === undefined ? claimant.limiter : { max: +max, duration: +duration };
}

export function promoteDue(change: Change, queue: QueueRow): void {
  if (countOf(queue, delayed) === 0) return;
  const due = change.sql.all<JobRow>(
    "SELECT * FROM job WHERE queue = ? AND state = ? AND rank <= ? ORDER BY rank, seq LIMIT ?",
    queue.id,
    delayed,
    change.now,
    maxPromoted,
  );
  for (const row of due) {
    change.sql.run("UPDATE job SET delay = 0 WHERE pk = ?", row.pk);
    makeReady(change, queue, row, "delayed");
  }
}

export function claim(change: Change, queue: QueueRow, claimant: Claimant): Claim {
  promoteDue(change, queue);
  if (isPaused(queue)) return [null, 0, 0, 0];
  const limiter = limiterOf(queue, claimant);
  const left = limiter === undefined ? 0 : limitLeft(queue, change.now, limiter.max);
  if (left > 0) return [null, 0, left, 0];
  if (isMaxed(queue)) return [null, 0, 0, 0];
  const row = takeFirst(change, queue, claimant);
  if (row === undefined) return [null, 0, 0, nextDue(change.sql, queue)];
  if (limiter !== undefined) useLimit(change, queue, limiter.duration);
  change.emit(queue, "event", "active", "jobId", row.id, "prev", "waiting");
  return [toJson(row), row.id, 0, 0];
}

function takeFirst(change: Change, queue: QueueRow, claimant: Claimant): JobRow | undefined {
  const from = countOf(queue, wait) > 0 ? wait : countOf(queue, prioritized) > 0 ? prioritized : undefined;
  if (from === undefined) return undefined;
  const row = change.sql.one<JobRow>(
    `UPDATE job SET state = ?, rank = ?, lock_token = ?, lock_until = ?, lock_owner = ?,
      attempts_started = attempts_started + 1, processed_on = ?, processed_by = coalesce(?, processed_by)
      WHERE pk = (SELECT pk FROM job WHERE queue = ? AND state = ? ORDER BY rank, seq LIMIT 1) RETURNING *`,
    active,
    change.now,
    claimant.token,
    change.now + claimant.lockMs,
    ownOwner,
    change.now,
    claimant.name ?? null,
    queue.id,
    from,
  );
  if (row === undefined) return undefined;
  queue.counts[from] = countOf(queue, from) - 1;
  queue.counts[active] = countOf(queue, active) + 1;
  return row;
}

function useLimit(change: Change, queue: QueueRow, durationMs: number): void {
  if (queue.limitUntil <= change.now) {
    queue.limitUntil = change.now + durationMs;
    queue.limitUsed = 0;
  }
  queue.limitUsed += 1;
}

/** Returns the ids of the jobs whose lock was lost. */
export function extendLocks(
  change: Change,
  queue: QueueRow,
  jobIds: readonly string[],
  tokens: readonly string[],
  lockMs: number,
): string[] {
  return jobIds.filter((id, index) => {
    const extended = change.sql.run(
      `UPDATE job SET lock_until = ? WHERE queue = ? AND id = ? AND state = ? AND lock_token = ?`,
      change.now + lockMs,
      queue.id,
      id,
      active,
      tokens[index] ?? "",
    );
    return extended === 0;
  });
}
