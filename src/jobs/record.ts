/** A stored job as the task that every door shows. */
import type { Failure } from "../errors.ts";
import type { JobData, StoredJob } from "./connection.ts";
import { shownProgress } from "./progress.ts";
import { readReason } from "./reason.ts";
import { type JobState, stateOf } from "./states.ts";
import type { JsonObject, TaskRecord } from "./task.ts";

export function recordOf(job: StoredJob, state: JobState): TaskRecord {
  const data: JobData = job.data;
  const failure = state === "failed" ? failureOf(job) : null;
  const progress = shownProgress(job.progress);
  const startedAt = data.startedAt ?? null;
  const taskState = stateOf({
    job: state,
    started: startedAt !== null || state === "active",
    reported: progress !== null,
    failedBefore: job.attemptsMade > 0,
    cancelled: failure?.code === "cancelled",
  });
  const ended = state === "completed" || state === "failed";
  return {
    task_id: String(job.id),
    kind: job.name,
    args: data.args,
    state: taskState,
    progress,
    attempts: job.attemptsMade + (ended || state === "delayed" || startedAt === null ? 0 : 1),
    error: failure,
    result: state === "completed" ? ((job.returnvalue as JsonObject | null) ?? {}) : null,
    created_at: time(job.timestamp),
    started_at: startedAt === null ? null : time(startedAt),
    finished_at: ended && job.finishedOn !== undefined ? time(job.finishedOn) : null,
  };
}

/** A part that failed says more than BullMQ's note that it did; any other end of the task has its own reason. */
export function failureOf(job: StoredJob): Failure {
  const isNote = /^child .* failed$/s.test(job.failedReason ?? "");
  return (isNote ? job.data.failure : undefined) ?? readReason(job.failedReason);
}

/** A task that was cancelled while it waited; `cancelledAt` is in ms since 1970. */
export function revokedRecord(task: TaskRecord, cancelledAt: number): TaskRecord {
  const error = { code: "cancelled", message: "The task was cancelled." } as const;
  return { ...task, state: "REVOKED", error, result: null, finished_at: time(cancelledAt) };
}

const time = (ms: number) => new Date(ms).toISOString();
