/** Deduplication: while a key is held by a job, adding another one with that key does not add it. */
import type { Change, QueueRow } from "./change.ts";
import { deleteJob, findJob, insertJob, type JobRow, type NewJob, place } from "./job-row.ts";
import { active, delayed } from "./schema.ts";

interface KeyRow {
  readonly job_id: string;
  readonly expires_at: number | null;
  readonly next: string | null;
}

function findKey(change: Change, queue: QueueRow, id: string): KeyRow | undefined {
  return change.sql.one<KeyRow>(
    `SELECT job_id, expires_at, next FROM dedup WHERE queue = ? AND id = ? AND (expires_at IS NULL OR expires_at > ?)`,
    queue.id,
    id,
    change.now,
  );
}

function holdKey(change: Change, queue: QueueRow, id: string, jobId: string, expiresAt: number | null): void {
  change.sql.run(
    "INSERT OR REPLACE INTO dedup(queue, id, job_id, expires_at) VALUES (?, ?, ?, ?)",
    queue.id,
    id,
    jobId,
    expiresAt,
  );
}

/** The id of the job that stands for the new one, or undefined: then the key is taken and the job is to be added. */
export function deduplicate(change: Change, queue: QueueRow, job: NewJob): string | undefined {
  const options = job.opts.deduplication;
  if (options === undefined) return undefined;
  const expiresAt = options.ttl && !options.keepLastIfActive ? change.now + options.ttl : null;
  const held = findKey(change, queue, options.id);
  if (held === undefined) {
    holdKey(change, queue, options.id, job.id, expiresAt);
    return undefined;
  }
  const holder = findJob(change.sql, queue, held.job_id);
  const tell = (first: string, second: string) =>
    change.emit(
      queue,
      ...[
        "event",
        "deduplicated",
        "jobId",
        first,
        "deduplicationId",
        options.id,
        "deduplicatedJobId",
        second,
      ],
    );
  if (options.replace && holder?.state === delayed) {
    deleteJob(change, queue, holder);
    change.emit(queue, "event", "removed", "jobId", holder.id, "prev", "delayed");
    tell(job.id, holder.id);
    holdKey(
      change,
      queue,
      options.id,
      job.id,
      options.extend || held.expires_at === null ? expiresAt : held.expires_at,
    );
    return undefined;
  }
  const keepsLast = options.keepLastIfActive === true && holder?.state === active;
  // What can no longer be replaced stays as it is, and BullMQ says nothing of it.
  if (options.replace && !keepsLast) return held.job_id;
  if (options.extend && expiresAt !== null) {
    change.sql.run(
      "UPDATE dedup SET expires_at = ? WHERE queue = ? AND id = ?",
      expiresAt,
      queue.id,
      options.id,
    );
  }
  tell(held.job_id, job.id);
  if (keepsLast) {
    change.sql.run(
      "UPDATE dedup SET next = ? WHERE queue = ? AND id = ?",
      JSON.stringify(job),
      queue.id,
      options.id,
    );
  } else if (options.reschedule && holder?.state === delayed) {
    reschedule(change, queue, holder, job);
  }
  return held.job_id;
}

function reschedule(change: Change, queue: QueueRow, holder: JobRow, job: NewJob): void {
  const delay = Math.trunc(job.opts.delay ?? 0);
  const due = Math.trunc(job.timestamp) + delay;
  place(change, queue, holder, { state: delayed, rank: due, end: "tail" });
  change.sql.run("UPDATE job SET delay = ? WHERE pk = ?", delay, holder.pk);
  change.emit(queue, "event", "delayed", "jobId", holder.id, "delay", due);
}

/** A finished job gives its key back, unless the key lives by time; a job that was kept for then is added now. */
export function releaseKey(change: Change, queue: QueueRow, row: JobRow): void {
  if (row.dedup === null) return;
  const held = findKey(change, queue, row.dedup);
  if (held?.job_id !== row.id) return;
  if (held.next !== null) {
    const next = JSON.parse(held.next) as NewJob;
    holdKey(change, queue, row.dedup, next.id, null);
    if (findJob(change.sql, queue, next.id) === undefined) insertJob(change, queue, next);
  } else if (held.expires_at === null) {
    dropKey(change, queue, row.dedup, row.id);
  }
}

/** Returns how many keys were removed; with a job's id only if that job holds it. */
export function dropKey(change: Change, queue: QueueRow, id: string, jobId?: string): number {
  const held = findKey(change, queue, id);
  if (held === undefined || (jobId !== undefined && held.job_id !== jobId)) return 0;
  return change.sql.run("DELETE FROM dedup WHERE queue = ? AND id = ?", queue.id, id);
}
