/**
 * Settings that were changed while workers run, kept as jobs of a queue that nobody processes, so that workers that
 * start later find them on every store. Rate limits need none: BullMQ keeps them with the queue.
 */
import { openQueue, type QueueConnection, type QueueOf } from "./connection.ts";

/** Undefined is what the kind itself says. */
export type TimeLimit = { readonly softMs?: number; readonly hardMs?: number };

interface Notice {
  readonly kind: string;
  readonly limit: TimeLimit;
}

export class SettingsBoard {
  readonly #queue: QueueOf<Notice>;

  constructor(through: QueueConnection) {
    this.#queue = openQueue("settings", through);
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
