/**
 * Settings that were changed while workers run, kept as jobs of a queue that nobody processes, so that workers that
 * start later find them on every store. Rate limits need none: BullMQ keeps them with the queue.
 */
import type { Queue as BullQueue, ConnectionOptions, IQueueBackend } from "bullmq";
import { loadQueue, type QueueConnection } from "./connection.ts";

/** Undefined is what the kind itself says. */
export type TimeLimit = { readonly softMs?: number; readonly hardMs?: number };

interface Notice {
  readonly kind: string;
  readonly limit: TimeLimit;
}

type NoticeQueue = BullQueue<Notice, null, string, Notice, null, string, IQueueBackend, ConnectionOptions>;

export class SettingsBoard {
  readonly #queue: NoticeQueue;

  private constructor(queue: NoticeQueue) {
    this.#queue = queue;
    queue.on("error", () => {});
  }

  static open(through: QueueConnection): SettingsBoard {
    const { Queue } = loadQueue();
    const options = { connection: through.connection, skipMetasUpdate: true };
    return new SettingsBoard(new Queue("settings", options, through.backend));
  }

  /** By kind; a kind whose limit was taken back stays, with an empty one. */
  async timeLimits(): Promise<ReadonlyMap<string, TimeLimit>> {
    const notices = await this.#queue.getJobs(["waiting"], 0, -1);
    return new Map(notices.map(({ data }) => [data.kind, data.limit]));
  }

  async setTimeLimit(kind: string, limit: TimeLimit): Promise<void> {
    const notice: Notice = { kind, limit };
    // Adding an id that exists changes nothing, so that what is there is then brought up to date.
    const job = await this.#queue.add("time_limit", notice, { jobId: `time-limit-${kind}` });
    await job.updateData(notice);
  }

  close(): Promise<void> {
    return this.#queue.close();
  }
}
