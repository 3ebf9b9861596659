/**
 * Tombstones of cancelled tasks: jobs of a queue that nobody processes, so that they are as durable as the tasks and
 * work on every store. A tombstone also keeps the record of a task whose waiting job was removed.
 */
import type { ConnectionOptions, IQueueBackend, Queue } from "bullmq";
import { loadQueue, type QueueConnection, revocationQueueName } from "./connection.ts";
import { revokedRecord } from "./record.ts";
import type { TaskRecord } from "./task.ts";

interface Tombstone {
  /** As it was when it was cancelled. */
  readonly task: TaskRecord;
  readonly key?: string;
}

type TombstoneQueue = Queue<
  Tombstone,
  null,
  string,
  Tombstone,
  null,
  string,
  IQueueBackend,
  ConnectionOptions
>;

export class Revocations {
  readonly #queue: TombstoneQueue;

  private constructor(queue: TombstoneQueue) {
    this.#queue = queue;
    queue.on("error", () => {});
  }

  static open(through: QueueConnection): Revocations {
    const { Queue } = loadQueue();
    const options = { connection: through.connection, skipMetasUpdate: true };
    return new Revocations(new Queue(revocationQueueName, options, through.backend));
  }

  /** Idempotent: the first tombstone of a task stays. */
  async add(task: TaskRecord, key: string | undefined): Promise<void> {
    const data: Tombstone = { task, ...(key === undefined ? {} : { key }) };
    await this.#queue.add(task.kind, data, { jobId: task.task_id });
  }

  /** The deduplication key of a cancelled task. */
  async keyOf(taskId: string): Promise<string | undefined> {
    return (await this.#queue.getJob(taskId))?.data.key;
  }

  async has(taskId: string): Promise<boolean> {
    return (await this.#queue.getJob(taskId)) !== undefined;
  }

  /** The task as REVOKED. Right only if its job is gone. */
  async find(taskId: string): Promise<TaskRecord | undefined> {
    const tombstone = await this.#queue.getJob(taskId);
    return tombstone && revokedRecord(tombstone.data.task, tombstone.timestamp);
  }

  /** Newest first, as REVOKED; the caller leaves out those whose job still exists. */
  async list(first: number, last: number): Promise<TaskRecord[]> {
    const tombstones = await this.#queue.getJobs(["waiting"], first, last, false);
    return tombstones.map((tombstone) => revokedRecord(tombstone.data.task, tombstone.timestamp));
  }

  async remove(taskId: string): Promise<void> {
    await this.#queue.remove(taskId);
  }

  /**
   * Forgets tombstones that came too late for a task that ended otherwise, and those that no live task needs: older
   * than `ageMs`, or beyond the newest `count`.
   */
  async prune(
    fateOf: (taskId: string) => Promise<"live" | "revoked" | "otherwise">,
    ageMs: number,
    count: number,
  ): Promise<void> {
    const newestFirst = await this.#queue.getJobs(["waiting"], 0, -1, false);
    for (const [index, tombstone] of newestFirst.entries()) {
      const isOld = index >= count || tombstone.timestamp < Date.now() - ageMs;
      const taskId = String(tombstone.id);
      const fate = await fateOf(taskId);
      if (fate === "otherwise" || (isOld && fate === "revoked")) await this.remove(taskId);
    }
  }

  close(): Promise<void> {
    return this.#queue.close();
  }
}
