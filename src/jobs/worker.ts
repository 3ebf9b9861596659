/**
 * A worker: takes jobs of the queues, renews their leases in this process, has them run in child processes, and ends
 * when it is told to or has stood idle. Signals and the end of the process are the caller's.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { toFailure } from "../errors.ts";
import { Autoscaler } from "./autoscale.ts";
import { type JobQueue, taskQueueName } from "./connection.ts";
import { type ControlDesk, openControlDesk } from "./control-desk.ts";
import type { ChildPool } from "./pool.ts";
import type {
  AutoscaleRange,
  RunningWorker,
  TellableFacts,
  TimeLimits,
  WorkerOptions,
  WorkerPulse,
} from "./running-worker.ts";
import { awaitsUpkeep } from "./scheduled-run.ts";
import { openWithoutKeys, type Sealer } from "./seal.ts";
import { servedQueues } from "./served-queues.ts";
import type { KindSpec } from "./task.ts";
import { TimeLimitBook } from "./time-limits.ts";
import {
  calmDefaultMs,
  ioConcurrencyDefault,
  makeParts,
  queueNames,
  resultTtlDefaultMs,
  type WorkerParts,
  withCanvas,
} from "./worker-parts.ts";

export type { LogLevel, RunningWorker, WorkerOptions } from "./running-worker.ts";

const warmMs = 5000;
const coldMs = 3000;
/** After a warm stop's patience, for children that do not obey and a store that does not answer. */
const lateMs = 10_000;
const heartbeatMs = 5000;
const beatMaxMs = 1000;
const beatMinMs = 50;
const poolMax = 1000;
/** Where more wait for their time, nobody is idle. */
const upkeepMax = 100;

/**
 * Undefined if another detached worker is alive. Throws `invalid_argument` for an unknown queue, `forbidden` without a
 * signing key for it, `conflict` for a name that is taken, and what opening the store throws; nothing is left open
 * then, and the pool is closed.
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
  readonly name: string;
  readonly ended: Promise<void>;
  readonly #options: WorkerOptions;
  readonly #kinds: readonly KindSpec[];
  readonly #sealer: Sealer;
  readonly #limits: TimeLimitBook;
  readonly #startedAt = performance.now();
  readonly #beats = new AbortController();
  #parts: WorkerParts | undefined;
  #desk: ControlDesk | undefined;
  /** One for jobs that share a child, one for those that crashed and run alone. */
  readonly #ioPools = new Map<boolean, ChildPool>();
  #stopping: Promise<void> | undefined;
  #isRegistered = false;
  #isStuck = false;
  #finish: () => void = () => {};

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.name = options.name;
    this.#kinds = withCanvas(options.kinds);
    this.#sealer = options.sealer ?? openWithoutKeys;
    this.#limits = new TimeLimitBook(this.#kinds);
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  get isStuck(): boolean {
    return this.#isStuck;
  }

  async start(): Promise<boolean> {
    const { connection, registry, queues, log, autoscale } = this.#options;
    const served = servedQueues(queueNames(this.#kinds), queues, this.#sealer);
    const autoscaler = autoscale && new Autoscaler(autoscale, performance.now());
    if (!(await this.#announce(served))) return false;
    this.#isRegistered = true;
    const parts = makeParts(this.#options, this.#kinds, {
      limits: this.#limits,
      openIoPool: (alone) => this.#openIoPool(alone),
      resize: (size) => this.#resize(size),
      onStuck: () => {
        this.#isStuck = true;
        void this.stop("warm");
      },
    });
    this.#parts = parts;
    parts.supervisor.autoscaler = autoscaler;
    this.#desk = await openControlDesk({ connection, registry, worker: this, sealer: this.#sealer, log });
    await parts.revocations.look();
    // An order to stop may have come meanwhile: what would be opened now nobody closes.
    if (this.#stopping !== undefined) return true;
    for (const name of served) parts.consumers.open(name);
    log("info", `worker ${this.id} serves ${served.join(", ")}`);
    void this.#watch(parts);
    return true;
  }

  stop(how: "warm" | "cold"): Promise<void> {
    this.#options.log("info", `worker ${this.id} stops ${how}`);
    if (how === "cold") return this.#stopCold();
    this.#stopping ??= this.#stopWarm();
    return this.#stopping;
  }

  facts(): TellableFacts {
    const { pool, kind } = this.#options;
    const { active = [], reserved = [] } = this.#parts?.runner.held() ?? {};
    const { succeeded = 0, failed = 0, retried = 0, crashed = 0 } = this.#parts?.runner.counts ?? {};
    const pools = [pool, ...this.#ioPools.values()];
    return {
      ...this.#pulse(),
      id: this.id,
      worker_kind: kind,
      pid: process.pid,
      uptime_seconds: Math.round((performance.now() - this.#startedAt) / 1000),
      is_stopping: this.#stopping !== undefined,
      autoscale: this.#parts?.supervisor.autoscaler?.range ?? null,
      active_jobs: active,
      reserved_jobs: reserved,
      registered: this.#registered(),
      stats: {
        ...{ succeeded, failed, retried, crashed },
        children_started: pools.reduce((sum, one) => sum + one.childrenStarted, 0),
        child_pids: pools.flatMap((one) => one.pids),
      },
    };
  }

  grow(count: number): number {
    this.autoscale(undefined);
    return this.#resize(this.#options.pool.size + count);
  }

  shrink(count: number): number {
    this.autoscale(undefined);
    return this.#resize(this.#options.pool.size - count);
  }

  autoscale(range: AutoscaleRange | undefined): void {
    const autoscaler = range && new Autoscaler(range, performance.now());
    if (this.#parts !== undefined) this.#parts.supervisor.autoscaler = autoscaler;
  }

  addConsumer(queue: string): void {
    servedQueues(queueNames(this.#kinds), [queue], this.#sealer);
    if (this.#stopping === undefined) this.#parts?.consumers.open(queue);
  }

  async cancelConsumer(queue: string): Promise<void> {
    servedQueues(queueNames(this.#kinds), [queue], this.#sealer);
    const { warmShutdownMs = warmMs } = this.#options;
    const patience = setTimeout(() => this.#parts?.runner.requeueAll(queue), warmShutdownMs);
    const closed = this.#parts?.consumers.close(queue);
    this.#parts?.runner.requeueReserved(queue);
    await closed;
    clearTimeout(patience);
  }

  setTimeLimit(kind: string, softMs: number | undefined, hardMs?: number): void {
    this.#limits.set(kind, softMs, hardMs);
  }

  async lookForRevoked(): Promise<void> {
    await this.#parts?.runner.checkRunning();
  }

  #announce(queues = this.#parts?.consumers.queues ?? []): Promise<boolean> {
    const { registry, kind } = this.#options;
    return registry.announce({ id: this.id, kind, info: { ...this.#pulse(), queues } });
  }

  #pulse(): WorkerPulse {
    return {
      name: this.name,
      version: this.#options.version ?? "",
      queues: this.#parts?.consumers.queues ?? [],
      concurrency: this.#options.pool.size,
      active: this.#parts?.runner.held().active.length ?? 0,
      rss_bytes: process.memoryUsage.rss(),
    };
  }

  #registered(): { readonly [kind: string]: TimeLimits } {
    const served = this.#parts?.consumers.queues ?? [];
    const kinds = this.#kinds.filter((kind) => served.includes(kind.queue));
    return Object.fromEntries(kinds.map((kind) => [kind.kind, this.#limits.of(kind)]));
  }

  #resize(wanted: number): number {
    const size = Math.min(poolMax, Math.max(1, Math.trunc(wanted)));
    this.#options.pool.resize(size);
    this.#parts?.consumers.adjust();
    this.#options.log("info", `worker ${this.id} runs ${size} jobs at a time`);
    return size;
  }

  #openIoPool(alone: boolean): ChildPool {
    const { pool, ioConcurrency = ioConcurrencyDefault } = this.#options;
    const opened = this.#ioPools.get(alone) ?? pool.openShared(alone ? 1 : ioConcurrency);
    this.#ioPools.set(alone, opened);
    return opened;
  }

  async #closePools(): Promise<void> {
    await Promise.all([this.#options.pool, ...this.#ioPools.values()].map((pool) => pool.close()));
  }

  /** One beat for everything that is looked at now and then; what fails is looked at again on the next. */
  async #watch({ runner, janitor, supervisor }: WorkerParts): Promise<void> {
    const { idleMs = Number.POSITIVE_INFINITY, resultTtlMs = resultTtlDefaultMs } = this.#options;
    const { ageingMs = calmDefaultMs, watchdogMs = calmDefaultMs } = this.#options;
    const wanted = Math.min(idleMs, resultTtlMs, ageingMs, watchdogMs) / 4;
    const beatMs = Math.max(beatMinMs, Math.min(beatMaxMs, wanted));
    let heardAt = performance.now();
    const idle = { since: performance.now() };
    while (await this.#nextBeat(beatMs)) {
      await this.#attempt("revocations", () => runner.checkRunning());
      if (performance.now() - heardAt >= heartbeatMs) {
        heardAt = performance.now();
        await this.#attempt("heartbeat", () => this.#heartbeat());
      }
      await this.#attempt("queues", () => supervisor.beat());
      // Not awaited: while it removes much, the heart beats on.
      void this.#attempt("janitor", () => janitor.sweepWhenDue());
      if (idleMs !== Number.POSITIVE_INFINITY)
        await this.#attempt("idle", () => this.#leaveWhenIdle(idle, idleMs));
    }
  }

  async #attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.log("error", `${what}: ${String(error)}`);
    }
  }

  async #nextBeat(beatMs: number): Promise<boolean> {
    await sleep(beatMs, undefined, { signal: this.#beats.signal }).catch(() => {});
    return !this.#beats.signal.aborted;
  }

  async #leaveWhenIdle(idle: { since: number }, idleMs: number): Promise<void> {
    if (this.#stopping !== undefined) return;
    if (await this.#hasWork()) idle.since = performance.now();
    else if (performance.now() - idle.since >= idleMs && (await this.#leave())) void this.stop("warm");
  }

  async #hasWork(): Promise<boolean> {
    if (this.#options.isWanted?.() === true) return true;
    const unfinished = ["waiting", "active", "delayed", "prioritized", "waiting-children"] as const;
    for (const queue of this.#parts?.queues.values() ?? []) {
      const count = await queue.getJobCountByTypes(...unfinished);
      if (count > 0 && count > (await this.#countUpkeep(queue))) return true;
    }
    return false;
  }

  /** Runs of schedules for upkeep that are yet to come: there is one of each schedule. */
  async #countUpkeep(queue: JobQueue): Promise<number> {
    if (queue.name !== taskQueueName || !this.#kinds.some((kind) => kind.isUpkeep)) return 0;
    const delayed = await queue.getJobs(["delayed"], 0, upkeepMax);
    return delayed.filter((job) => job !== undefined && awaitsUpkeep(job, this.#kinds)).length;
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

  /** After a long sleep of the machine another worker may have taken this one's place or its name. */
  async #heartbeat(): Promise<void> {
    const { registry, log } = this.#options;
    if ((await registry.heartbeat(this.id, this.#pulse())) || this.#stopping !== undefined) return;
    const isBack = await this.#announce().catch((error: unknown) => {
      if (toFailure(error).code === "conflict") return false;
      throw error;
    });
    if (isBack) return;
    log("warn", "another worker has taken over");
    void this.stop("warm");
  }

  async #stopWarm(): Promise<void> {
    const { warmShutdownMs = warmMs } = this.#options;
    const patience = setTimeout(() => this.#parts?.runner.requeueAll(), warmShutdownMs);
    const closed = this.#parts?.consumers.closeAll();
    this.#parts?.runner.requeueReserved();
    // A queue that is stuck cannot be closed either.
    await within(warmShutdownMs + (this.#isStuck ? coldMs : lateMs), closed);
    clearTimeout(patience);
    await this.#release();
  }

  /** Never rejects: nobody waits for the end of a worker but its process. */
  async #stopCold(): Promise<void> {
    const warm = this.stop("warm");
    // First, so that the deaths of the children are not written down as failures of their jobs.
    this.#parts?.runner.requeueAll();
    await this.#closePools();
    // A store that does not answer must not keep the process: its locks then end with it.
    await within(coldMs, warm);
    this.#finish();
  }

  /** Never rejects: a store that cannot be written must not keep the worker, whose entry in it then ends with it. */
  async #release(): Promise<void> {
    const { registry } = this.#options;
    this.#beats.abort();
    await this.#closePools();
    await within(
      lateMs,
      this.#attempt("remote control stays open", async () => this.#desk?.close()),
    );
    await within(
      lateMs,
      this.#attempt("the worker stays registered until its process has ended", async () => {
        if (this.#isRegistered) await registry.withdraw(this.id);
      }),
    );
    const { queues, revocations, followUps } = this.#parts ?? {};
    const opened = [...(queues?.values() ?? []), revocations, followUps];
    await within(lateMs, Promise.allSettled(opened.map((queue) => queue?.close())));
    this.#finish();
  }
}

/** Resolves when the promise does, or when the time is over. */
async function within(limitMs: number, promise: Promise<unknown> | undefined): Promise<void> {
  const patience = new AbortController();
  await Promise.race([promise, sleep(limitMs, undefined, { signal: patience.signal }).catch(() => {})]);
  patience.abort();
}
