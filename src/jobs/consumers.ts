/** The queues that a worker serves: one BullMQ worker each, opened and closed while it runs. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Worker as BullWorker, ConnectionOptions, IQueueBackend, JobProgress } from "bullmq";
import { isNotConnectionError, WaitingError, Worker } from "./bullmq.ts";
import type { JobData, QueueConnection, StoredJob } from "./connection.ts";
import type { JobRunner } from "./job-runner.ts";
import { isStoreTrouble } from "./patience.ts";
import { retryDelayMs } from "./retry.ts";
import type { JsonObject, KindSpec } from "./task.ts";

type QueueWorker = BullWorker<JobData, JsonObject, string, IQueueBackend, JobProgress, ConnectionOptions>;

export interface ConsumerDeps {
  readonly connection: QueueConnection;
  readonly workerName: string;
  readonly leaseMs: number;
  readonly kinds: readonly KindSpec[];
  readonly runner: JobRunner;
  readonly slotsFor: (queue: string) => Slots;
  /** The job has ended for good. */
  readonly onEnd: (job: StoredJob, hasFailed: boolean) => void;
  readonly log: (level: "error" | "warn", line: string) => void;
}

/** How many jobs of a queue are held at the same time. */
export interface Slots {
  readonly own: () => number;
  /** Whether `own` counts children that all such queues compete for. */
  readonly isPooled: boolean;
  /** Each running job of these kinds makes room for one more, up to `extra`: it needs no child of its own. */
  readonly extra: number;
  readonly sharing: ReadonlySet<string>;
}

interface Consumer {
  readonly slots: Slots;
  readonly worker: QueueWorker;
  /** Of `performance.now()`. */
  takenAt: number;
  /** Held jobs that need a child of their own. */
  computing: number;
  /** Held jobs that make room for more. */
  shared: number;
  /** It was full, so that BullMQ looks at its concurrency again only when one of its own jobs has ended. */
  isAsleep: boolean;
}

/** A child that stays free for so long is not taken again by the queue that has left it. */
const wakeMs = 20;

/** What crashes too often is told by `admission.ts`, before BullMQ would fail it without a reason. */
const maxStalledCount = 1_000_000;

export class Consumers {
  readonly #deps: ConsumerDeps;
  readonly #open = new Map<string, Consumer>();
  /** They take nothing more. */
  readonly #closing = new Map<QueueWorker, Promise<void>>();
  /** Jobs that need a child of their own, of all queues. */
  #computing = 0;
  #waking: NodeJS.Timeout | undefined;

  constructor(deps: ConsumerDeps) {
    this.#deps = deps;
  }

  get queues(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** When it last took a job of the queue, or was opened; of `performance.now()`. */
  takenAt(queue: string): number {
    return this.#open.get(queue)?.takenAt ?? performance.now();
  }

  open(queue: string, takenAt = performance.now()): void {
    if (this.#open.has(queue)) return;
    this.#open.set(queue, this.#start(queue, takenAt));
  }

  /** Whether it would take one more than these. */
  hasFreeHands(queue: string, held: number): boolean {
    return held < (this.#open.get(queue)?.worker.concurrency ?? 0);
  }

  /** Resolves when its last job has ended. */
  close(queue: string): Promise<void> {
    const consumer = this.#open.get(queue);
    if (consumer === undefined) return Promise.resolve();
    this.#open.delete(queue);
    const { worker } = consumer;
    const closed = worker.close().catch((error) => {
      this.#deps.log("warn", `${queue}: closing: ${String(error)}`);
    });
    this.#closing.set(worker, closed);
    return closed.finally(() => this.#closing.delete(worker));
  }

  /** Takes the queue up through new connections; what runs goes on. */
  recycle(queue: string): void {
    const takenAt = this.takenAt(queue);
    // The old connection may never answer, so nobody waits for it.
    void this.close(queue);
    this.open(queue, takenAt);
  }

  async closeAll(): Promise<void> {
    clearTimeout(this.#waking);
    for (const queue of this.queues) void this.close(queue);
    await Promise.all(this.#closing.values());
  }

  /** After the pool has changed its size. */
  adjust(): void {
    this.#fitAll();
  }

  /** `awake` is about to look by itself whether it may take another job. */
  #fitAll(awake?: Consumer): void {
    for (const consumer of this.#open.values()) {
      const limit = this.#limitOf(consumer);
      consumer.worker.concurrency = limit;
      if (limit <= heldBy(consumer)) consumer.isAsleep = true;
      else if (consumer === awake) consumer.isAsleep = false;
      if (isWanted(consumer)) this.#waking ??= setTimeout(() => this.#wake(), wakeMs);
    }
  }

  /**
   * What it computes already and what there are free children for: a job that waits here for a child could run
   * elsewhere. But one at least, so that no queue waits for another one to be empty.
   */
  #limitOf({ slots, computing, shared }: Consumer): number {
    const { own, isPooled, extra } = slots;
    if (!isPooled) return own();
    const free = Math.max(0, own() - this.#computing);
    return Math.max(1, computing + free) + Math.min(shared, extra);
  }

  #wake(): void {
    this.#waking = undefined;
    for (const consumer of this.#open.values()) {
      if (!isWanted(consumer)) continue;
      consumer.isAsleep = false;
      void wake(consumer.worker);
    }
  }

  #start(queue: string, takenAt: number): Consumer {
    const { connection, workerName, leaseMs, runner, slotsFor, onEnd, log } = this.#deps;
    const slots = slotsFor(queue);
    const worker: QueueWorker = new Worker(
      queue,
      (job: StoredJob, token?: string) => this.#process(consumer, job, token ?? ""),
      {
        connection: connection.connection,
        name: workerName,
        concurrency: slots.own(),
        lockDuration: leaseMs,
        stalledInterval: Math.max(100, leaseMs / 5),
        maxStalledCount,
        // So soon a rate limit that was changed is noticed; 30 s by default.
        maximumRateLimitDelay: 1000,
        // After an outage of the store; 15 s by default.
        runRetryDelay: 1000,
        settings: { backoffStrategy: (failures, _type, _error, job) => this.#backoff(failures, job?.name) },
      },
      calmBackend(connection.backend),
    );
    const consumer: Consumer = { slots, worker, takenAt, computing: 0, shared: 0, isAsleep: false };
    worker.on("active", () => {
      consumer.takenAt = performance.now();
    });
    worker.on("error", (error) => log("error", `${queue}: ${error.message}`));
    worker.on("lockRenewalFailed", (jobIds) => runner.loseLease(queue, jobIds, leaseMs / 4));
    worker.on("failed", (job, error) => {
      log("warn", `${queue}: job ${job?.id} failed: ${error.message}`);
      if (job?.finishedOn !== undefined) onEnd(job, true);
    });
    worker.on("completed", (job) => onEnd(job, false));
    return consumer;
  }

  async #process(consumer: Consumer, job: StoredJob, token: string): Promise<JsonObject> {
    const isSharing = consumer.slots.sharing.has(job.name);
    this.#count(consumer, isSharing, 1);
    try {
      return await this.#deps.runner.process(job, token);
    } finally {
      this.#count(consumer, isSharing, -1);
    }
  }

  #count(consumer: Consumer, isSharing: boolean, change: 1 | -1): void {
    if (isSharing) consumer.shared += change;
    else {
      consumer.computing += change;
      this.#computing += change;
    }
    this.#fitAll(consumer);
  }

  #backoff(failures: number, name: string | undefined): number {
    const kind = this.#deps.kinds.find((candidate) => candidate.kind === name);
    return kind === undefined ? 1000 : retryDelayMs(kind.retry, failures, Math.random());
  }
}

const heldBy = ({ computing, shared }: Consumer) => computing + shared;
const isWanted = (consumer: Consumer) => consumer.isAsleep && heldBy(consumer) < consumer.worker.concurrency;

async function wake(worker: QueueWorker): Promise<void> {
  await worker.pause(true);
  await worker.resume();
}

const calmMs = 1000;
/** A result that is to be stored has no lease that is renewed any more. */
const insistMs = [100, 200, 400, 800];

/**
 * BullMQ asks again at once when taking a job failed; on a full disk that would burn a core. And it fails a job whose
 * result could not be stored, though a moment later it may well be stored; where that does not help, the job is left
 * to the end of its lease and runs again.
 */
export function calmBackend(factory: QueueConnection["backend"]): QueueConnection["backend"] {
  return (name, options, more) => {
    const backend = factory(name, options, more);
    const take = backend.moveToActive.bind(backend);
    backend.moveToActive = async (token, worker) => {
      try {
        return await take(token, worker);
      } catch (error) {
        await sleep(calmMs);
        throw error;
      }
    };
    const complete = backend.moveToCompleted.bind(backend);
    backend.moveToCompleted = (...given) => insist(() => complete(...given));
    return backend;
  };
}

async function insist<T>(store: () => Promise<T>): Promise<T> {
  for (const pauseMs of [...insistMs, undefined]) {
    try {
      return await store();
    } catch (error) {
      // BullMQ itself waits for a server that is away.
      if (!isStoreTrouble(error) || !isNotConnectionError(error as Error)) throw error;
    }
    if (pauseMs !== undefined) await sleep(pauseMs);
  }
  throw new WaitingError();
}
