/** One queue of the file as the members of a backend reach it. */
import type { KeepJobs } from "bullmq";
import { type Change, type QueueRow, readQueue, type Statements } from "./change.ts";
import type { QueueStore } from "./store.ts";

/** Of BullMQ's options of queues and workers those that a store has to know. */
export interface BackendOptions {
  readonly prefix?: string | undefined;
  /** The worker's name. */
  readonly name?: string | undefined;
  readonly lockDuration?: number | undefined;
  readonly maxStalledCount?: number | undefined;
  readonly limiter?: { readonly max: number; readonly duration: number } | undefined;
  readonly metrics?: { readonly maxDataPoints?: number } | undefined;
  readonly removeOnComplete?: KeepJobs | undefined;
  readonly removeOnFail?: KeepJobs | undefined;
}

export interface QueueAccess {
  readonly store: QueueStore;
  readonly qualifiedName: string;
  readonly opts: BackendOptions;
  write<Value>(run: (change: Change, queue: QueueRow) => Value): Promise<Value>;
  /** The queue is undefined until something was written to it. */
  read<Value>(run: (sql: Statements, queue: QueueRow | undefined) => Value): Promise<Value>;
}

export function accessQueue(store: QueueStore, qualifiedName: string, opts: BackendOptions): QueueAccess {
  return {
    store,
    qualifiedName,
    opts,
    write: (run) => store.write((change) => run(change, change.queue(qualifiedName))),
    read: (run) => store.read((sql) => run(sql, readQueue(sql, qualifiedName))),
  };
}
