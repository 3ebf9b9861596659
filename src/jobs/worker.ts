/**
 * A worker: takes jobs of the queues, renews their leases in this process, has them run in child processes, and ends
 * when it is told to or has stood idle. Signals and the end of the process are the caller's.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Worker as BullWorker, ConnectionOptions, IQueueBackend, JobProgress } from "bullmq";
import { CambiumError } from "../errors.ts";
import { Worker } from "./bullmq.ts";
import {
  type JobData,
  type JobQueue,
  openJobQueue,
  type QueueConnection,
  type StoredJob,
  taskQueueName,
  taskRetention,
} from "./connection.ts";
import { JobRunner } from "./job-runner.ts";
import type { ChildPool } from "./pool.ts";
import { ProgressWriter } from "./progress-writer.ts";
import { failureOf } from "./record.ts";
import { Revocations } from "./revocations.ts";
import type { JsonObject, KindSpec } from "./task.ts";
import type { WorkerKind, WorkerRegistry } from "./worker-registry.ts";

export type LogLevel = "error" | "warn" | "info" | "debug";

export interface WorkerOptions {
  readonly connection: QueueConnection;
  readonly kinds: readonly KindSpec[];
  /** Its size is the number of jobs that run at the same time. Closed with the worker. */
  readonly pool: ChildPool;
  readonly registry: WorkerRegistry;
  /** Of `detached` workers only one can be alive. */
  readonly kind: WorkerKind;
  /** Shown to people, and stored with the jobs it takes. */
  readonly name: string;
  /** Queues to serve; all by default. */
  readonly queues?: readonly string[];
  /** Ends itself after so long without unfinished tasks; never by default. */
  readonly idleMs?: number;
  readonly log: (level: LogLevel, line: string) => void;
}

export interface RunningWorker {
  readonly id: string;
  /**
   * `warm` takes no more jobs, gives the running ones 5 s, and puts the rest back without counting an attempt;
   * `cold` kills the children at once. A cold stop may follow a warm one.
   */
  stop(how: "warm" | "cold"): Promise<void>;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
}

type QueueWorker = BullWorker<JobData, JsonObject, string, IQueueBackend, JobProgress, ConnectionOptions>;

const warmMs = 5000;
const coldMs = 3000;
const leaseMs = 15_000;
const heartbeatMs = 5000;
const pruneMs = 600_000;

/**
 * Undefined if another detached worker is alive. Throws `invalid_argument` for an unknown queue, and what opening the
 * store throws; nothing is left open then, and the pool is closed.
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker | undefined> {
  const worker = new ClockWorker(options);
  try {
    if (await worker.start()) return worker;
    await options.pool.close();
    return undefined;
  } catch (error) {
    await worker.stop("cold");
    throw error;
  }
}

class ClockWorker implements RunningWorker {
  readonly id = randomUUID();
  readonly ended: Promise<void>;
  readonly #options: WorkerOptions;
  readonly #queues = new Map<string, JobQueue>();
  readonly #workers: QueueWorker[] = [];
  readonly #beats = new AbortController();
  #runner: JobRunner | undefined;
  #revocations: Revocations | undefined;
  #stopping: Promise<void> | undefined;
  #isRegistered = false;
  #finish: () => void = () => {};

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  async start(): Promise<boolean> {
    const { connection, kinds, log } = this.#options;
    const known = [...new Set([taskQueueName, ...kinds.map((kind) => kind.queue)])];
    const served = servedQueues(known, this.#options.queues);
    if (!(await this.#announce())) return false;
    this.#isRegistered = true;
    for (const name of known) this.#queues.set(name, openJobQueue(name, connection));
    const tasks = this.#queueOf(taskQueueName);
    this.#revocations = Revocations.open(connection);
    const progress = new ProgressWriter(tasks, (error) => log("warn", `progress: ${String(error)}`));
    const shared = { kinds, tasks, queues: this.#queues, revocations: this.#revocations };
    this.#runner = new JobRunner({ ...shared, pool: this.#options.pool, progress });
    for (const name of served) this.#serveQueue(name, this.#runner);
    log("info", `worker ${this.id} serves ${this.#workers.map((worker) => worker.name).join(", ")}`);
    void this.#watch();
    return true;
  }

  stop(how: "warm" | "cold"): Promise<void> {
    this.#options.log("info", `worker ${this.id} stops ${how}`);
    if (how === "cold") return this.#stopCold();
    this.#stopping ??= this.#stopWarm();
    return this.#stopping;
  }

  #announce(): Promise<boolean> {
    const { registry, kind, name, pool } = this.#options;
    return registry.announce({ id: this.id, kind, info: { name, concurrency: pool.size } });
  }

  #queueOf(name: string): JobQueue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw new Error(`The queue ${name} is not open.`);
    return queue;
  }

  #serveQueue(name: string, runner: JobRunner): void {
    const { connection, pool, log } = this.#options;
    const worker: QueueWorker = new Worker(
      name,
      (job: StoredJob, token?: string) => runner.process(job, token ?? ""),
      {
        connection: connection.connection,
        name: this.#options.name,
        concurrency: pool.size,
        lockDuration: leaseMs,
        stalledInterval: 3000,
        // A job that kills its children again and again is dealt with by who wrote its handler, not by losing it.
        maxStalledCount: 25,
        settings: { backoffStrategy: (attempts, _type, _error, job) => this.#backoff(attempts, job?.name) },
      },
      calmBackend(connection.backend),
    );
    worker.on("error", (error) => log("error", `${name}: ${error.message}`));
    worker.on("lockRenewalFailed", (jobIds) => runner.loseLease(name, jobIds));
    worker.on("failed", (job, error) => {
      log("warn", `${name}: job ${job?.id} failed: ${error.message}`);
      if (name !== taskQueueName || job === undefined || job.finishedOn === undefined) return;
      const warn = (problem: unknown) => log("warn", `parts of ${job.id} stay: ${String(problem)}`);
      job.removeUnprocessedChildren().catch(warn);
      void this.#forgetLateRevocation(String(job.id));
    });
    worker.on("completed", (job) => {
      if (name === taskQueueName) void this.#forgetLateRevocation(String(job.id));
    });
    this.#workers.push(worker);
  }

  /** Doubles from `delayMs` up to `maxDelayMs`; the jitter of a half keeps jobs from returning all at once. */
  #backoff(attempts: number, name: string | undefined): number {
    const kind = this.#options.kinds.find((candidate) => candidate.kind === name);
    if (kind === undefined) return 1000;
    const full = Math.min(kind.retry.maxDelayMs, kind.retry.delayMs * 2 ** Math.min(attempts - 1, 30));
    return Math.ceil(full * (0.5 + Math.random() / 2));
  }

  /** One beat for everything that is looked at now and then. */
  async #watch(): Promise<void> {
    const { idleMs = Number.POSITIVE_INFINITY, log } = this.#options;
    const beatMs = Math.max(50, Math.min(1000, idleMs / 4));
    let busyAt = performance.now();
    let heardAt = performance.now();
    let prunedAt = Number.NEGATIVE_INFINITY;
    while (await this.#nextBeat(beatMs)) {
      const now = performance.now();
      try {
        await this.#runner?.checkRunning();
        if (now - heardAt >= heartbeatMs) {
          heardAt = now;
          await this.#heartbeat();
        }
        if (now - prunedAt >= pruneMs) {
          prunedAt = now;
          await this.#prune();
        }
        if (idleMs === Number.POSITIVE_INFINITY || this.#stopping !== undefined) continue;
        if (await this.#hasWork()) busyAt = now;
        else if (now - busyAt >= idleMs && (await this.#leave())) void this.stop("warm");
      } catch (error) {
        log("error", `watch: ${String(error)}`);
      }
    }
  }

  async #nextBeat(beatMs: number): Promise<boolean> {
    await sleep(beatMs, undefined, { signal: this.#beats.signal }).catch(() => {});
    return !this.#beats.signal.aborted;
  }

  async #hasWork(): Promise<boolean> {
    for (const queue of this.#queues.values()) {
      if (
        (await queue.getJobCountByTypes("waiting", "active", "delayed", "prioritized", "waiting-children")) >
        0
      ) {
        return true;
      }
    }
    return false;
  }

  /**
   * A door enqueues first and looks for a worker afterwards. So this worker first leaves the registry and looks for
   * work afterwards: whichever order the two fall in, somebody sees the new task.
   */
  async #leave(): Promise<boolean> {
    await this.#options.registry.withdraw(this.id);
    if (!(await this.#hasWork())) return true;
    return !(await this.#announce());
  }

  /** After a long sleep of the machine another detached worker may have taken this one's place. */
  async #heartbeat(): Promise<void> {
    const { registry, log } = this.#options;
    if ((await registry.heartbeat(this.id)) || this.#stopping !== undefined || (await this.#announce()))
      return;
    log("warn", "another worker has taken over");
    void this.stop("warm");
  }

  async #prune(): Promise<void> {
    const { age, count } = taskRetention;
    // First, as a tombstone that came too late is known by the job that is still there.
    await this.#revocations?.prune((taskId) => this.#fateOf(taskId), 1000 * age, count);
    for (const queue of this.#queues.values()) {
      for (const end of ["completed", "failed"] as const) await queue.clean(1000 * age, count, end);
    }
    this.#options.log("debug", "pruned what ended long ago");
  }

  /** A task whose job is gone was revoked while it waited, or its tombstone outlived its job. */
  async #fateOf(taskId: string): Promise<"live" | "revoked" | "otherwise"> {
    const tasks = this.#queueOf(taskQueueName);
    const state = await tasks.getJobState(taskId);
    if (state === "completed") return "otherwise";
    if (state === "unknown") return "revoked";
    if (state !== "failed") return "live";
    const job = await tasks.getJob(taskId);
    return job === undefined || failureOf(job).code === "cancelled" ? "revoked" : "otherwise";
  }

  /** Once its job is pruned, the tombstone of a task that had ended otherwise would show it as cancelled. */
  async #forgetLateRevocation(taskId: string): Promise<void> {
    try {
      if (!(await this.#revocations?.has(taskId))) return;
      if ((await this.#fateOf(taskId)) === "otherwise") await this.#revocations?.remove(taskId);
    } catch (error) {
      this.#options.log("warn", `the tombstone of ${taskId} stays until it is pruned: ${String(error)}`);
    }
  }

  async #stopWarm(): Promise<void> {
    const patience = setTimeout(() => this.#runner?.requeueAll(), warmMs);
    await Promise.allSettled(this.#workers.map((worker) => worker.close()));
    clearTimeout(patience);
    await this.#release();
  }

  /** Never rejects: nobody waits for the end of a worker but its process. */
  async #stopCold(): Promise<void> {
    const warm = this.stop("warm");
    // First, so that the deaths of the children are not written down as failures of their jobs.
    this.#runner?.requeueAll();
    await this.#options.pool.close();
    // A store that does not answer must not keep the process: its locks then end with it.
    const patience = new AbortController();
    await Promise.race([warm, sleep(coldMs, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    this.#finish();
  }

  /** Never rejects: a store that cannot be written must not keep the worker, whose entry in it then ends with it. */
  async #release(): Promise<void> {
    const { pool, registry, log } = this.#options;
    this.#beats.abort();
    try {
      await pool.close();
      if (this.#isRegistered) await registry.withdraw(this.id);
    } catch (error) {
      log("error", `the worker stays registered until its process has ended: ${String(error)}`);
    } finally {
      const opened = [
        ...this.#queues.values(),
        ...(this.#revocations === undefined ? [] : [this.#revocations]),
      ];
      await Promise.allSettled(opened.map((queue) => queue.close()));
      this.#finish();
    }
  }
}

function servedQueues(known: readonly string[], wanted: readonly string[] | undefined): readonly string[] {
  const unknown = wanted?.find((name) => !known.includes(name));
  if (unknown === undefined) return wanted ?? known;
  throw new CambiumError(
    "invalid_argument",
    `There is no queue ${JSON.stringify(unknown)}. Known: ${known.join(", ")}.`,
  );
}

/** BullMQ asks again at once when taking a job failed; on a full disk that would burn a core. */
function calmBackend(factory: QueueConnection["backend"]): QueueConnection["backend"] {
  return (name, options, more) => {
    const backend = factory(name, options, more);
    const take = backend.moveToActive.bind(backend);
    backend.moveToActive = async (token, worker) => {
      try {
        return await take(token, worker);
      } catch (error) {
        await sleep(1000);
        throw error;
      }
    };
    return backend;
  };
}
