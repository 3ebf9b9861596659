/** The nouns of a worker: what it is started with, what it tells about itself, and how it is steered while it runs. */
import type { QueueConnection } from "./connection.ts";
import type { ChildPool } from "./pool.ts";
import type { Sealer } from "./seal.ts";
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
  /** Shown to people, and stored with the jobs it takes; unique among the living. */
  readonly name: string;
  readonly version?: string;
  /** Queues to serve; all by default. */
  readonly queues?: readonly string[];
  /** Ends itself after so long without unfinished tasks; never by default. */
  readonly idleMs?: number;
  /** Does not count as idle while this is true. */
  readonly isWanted?: () => boolean;
  /** Lets the number of child processes follow the work. */
  readonly autoscale?: AutoscaleRange;
  /** How many jobs of pool `io` run at the same time in their one child; 32 by default. */
  readonly ioConcurrency?: number;
  /** Ended tasks are removed after this; 24 hours by default. */
  readonly resultTtlMs?: number;
  /** A worker that stops for longer loses its jobs to others; 15 s by default. */
  readonly leaseMs?: number;
  /** How long a warm stop lets jobs run; 5 s by default. */
  readonly warmShutdownMs?: number;
  /** A queue that waits so long for a worker with free hands is taken up anew; 30 s by default. */
  readonly watchdogMs?: number;
  /** A job that waited so long behind more urgent ones is let through; 30 s by default. */
  readonly ageingMs?: number;
  /** Verifies jobs and encrypts results; without it nothing is signed. */
  readonly sealer?: Sealer;
  readonly log: (level: LogLevel, line: string) => void;
}

/** A job that this worker holds. `id` and `task_id` are the same unless it is a part of a task. */
export type HeldJob = {
  readonly id: string;
  readonly task_id: string;
  readonly kind: string;
  readonly queue: string;
  /** When this worker took it, ISO 8601. */
  readonly since: string;
};

export type TimeLimits = { readonly soft_ms: number; readonly hard_ms: number | null };
export type AutoscaleRange = { readonly max: number; readonly min: number };

/** What each heartbeat leaves in the registry, beside the worker's name. */
export type WorkerPulse = {
  readonly name: string;
  readonly version: string;
  readonly queues: readonly string[];
  readonly concurrency: number;
  readonly active: number;
  readonly rss_bytes: number;
};

export type WorkerFacts = WorkerPulse & {
  readonly id: string;
  readonly worker_kind: WorkerKind;
  readonly pid: number;
  readonly uptime_seconds: number;
  readonly is_stopping: boolean;
  readonly autoscale: AutoscaleRange | null;
  /** They run in a child process … */
  readonly active_jobs: readonly HeldJob[];
  /** … or were claimed and wait for a free one. */
  readonly reserved_jobs: readonly HeldJob[];
  /** The kinds that the served queues may bring, with the time limits in force. */
  readonly registered: { readonly [kind: string]: TimeLimits };
  readonly stats: {
    readonly succeeded: number;
    readonly failed: number;
    readonly retried: number;
    readonly crashed: number;
    /** Children that were started in all; many more than `concurrency` tells of crashes or of recycling. */
    readonly children_started: number;
    readonly child_pids: readonly number[];
  };
};

/** A fact is JSON, so that it can be sent to another process as it is. */
export type TellableFacts = WorkerFacts & JsonObject;

export interface RunningWorker {
  readonly id: string;
  readonly name: string;
  /**
   * `warm` takes no more jobs, gives the running ones 5 s, and puts the rest back without counting an attempt;
   * `cold` kills the children at once. A cold stop may follow a warm one.
   */
  stop(how: "warm" | "cold"): Promise<void>;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** True when it ended as it could not take jobs any more; its process ends with 75, so that another is started. */
  readonly isStuck: boolean;
  facts(): TellableFacts;
  /** One child process more or less per count; at least one stays. Answers the new concurrency, and ends autoscaling. */
  grow(count: number): number;
  shrink(count: number): number;
  /** Undefined keeps the size as it is. Throws `invalid_argument` for a range that is none. */
  autoscale(range: AutoscaleRange | undefined): void;
  /** Idempotent. Throws `invalid_argument` for an unknown queue, `forbidden` without a signing key for it. */
  addConsumer(queue: string): void;
  /** Idempotent; resolves when nothing of the queue is running here any more. */
  cancelConsumer(queue: string): Promise<void>;
  /** For runs that begin from now on; undefined brings back what the kind says. Throws `invalid_argument`. */
  setTimeLimit(kind: string, softMs: number | undefined, hardMs?: number): void;
  /** Looks at once, not at the next beat, whether a job that runs here was revoked. */
  lookForRevoked(): Promise<void>;
}
