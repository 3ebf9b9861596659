/**
 * Runs that follow a running task of the same key: jobs of a queue that nobody processes, one for each key, so that
 * however often a run is asked for, one follows, with what was asked last.
 */
import { addOrJoin } from "./add-or-join.ts";
import {
  type JobQueue,
  openQueue,
  type QueueConnection,
  type QueueOf,
  type StoredJob,
} from "./connection.ts";
import { joinId, type TaskEntry } from "./task-entry.ts";
import { digest, isScheduledId } from "./task-id.ts";

export class FollowUps {
  readonly #queue: QueueOf<TaskEntry>;

  constructor(through: QueueConnection) {
    this.#queue = openQueue("follow-ups", through);
  }

  /** Replaces what stood there for the same key. */
  async put(entry: TaskEntry): Promise<void> {
    const jobId = recordId(entry.opts.deduplication?.id ?? "");
    for (;;) {
      await this.#queue.add(entry.name, entry, { jobId });
      const stored = await this.#queue.getJob(jobId);
      if (stored?.data.opts.jobId === entry.opts.jobId) return;
      try {
        await stored?.updateData(entry);
      } catch (error) {
        if ((await this.#queue.getJob(jobId)) !== undefined) throw error;
      }
    }
  }

  /** A cancelled task is not followed by the runs that were asked for before. */
  async drop(job: StoredJob): Promise<void> {
    const key = keyOf(job);
    if (key !== undefined) await this.#queue.remove(recordId(key));
  }

  /** To be called when a task has ended. */
  async takeUpAfter(job: StoredJob, tasks: JobQueue): Promise<void> {
    const key = keyOf(job);
    if (key !== undefined) await this.#takeUp(recordId(key), tasks);
  }

  /** To be called now and then, for tasks whose end nobody saw. */
  async takeUpAll(tasks: JobQueue): Promise<void> {
    for (const { id } of await this.#queue.getJobs(["waiting"], 0, 999, true))
      await this.#takeUp(String(id), tasks);
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  /** While the key is taken, adding gives back who has it, and the record waits for the end of that one. */
  async #takeUp(recordId: string, tasks: JobQueue): Promise<void> {
    const record = await this.#queue.getJob(recordId);
    if (record === undefined) return;
    const { opts } = record.data;
    const job = await addOrJoin(tasks, record.data);
    if (job.id !== opts.jobId) return;
    const newest = await this.#queue.getJob(recordId);
    if (newest?.data.opts.jobId === opts.jobId) await this.#queue.remove(recordId);
  }
}

const recordId = (key: string) => digest("follow-up", key);

/** A schedule's run does not hold the key that it carries: it hands it on to its task. */
const keyOf = ({ id, name, data }: StoredJob): string | undefined =>
  data.key === undefined || isScheduledId(String(id)) ? undefined : joinId(data.tenant ?? "", name, data.key);
