/** The parts of a task: jobs that are children of a job, so that it goes on once they have ended. */
import { CambiumError } from "../errors.ts";
import { type JobData, type JobQueue, retryOptions, type StoredJob } from "./connection.ts";
import { storedPriority } from "./priority.ts";
import type { Sealer } from "./seal.ts";
import type { JsonObject, KindSpec, Priority } from "./task.ts";

export interface Part {
  readonly kind: KindSpec;
  /** Makes adding it twice harmless: its id is the parent's with this behind it. */
  readonly key: string;
  readonly args: JsonObject;
  /** Its parent's by default. */
  readonly priority?: Priority;
  /** `fail` (the default) fails the parent with it. */
  readonly onFailure?: "fail" | "continue";
  readonly previousFrom?: NonNullable<JobData["previousFrom"]>;
}

/** The task that a job is, or is a part of. */
export const taskIdOf = (job: StoredJob): string => job.data.taskId ?? String(job.id);
export const partId = (parentId: string, key: string): string => `${parentId}-${key}`;

export function queueOf(queues: ReadonlyMap<string, JobQueue>, name: string): JobQueue {
  const queue = queues.get(name);
  if (queue === undefined) throw new CambiumError("internal", `The queue ${name} is not open.`);
  return queue;
}

/** A larger write would keep the store from everybody else, and this process from renewing its leases. */
const batchMax = 1000;

/** Not atomic, and need not be: a parent that dies in between asks for the missing ones when it runs again. */
export async function addParts(
  parent: StoredJob,
  parts: readonly Part[],
  queues: ReadonlyMap<string, JobQueue>,
  sealer: Sealer,
): Promise<void> {
  const groups = new Map<string, Part[]>();
  for (const part of parts) {
    const group = groups.get(part.kind.queue) ?? [];
    groups.set(part.kind.queue, group);
    group.push(part);
  }
  for (const [name, group] of groups) {
    const queue = queueOf(queues, name);
    for (let first = 0; first < group.length; first += batchMax) {
      const batch = group.slice(first, first + batchMax);
      await queue.addBulk(batch.map((part) => jobOf(parent, part, sealer)));
    }
  }
}

/**
 * For adding again what the store may have taken before it failed: a part that has ended since has left the store, and
 * would run a second time.
 */
export async function withoutEnded(parent: StoredJob, parts: readonly Part[]): Promise<readonly Part[]> {
  const ended = [
    ...Object.keys(await parent.getChildrenValues()),
    ...Object.keys(await parent.getIgnoredChildrenFailures()),
  ].map((name) => name.slice(name.lastIndexOf(":") + 1));
  const gone = new Set(ended);
  return parts.filter(({ key }) => !gone.has(partId(String(parent.id), key)));
}

function jobOf(parent: StoredJob, part: Part, sealer: Sealer) {
  const { kind, key, args, priority, onFailure = "fail", previousFrom } = part;
  const id = partId(String(parent.id), key);
  const { tenant } = parent.data;
  const data: JobData = {
    args,
    taskId: taskIdOf(parent),
    ...(tenant === undefined ? {} : { tenant }),
    ...(previousFrom === undefined ? {} : { previousFrom }),
  };
  const level = priority === undefined ? parent.opts.priority : storedPriority(priority);
  return {
    name: kind.kind,
    data: sealer.sign({ queue: kind.queue, name: kind.kind, id }, data),
    opts: {
      ...retryOptions(kind),
      jobId: id,
      parent: { id: String(parent.id), queue: parent.queueQualifiedName },
      ...(onFailure === "fail" ? { failParentOnFailure: true } : { ignoreDependencyOnFailure: true }),
      ...(level === undefined ? {} : { priority: level }),
      removeOnComplete: true,
      removeOnFail: { age: 24 * 3600, count: 1000 },
    },
  };
}
