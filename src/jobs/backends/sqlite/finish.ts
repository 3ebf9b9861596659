/** Ending jobs: the fence, what a finished job leaves to others, how long it is kept, and the count of it. */
import type { KeepJobs } from "bullmq";
import type { Change, QueueRow } from "./change.ts";
import { type Claim, type Claimant, claim } from "./claim.ts";
import { releaseKey } from "./dedup.ts";
import { forgetChild, hasChildren, tellParentOfFailure, tellParentOfSuccess } from "./flow.ts";
import { deleteJob, findJob, type JobRow, optionsOf, place } from "./job-row.ts";
import { countFinished } from "./metrics.ts";
import { checkLock, refuse } from "./refusals.ts";
import { active, childKinds, completed, failed, prioritized, wait } from "./schema.ts";

const command = "moveToFinished";

export interface Ending {
  readonly jobId: string;
  readonly token: string;
  readonly state: "completed" | "failed";
  /** The JSON of the result, or the reason of the failure. */
  readonly value: string;
  readonly keep: boolean | number | KeepJobs | undefined;
  readonly fields: Fields | undefined;
  readonly maxMetricPoints: number;
  /** Takes the next job with the same transaction. */
  readonly next: Claimant | undefined;
}

/** What BullMQ stores with a job that failed. */
export interface Fields {
  readonly failedReason?: unknown;
  readonly stacktrace?: unknown;
  readonly tm?: unknown;
}

export function updateFields(change: Change, row: JobRow, fields: Fields | undefined): void {
  if (fields === undefined) return;
  const text = (value: unknown) => (value === undefined || value === null ? null : String(value));
  const opts = fields.tm === undefined ? row.opts : JSON.stringify(withTelemetry(row, String(fields.tm)));
  change.sql.run(
    "UPDATE job SET failed_reason = coalesce(?, failed_reason), stacktrace = coalesce(?, stacktrace), opts = ? WHERE pk = ?",
    text(fields.failedReason),
    text(fields.stacktrace),
    opts,
    row.pk,
  );
}

function withTelemetry(row: JobRow, metadata: string): object {
  const opts = optionsOf(row);
  return { ...opts, telemetry: { ...opts.telemetry, metadata } };
}

export function finish(
  change: Change,
  queue: QueueRow,
  ending: Ending,
): { result: Claim | []; finishedOn: number } {
  const row = checkLock(findJob(change.sql, queue, ending.jobId), ending.jobId, ending.token, command);
  if (ending.state === "completed") checkChildren(change, row);
  const keep = keepOf(ending.keep);
  store(change, queue, row, ending);
  releaseKey(change, queue, row);
  if (ending.state === "completed") tellParentOfSuccess(change, row, ending.value);
  else tellParentOfFailure(change, row, ending.value);
  tell(change, queue, row, ending);
  retain(change, queue, row, ending.state === "completed" ? completed : failed, keep);
  if (ending.maxMetricPoints > 0) countFinished(change, queue, ending.state, ending.maxMetricPoints);
  const result: Claim | [] = ending.next === undefined ? [] : claim(change, queue, ending.next);
  tellIfDrained(change, queue);
  return { result, finishedOn: change.now };
}

function checkChildren(change: Change, row: JobRow): void {
  if (hasChildren(change.sql, row, childKinds.unprocessed)) throw refuse("pendingChildren", row.id, command);
  if (hasChildren(change.sql, row, childKinds.failed)) throw refuse("failedChildren", row.id, command);
}

function store(change: Change, queue: QueueRow, row: JobRow, ending: Ending): void {
  const state = ending.state === "completed" ? completed : failed;
  updateFields(change, row, ending.fields);
  place(change, queue, row, { state, rank: change.now, end: "tail" });
  const column = state === completed ? "returnvalue" : "failed_reason";
  change.sql.run(
    `UPDATE job SET finished_on = ?, attempts_made = attempts_made + 1, deferred_failure = NULL, ${column} = ?
      WHERE pk = ?`,
    change.now,
    ending.value,
    row.pk,
  );
}

function tell(change: Change, queue: QueueRow, row: JobRow, ending: Ending): void {
  const key = ending.state === "completed" ? "returnvalue" : "failedReason";
  change.emit(queue, "event", ending.state, "jobId", row.id, key, ending.value, "prev", "active");
  const attemptsMade = row.attempts_made + 1;
  if (ending.state === "failed" && attemptsMade >= (optionsOf(row).attempts ?? 0)) {
    change.emit(queue, "event", "retries-exhausted", "jobId", row.id, "attemptsMade", attemptsMade);
  }
}

function tellIfDrained(change: Change, queue: QueueRow): void {
  const left = [wait, prioritized, active].some((state) => (queue.counts[state] ?? 0) > 0);
  if (!left) change.emit(queue, "event", "drained");
}

interface Keep {
  readonly count?: number | undefined;
  readonly ageMs?: number | undefined;
  readonly limit?: number | undefined;
}

/** Undefined: everything is kept. */
function keepOf(keep: Ending["keep"]): Keep | undefined {
  if (keep === undefined || keep === false) return undefined;
  if (keep === true) return { count: 0 };
  if (typeof keep === "number") return keep < 0 ? undefined : { count: keep };
  const { count, age, limit } = keep as { count?: number; age?: number; limit?: number };
  return { count, ageMs: age === undefined ? undefined : age * 1000, limit };
}

/** At the end of one job so many old ones go, unless said otherwise; the next ends take the rest. */
const removedAtOnce = 1000;

function retain(change: Change, queue: QueueRow, row: JobRow, state: number, keep: Keep | undefined): void {
  if (keep === undefined) return;
  // A parent does not wait for a failed child that is gone.
  const remove = (old: JobRow) => {
    deleteJob(change, queue, { pk: old.pk, state });
    forgetChild(change, old);
  };
  if (keep.count === 0) {
    remove(row);
    return;
  }
  const drop = (text: string, ...values: unknown[]) =>
    change.sql.all<JobRow>(text, queue.id, state, ...values).forEach(remove);
  if (keep.ageMs !== undefined) {
    const text = "SELECT * FROM job WHERE queue = ? AND state = ? AND rank <= ? ORDER BY rank, seq LIMIT ?";
    drop(text, change.now - keep.ageMs, keep.limit ?? removedAtOnce);
  }
  const surplus = keep.count === undefined ? 0 : (queue.counts[state] ?? 0) - keep.count;
  if (surplus > 0)
    drop(
      "SELECT * FROM job WHERE queue = ? AND state = ? ORDER BY rank, seq LIMIT ?",
      Math.min(surplus, removedAtOnce),
    );
}
