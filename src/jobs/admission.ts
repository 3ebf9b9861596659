/** Whether a claimed job may begin: signed by a key that is known, not expired, not missed, not poisonous. */
import { CambiumError } from "../errors.ts";
import type { StoredJob } from "./connection.ts";
import type { Sealer } from "./seal.ts";
import type { KindSpec } from "./task.ts";

const maxCrashesDefault = 3;

/** A death of the worker counts as one of the child: nobody can tell which of the two pulled the other down. */
export const crashesOf = (job: StoredJob): number => (job.data.crashes ?? 0) + job.stalledCounter;

/** Throws what ends the job: `forbidden`, `cancelled` or `internal`; none of them is tried again. */
export function admit(job: StoredJob, kind: KindSpec, sealer: Sealer, now: number): void {
  sealer.verify({ queue: job.queueName, name: job.name, id: String(job.id) }, job.data);
  refusePoison(kind, crashesOf(job));
  const hasBegun = job.data.startedAt !== undefined || job.attemptsMade > 0 || crashesOf(job) > 0;
  if (hasBegun) return;
  const { expiresAt, graceMs } = job.data;
  if (expiresAt !== undefined && now > expiresAt) {
    const text = `The task expired at ${new Date(expiresAt).toISOString()} before a worker began it.`;
    throw new CambiumError("cancelled", text);
  }
  const plannedAt = graceMs === undefined ? undefined : plannedTime(String(job.id));
  if (graceMs !== undefined && plannedAt !== undefined && now > plannedAt + graceMs) {
    const text = `The run of ${new Date(plannedAt).toISOString()} was missed, as no worker was there in time.`;
    throw new CambiumError("cancelled", text);
  }
}

/** Throws `internal` once a job has pulled down more processes than its kind may. */
export function refusePoison({ maxCrashes = maxCrashesDefault }: KindSpec, crashes: number): void {
  if (crashes <= maxCrashes) return;
  throw new CambiumError(
    "internal",
    `The job was quarantined after ${crashes} crashes of the process that ran it. Find out why it crashes (the worker's log), then redrive it.`,
  );
}

/** BullMQ names a schedule's run `repeat:<schedule>:<time>`. */
function plannedTime(jobId: string): number | undefined {
  const time = Number(jobId.slice(jobId.lastIndexOf(":") + 1));
  return jobId.startsWith("repeat:") && Number.isSafeInteger(time) ? time : undefined;
}
