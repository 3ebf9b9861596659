/** How the clock reaches BullMQ: the store it was given, the queues it names, and what a job carries. */
import { createRequire } from "node:module";
import type {
  BackendFactory,
  Job as BullJob,
  Queue as BullQueue,
  ConnectionOptions,
  IQueueBackend,
  JobsOptions,
} from "bullmq";
import { CambiumError, type Failure } from "../errors.ts";
import type { JsonObject, KindSpec } from "./task.ts";

/** Chosen by the composition root; nothing in this folder knows which store it is. */
export interface QueueConnection {
  readonly connection: ConnectionOptions;
  readonly backend: BackendFactory<IQueueBackend, ConnectionOptions>;
}

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
  /** Of a task: when a worker first began it (ms since 1970). */
  readonly startedAt?: number;
  /** Of a task: how often it has waited for parts. */
  readonly rounds?: number;
  /** Of a task: why one of its parts failed for good. */
  readonly failure?: Failure;
}

export type JobQueue = BullQueue<
  JobData,
  JsonObject,
  string,
  JobData,
  JsonObject,
  string,
  IQueueBackend,
  ConnectionOptions
>;
export type StoredJob = BullJob<JobData, JsonObject, string>;

const load = createRequire(import.meta.url);

/**
 * A door needs only these two classes, and only once it is asked for a task. The package's front door loads all its
 * drivers too, which takes three times as long; its version is pinned, so its inner paths are safe to name.
 */
export const loadQueue = () =>
  load("bullmq/dist/cjs/classes/queue.js") as Pick<typeof import("bullmq"), "Queue">;
export const loadQueueEvents = () =>
  load("bullmq/dist/cjs/classes/queue-events.js") as Pick<typeof import("bullmq"), "QueueEvents">;

export function openJobQueue(name: string, through: QueueConnection): JobQueue {
  const { Queue } = loadQueue();
  const queue: JobQueue = new Queue(
    name,
    { connection: through.connection, skipMetasUpdate: true },
    through.backend,
  );
  // Each call reports its own failure; without a listener Node would end the process on a repeated one.
  queue.on("error", () => {});
  return queue;
}

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
