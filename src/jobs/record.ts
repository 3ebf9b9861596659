/** A stored job as the task that every door shows. */
import { type Failure, toFailure } from "../errors.ts";
import type { JobData, StoredJob } from "./connection.ts";
import { shownProgress } from "./progress.ts";
import { readReason } from "./reason.ts";
import { openWithoutKeys, type Sealer } from "./seal.ts";
import { type JobState, stateOf } from "./states.ts";
import type { JsonObject, TaskRecord } from "./task.ts";

export function recordOf(job: StoredJob, state: JobState, sealer: Sealer = openWithoutKeys): TaskRecord {
  const data: JobData = job.data;
  const failure = state === "failed" ? failureOf(job) : null;
  const outcome = state === "completed" ? readResult(job, sealer) : { result: null, error: failure };
  const progress = shownProgress(job.progress);
  const ended = state === "completed" || state === "failed";
  const startedAt = data.startedAt ?? (ended || state === "active" ? job.processedOn : undefined) ?? null;
  const crashes = (data.crashes ?? 0) + job.stalledCounter;
  const hasBegun = startedAt !== null || state === "active" || crashes > 0 || job.attemptsMade > 0;
  const taskState = stateOf({
    job: state,
    started: hasBegun,
    reported: progress !== null,
    failedBefore: job.attemptsMade > 0,
    cancelled: failure?.code === "cancelled",
  });
  return {
    task_id: String(job.id),
    kind: job.name,
    args: data.args,
    state: taskState,
    progress,
    attempts: job.attemptsMade + (ended || state === "delayed" || !hasBegun ? 0 : 1),
    ...outcome,
    created_at: time(job.timestamp),
    started_at: startedAt === null ? null : time(startedAt),
    finished_at: ended && job.finishedOn !== undefined ? time(job.finishedOn) : null,
  };
}

/** A result that cannot be read says why; its task has succeeded all the same. */
function readResult(job: StoredJob, sealer: Sealer): Pick<TaskRecord, "result" | "error"> {
  try {
    const result = sealer.decrypt(String(job.id), (job.returnvalue as JsonObject | null) ?? {});
    return { result: result as JsonObject, error: null };
  } catch (error) {
    return { result: null, error: toFailure(error) };
  }
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
