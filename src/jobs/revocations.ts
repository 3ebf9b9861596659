/**
 * Tombstones of cancelled tasks: jobs of a queue that nobody processes, so that they are as durable as the tasks and
 * work on every store. A tombstone also keeps the record of a task whose waiting job was removed.
 */
import {
  type JobData,
  openQueue,
  type QueueConnection,
  type QueueOf,
  revocationQueueName,
} from "./connection.ts";
import { revokedRecord } from "./record.ts";
import type { TaskRecord } from "./task.ts";

export interface Tombstone {
  /** As it was when it was cancelled; shown as REVOKED. */
  readonly task: TaskRecord;
  /** Of its job beside the arguments: the key, and the seal without which nothing of it runs again. */
  readonly carried?: Omit<JobData, "args">;
  /** As BullMQ stores it. */
  readonly priority?: number;
  readonly tenant?: string;
  /** Its process is killed instead of being asked to end. */
  readonly terminate?: boolean;
  /** Of a part of a task: shown by its id, never in a list. */
  readonly isPart?: boolean;
}

export type RevocationOptions = Omit<Tombstone, "task">;

const pageSize = 10;

export class Revocations {
  readonly #queue: QueueOf<Tombstone>;
  #seen = new Set<string>();

  constructor(through: QueueConnection) {
    this.#queue = openQueue(revocationQueueName, through);
  }

  /** Idempotent: the first tombstone of a task stays, but it can become one that terminates. */
  async add(task: TaskRecord, options: RevocationOptions = {}): Promise<void> {
    const data: Tombstone = { task, ...options };
    await this.#queue.add(task.kind, data, { jobId: task.task_id });
    if (options.terminate !== true) return;
    const tombstone = await this.#queue.getJob(task.task_id);
    if (tombstone?.data.terminate === true) return;
    await tombstone?.updateData({ ...tombstone.data, terminate: true });
  }

  /** Takes note of tombstones that are new since the last look. */
  async look(): Promise<void> {
    for (let first = 0; ; first += pageSize) {
      const page = await this.#queue.getJobs(["waiting"], first, first + pageSize - 1, false);
      const fresh = page.filter(({ id }) => !this.#seen.has(String(id)));
      for (const { id } of fresh) this.#seen.add(String(id));
      // What was met before may stand between new ones, and what went meanwhile is missing in a page.
      if (fresh.length === 0) return;
    }
  }

  /** Whether the last look has met its tombstone, which may have been removed since. */
  wasSeen(id: string): boolean {
    return this.#seen.has(id);
  }

  /** What a worker has to do about a job that it runs. */
  async orderFor(taskId: string): Promise<"cancel" | "terminate" | undefined> {
    const tombstone = await this.#queue.getJob(taskId);
    return tombstone && (tombstone.data.terminate === true ? "terminate" : "cancel");
  }

  /** The task as REVOKED, for its tenant. Right only if its job is gone. */
  async find(taskId: string, tenant = ""): Promise<Tombstone | undefined> {
    const tombstone = await this.#queue.getJob(taskId);
    return tombstone === undefined || (tombstone.data.tenant ?? "") !== tenant ? undefined : shown(tombstone);
  }

  /** Newest first, as REVOKED; the caller leaves out those whose job still exists. */
  async list(first: number, last: number): Promise<Tombstone[]> {
    return (await this.#queue.getJobs(["waiting"], first, last, false)).map(shown);
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
    this.#seen = new Set(newestFirst.map(({ id }) => String(id)));
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

const shown = ({ data, timestamp }: { readonly data: Tombstone; readonly timestamp: number }): Tombstone => ({
  ...data,
  task: revokedRecord(data.task, timestamp),
});
