/** What a worker is made of once it has opened its queues, joined to each other. */
import { canvasKind } from "./canvas.ts";
import { type JobQueue, openJobQueue, taskQueueName } from "./connection.ts";
import { Consumers, type Slots } from "./consumers.ts";
import { FollowUps } from "./follow-ups.ts";
import { Janitor } from "./janitor.ts";
import { JobRunner } from "./job-runner.ts";
import { queueOf } from "./parts.ts";
import type { ChildPool } from "./pool.ts";
import { ProgressWriter } from "./progress-writer.ts";
import { Revocations } from "./revocations.ts";
import type { WorkerOptions } from "./running-worker.ts";
import { openWithoutKeys } from "./seal.ts";
import { Supervisor } from "./supervisor.ts";
import type { KindSpec } from "./task.ts";
import type { TimeLimitBook } from "./time-limits.ts";

export interface WorkerParts {
  readonly queues: ReadonlyMap<string, JobQueue>;
  readonly revocations: Revocations;
  readonly followUps: FollowUps;
  readonly runner: JobRunner;
  readonly consumers: Consumers;
  readonly supervisor: Supervisor;
  readonly janitor: Janitor;
}

export interface WorkerHooks {
  readonly limits: TimeLimitBook;
  /** `alone`: one job at a time. */
  readonly openIoPool: (alone: boolean) => ChildPool;
  readonly resize: (size: number) => void;
  readonly onStuck: () => void;
}

export const leaseDefaultMs = 15_000;
export const calmDefaultMs = 30_000;
export const resultTtlDefaultMs = 24 * 3_600_000;
export const ioConcurrencyDefault = 32;

/** The catalogue with what the clock itself brings. */
export const withCanvas = (kinds: readonly KindSpec[]): readonly KindSpec[] => [
  ...kinds.filter(({ kind }) => kind !== canvasKind.kind),
  canvasKind,
];

export const queueNames = (kinds: readonly KindSpec[]): readonly string[] => [
  ...new Set([taskQueueName, ...kinds.map((kind) => kind.queue)]),
];

export function makeParts(
  options: WorkerOptions,
  kinds: readonly KindSpec[],
  { limits, openIoPool, resize, onStuck }: WorkerHooks,
): WorkerParts {
  const { connection, pool, log, sealer = openWithoutKeys } = options;
  const queues = new Map(queueNames(kinds).map((name) => [name, openJobQueue(name, connection)]));
  const revocations = new Revocations(connection);
  const followUps = new FollowUps(connection);
  const tasks = queueOf(queues, taskQueueName);
  const runner = new JobRunner({
    ...{ kinds, queues, revocations, followUps, limits, sealer, log },
    poolFor: (kind, crashes) => (kind.pool === "io" ? openIoPool(crashes > 0) : pool),
    progress: new ProgressWriter(tasks, (error) => log("warn", `progress: ${String(error)}`)),
  });
  const resultTtlMs = options.resultTtlMs ?? resultTtlDefaultMs;
  const janitor = new Janitor({ queues, revocations, followUps, log, resultTtlMs });
  const slotsFor = (queue: string) => slotsOf(queue, kinds, options);
  const consumers = new Consumers({
    ...{ connection, kinds, runner, slotsFor, log },
    workerName: options.name,
    leaseMs: options.leaseMs ?? leaseDefaultMs,
    onEnd: (job, hasFailed) => {
      if (job.queueName === taskQueueName) void janitor.tidyAfter(job, hasFailed);
    },
  });
  const supervisor = new Supervisor({
    ...{ queues, consumers, pool, resize, onStuck },
    held: () => runner.held(),
    ageingMs: options.ageingMs ?? calmDefaultMs,
    watchdogMs: options.watchdogMs ?? calmDefaultMs,
    log: (line) => log("error", line),
  });
  return { queues, revocations, followUps, runner, consumers, supervisor, janitor };
}

/** What computes needs a child of its own; what waits shares one. */
function slotsOf(queue: string, kinds: readonly KindSpec[], options: WorkerOptions): Slots {
  const { pool, ioConcurrency = ioConcurrencyDefault } = options;
  const own = kinds.filter((kind) => kind.queue === queue);
  const sharing = new Set(own.filter((kind) => kind.pool === "io").map((kind) => kind.kind));
  if (sharing.size > 0 && sharing.size === own.length)
    return { own: () => ioConcurrency, isPooled: false, extra: 0, sharing };
  return { own: () => pool.size, isPooled: true, extra: ioConcurrency, sharing };
}
