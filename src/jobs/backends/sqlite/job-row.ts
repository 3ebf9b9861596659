/** A job as it is stored, as BullMQ reads it, and how it moves between states; all other files move jobs through this one. */
import type { JobJson, JobsOptions, ParentKeys } from "bullmq";
import type { Change, QueueRow, Statements } from "./change.ts";
import { delayed, prioritized, stateNames, wait } from "./schema.ts";

export interface JobRow {
  readonly pk: number;
  readonly queue: number;
  readonly id: string;
  readonly state: number;
  readonly rank: number;
  readonly seq: number;
  readonly name: string;
  readonly data: string;
  readonly opts: string;
  readonly priority: number;
  readonly delay: number;
  readonly timestamp: number;
  readonly progress: string | null;
  readonly attempts_made: number;
  readonly attempts_started: number;
  readonly stalled: number;
  readonly processed_on: number | null;
  readonly finished_on: number | null;
  readonly processed_by: string | null;
  readonly failed_reason: string | null;
  readonly stacktrace: string | null;
  readonly returnvalue: string | null;
  readonly deferred_failure: string | null;
  readonly parent: string | null;
  readonly dedup: string | null;
  readonly scheduler: string | null;
  readonly lock_token: string | null;
  readonly lock_until: number | null;
  readonly lock_owner: string | null;
}

/** Where a job goes: `head` before and `tail` behind all others of its rank. */
export interface Place {
  readonly state: number;
  readonly rank: number;
  readonly end: "head" | "tail";
}

export function findJob(sql: Statements, queue: QueueRow, id: string): JobRow | undefined {
  return sql.one<JobRow>("SELECT * FROM job WHERE queue = ? AND id = ?", queue.id, id);
}

export function optionsOf(row: JobRow): JobsOptions {
  return JSON.parse(row.opts) as JobsOptions;
}

export function parentOf(row: JobRow): ParentKeys | undefined {
  return row.parent === null ? undefined : (JSON.parse(row.parent) as ParentKeys);
}

const present = <Name extends string, Value>(name: Name, value: Value | null) =>
  value === null ? {} : ({ [name]: value } as Record<Name, Value>);

export function toJson(row: JobRow): JobJson {
  const parent = parentOf(row);
  return {
    id: row.id,
    name: row.name,
    data: row.data,
    opts: optionsOf(row),
    progress: row.progress === null ? 0 : JSON.parse(row.progress),
    attemptsMade: row.attempts_made,
    attemptsStarted: row.attempts_started,
    stalledCounter: row.stalled,
    timestamp: row.timestamp,
    delay: row.delay,
    priority: row.priority,
    ...present("processedOn", row.processed_on),
    ...present("finishedOn", row.finished_on),
    ...present("processedBy", row.processed_by),
    ...present("failedReason", row.failed_reason),
    ...present("stacktrace", row.stacktrace),
    ...present("returnvalue", row.returnvalue),
    ...present("deferredFailure", row.deferred_failure),
    ...present("repeatJobKey", row.scheduler),
    ...(row.dedup === null ? {} : { deduplicationId: row.dedup, debounceId: row.dedup }),
    ...(parent === undefined ? {} : { parent, parentKey: `${parent.queueKey}:${parent.id}` }),
  } as JobJson;
}

/** The place of a job that may run now. */
export function readyPlace(priority: number, end: "head" | "tail"): Place {
  return priority > 0 ? { state: prioritized, rank: priority, end } : { state: wait, rank: 0, end };
}

function nextSeq(queue: QueueRow, end: "head" | "tail"): number {
  if (end === "tail") {
    queue.lastSeq += 1;
    return queue.lastSeq;
  }
  queue.firstSeq -= 1;
  return queue.firstSeq;
}

function count(queue: QueueRow, state: number, by: number): void {
  queue.counts[state] = (queue.counts[state] ?? 0) + by;
}

/** Moves a job that must not be locked any more. */
export function place(change: Change, queue: QueueRow, row: JobRow, to: Place): void {
  count(queue, row.state, -1);
  count(queue, to.state, 1);
  change.sql.run(
    `UPDATE job SET state = ?, rank = ?, seq = ?, lock_token = NULL, lock_until = NULL, lock_owner = NULL
      WHERE pk = ?`,
    to.state,
    to.rank,
    nextSeq(queue, to.end),
    row.pk,
  );
}

/** Moves a job to where it may run and tells so. */
export function makeReady(
  change: Change,
  queue: QueueRow,
  row: JobRow,
  from: string,
  end: "head" | "tail" = "tail",
): void {
  place(change, queue, row, readyPlace(row.priority, end));
  change.emit(queue, "event", "waiting", "jobId", row.id, "prev", from);
}

export interface NewJob {
  readonly id: string;
  readonly name: string;
  readonly data: string;
  readonly opts: JobsOptions;
  readonly timestamp: number;
  readonly parent?: ParentKeys | undefined;
  readonly scheduler?: string | undefined;
  /** Instead of where its options would put it. */
  readonly state?: number;
}

function newPlace(job: NewJob): Place {
  const { delay = 0, priority = 0, lifo } = job.opts;
  if (job.state !== undefined) return { state: job.state, rank: job.timestamp, end: "tail" };
  if (delay > 0) return { state: delayed, rank: Math.trunc(job.timestamp + delay), end: "tail" };
  return readyPlace(priority, lifo ? "head" : "tail");
}

export function insertJob(change: Change, queue: QueueRow, job: NewJob): void {
  const to = newPlace(job);
  count(queue, to.state, 1);
  change.sql.run(
    `INSERT INTO job(queue, id, state, rank, seq, name, data, opts, priority, delay, timestamp, parent, dedup,
      scheduler) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    queue.id,
    job.id,
    to.state,
    to.rank,
    nextSeq(queue, to.end),
    job.name,
    job.data,
    JSON.stringify(job.opts),
    job.opts.priority ?? 0,
    Math.trunc(job.opts.delay ?? 0),
    Math.trunc(job.timestamp),
    job.parent === undefined ? null : JSON.stringify(job.parent),
    job.opts.deduplication?.id ?? null,
    job.scheduler ?? null,
  );
  change.emit(queue, "event", "added", "jobId", job.id, "name", job.name);
  if (to.state === delayed) change.emit(queue, "event", "delayed", "jobId", job.id, "delay", to.rank);
  else change.emit(queue, "event", job.state === undefined ? "waiting" : nameOf(to.state), "jobId", job.id);
}

export function nameOf(state: number): string {
  return stateNames[state] ?? "unknown";
}

/** Deletes the job itself, with what only it owns; its parent and its deduplication key are the caller's care. */
export function deleteJob(
  change: Change,
  queue: QueueRow,
  row: { readonly pk: number; readonly state: number },
): void {
  count(queue, row.state, -1);
  change.sql.run("DELETE FROM job WHERE pk = ?", row.pk);
  change.sql.run("DELETE FROM log WHERE job = ?", row.pk);
  change.sql.run("DELETE FROM child WHERE parent = ?", row.pk);
}
