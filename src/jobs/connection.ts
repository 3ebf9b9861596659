/** How the clock reaches BullMQ: the store it was given, the queues it names, and what a job carries. */
import { createRequire } from "node:module";
import type {
  Job as BullJob,
  Queue as BullQueue,
  ConnectionOptions,
  IQueueBackend,
  JobsOptions,
} from "bullmq";
import { CambiumError, type Failure } from "../errors.ts";
import type { QueueConnection } from "./job-store.ts";
import type { JsonObject, KindSpec } from "./task.ts";

export type { QueueConnection } from "./job-store.ts";

/** All tasks are jobs of this queue; their parts go to the queues that their kinds name. */
export const taskQueueName = "tasks";
/** Never processed: one job for each cancelled task, with the task's id. */
export const revocationQueueName = "revocations";

/** What a stored job carries. */
export interface JobData {
  readonly args: JsonObject;
  /** Of a part: the task it belongs to. */
  readonly taskId?: string;
  /** Of a task: its deduplication key, kept for `retry`. */
  readonly key?: string;
  readonly tenant?: string;
  /** Not begun any more after this (ms since 1970). */
  readonly expiresAt?: number;
  /** Of a canvas's part: the canvas job whose parts of that stage have the results that this one gets. */
  readonly previousFrom?: { readonly id: string; readonly stage: number };
  /** Of a schedule's run: not begun any more when it is later than this; see `schedules.ts`. */
  readonly graceMs?: number;
  /** Over everything above, the name, the id and the queue; see `seal.ts`. */
  readonly seal?: { readonly keyId: string; readonly mac: string };
  /** How many runs ended with the death of their child process; a death of the worker is in `stalledCounter`. */
  readonly crashes?: number;
  /** When a worker first began it (ms since 1970); written once it has to begin a second time. */
  readonly startedAt?: number;
  /** When it failed last and was to be tried again (ms since 1970). */
  readonly failedAt?: number;
  /** Of a task: how often it has waited for parts. */
  readonly rounds?: number;
  /** Of a task: why one of its parts failed for good. */
  readonly failure?: Failure;
}

/** A queue whose jobs carry `Data`; where nobody processes it, it is a durable table that every store has. */
export type QueueOf<Data, Result = null> = BullQueue<
  Data,
  Result,
  string,
  Data,
  Result,
  string,
  IQueueBackend,
  ConnectionOptions
>;
export type JobQueue = QueueOf<JobData, JsonObject>;
export type StoredJob = BullJob<JobData, JsonObject, string>;

const load = createRequire(import.meta.url);

/**
 * A door needs only these two classes, and only once it is asked for a task. The package's front door loads all its
 * drivers too, which takes three times as long; its version is pinned, so its inner paths are safe to name.
 */
const loadQueue = () => load("bullmq/dist/cjs/classes/queue.js") as Pick<typeof import("bullmq"), "Queue">;
export const loadQueueEvents = () =>
  load("bullmq/dist/cjs/classes/queue-events.js") as Pick<typeof import("bullmq"), "QueueEvents">;

/** The same arithmetic by which BullMQ finds a schedule's next time, so that a wrong one is refused before it is stored. */
export const loadRepeatStrategy = () =>
  load("bullmq/dist/cjs/classes/job-scheduler.js") as Pick<typeof import("bullmq"), "getNextMillis">;

export function openQueue<Data, Result = null>(
  name: string,
  through: QueueConnection,
): QueueOf<Data, Result> {
  const { Queue } = loadQueue();
  const options = { connection: through.connection, skipMetasUpdate: true };
  const queue: QueueOf<Data, Result> = new Queue(name, options, through.backend);
  // Each call reports its own failure; without a listener Node would end the process on a repeated one.
  queue.on("error", () => {});
  return queue;
}

export const openJobQueue = (name: string, through: QueueConnection): JobQueue => openQueue(name, through);

const day = 24 * 3600;

/** Finished tasks stay 24 hours, and at most 1,000 of each kind of end. */
export const taskRetention = { age: day, count: 1000 };

/** The BullMQ options that follow from a kind. The name of the backoff only says that the worker computes it. */
export function retryOptions(kind: KindSpec): JobsOptions {
  return { attempts: kind.retry.attempts, backoff: { type: "by-kind" }, stackTraceLimit: 0 };
}

export function findKind(kinds: readonly KindSpec[], kind: string, role: KindSpec["role"]): KindSpec {
  const found = kinds.find((candidate) => candidate.kind === kind && candidate.role === role);
  if (found === undefined) {
    const known = kinds.filter((candidate) => candidate.role === role).map((candidate) => candidate.kind);
    throw new CambiumError(
      "invalid_argument",
      `There is no ${role} of kind "${kind}". Known: ${known.join(", ")}.`,
    );
  }
  return found;
}
