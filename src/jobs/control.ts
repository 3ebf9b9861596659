/**
 * The asking side of remote control, from any process on the same store: what workers do, what waits, and commands that
 * each living worker answers within a second or is named.
 */

import { randomUUID } from "node:crypto";
import { CambiumError, type Failure } from "../errors.ts";
import {
  type JobQueue,
  openJobQueue,
  type QueueConnection,
  type StoredJob,
  taskQueueName,
} from "./connection.ts";
import {
  type Command,
  type CommandQueue,
  controlScope,
  type Order,
  openCommandQueue,
  writeOrder,
} from "./control-protocol.ts";
import { parseRate, writeRate } from "./rate.ts";
import { readReason } from "./reason.ts";
import { openWithoutKeys, type Sealer } from "./seal.ts";
import { SettingsBoard, type TimeLimit } from "./settings-board.ts";
import type { JsonObject, KindSpec } from "./task.ts";
import { TimeLimitBook } from "./time-limits.ts";
import type { WorkerRecord, WorkerRegistry } from "./worker-registry.ts";

export type { Command } from "./control-protocol.ts";
export type { HeldJob, TellableFacts, TimeLimits } from "./running-worker.ts";
export type { TimeLimit } from "./settings-board.ts";

export interface LivingWorker extends WorkerRecord {
  /** Unique among the living. */
  readonly name: string;
}

export interface AskOptions {
  /** Names; all living workers by default. Throws `not_found` for one that is not alive. */
  readonly workers?: readonly string[];
  /** 1 s by default. */
  readonly timeoutMs?: number;
}

/** By the names of the workers. */
export interface Answers {
  readonly answers: Readonly<Record<string, JsonObject>>;
  readonly refusals: Readonly<Record<string, Failure>>;
  /** Who did not answer in time. What they were asked is taken back, unless they had begun it. */
  readonly silent: readonly string[];
}

/** A job that is not to begin yet. */
export interface ScheduledJob {
  readonly id: string;
  readonly task_id: string;
  readonly kind: string;
  readonly queue: string;
  /** ISO 8601; null where only the store knows it. */
  readonly eta: string | null;
  readonly reason: "eta" | "retry" | "schedule";
}

export interface QueueView {
  readonly queue: string;
  readonly waiting: number;
  readonly active: number;
  readonly scheduled: number;
  readonly is_paused: boolean;
  /** As `10/s`, or null. */
  readonly rate_limit: string | null;
}

export interface Control {
  /** Oldest first; one that was stopped a moment ago is among them for 15 s. */
  workers(): Promise<readonly LivingWorker[]>;
  ask(command: Command, options?: AskOptions): Promise<Answers>;
  queues(): Promise<readonly QueueView[]>;
  /** Soonest first. */
  scheduled(limit: number): Promise<readonly ScheduledJob[]>;
  /** Kept in the store and in force for all workers together; `none` takes it away. Throws `invalid_argument`. */
  setRateLimit(queue: string, rate: string): Promise<void>;
  /** Kept in the store, for runs that begin from now on; an empty limit brings back what the kind says. */
  setTimeLimit(kind: string, limit: TimeLimit, options?: AskOptions): Promise<Answers>;
  /** While a queue is paused no worker takes anything from it. Idempotent. */
  setPaused(queue: string, isPaused: boolean): Promise<void>;
  close(): Promise<void>;
}

export interface ControlOptions {
  readonly connection: QueueConnection;
  readonly registry: WorkerRegistry;
  readonly kinds: readonly KindSpec[];
  /** Signs commands; workers that have keys refuse what is not signed. A key bound to queues must name `control`. */
  readonly sealer?: Sealer;
  /** Workers serve all tenants: one of them may neither see nor steer them, so that every call throws `forbidden`. */
  readonly tenant?: string;
}

/** Opens nothing before its first use. */
export function openControl(options: ControlOptions): Control {
  return (options.tenant ?? "") === "" ? new StoreControl(options) : controlOfTenant;
}

const refuse = async (): Promise<never> => {
  const text = "Workers and queues serve all tenants. Run this without CAMBIUM_TENANT.";
  throw new CambiumError("forbidden", text);
};
const nobodyAsked: Answers = { answers: {}, refusals: {}, silent: [] };
const controlOfTenant: Control = {
  workers: refuse,
  // Its own tasks it may revoke; the workers see that on their next beat.
  ask: async ({ verb }) => (verb === "look_for_revoked" ? nobodyAsked : refuse()),
  queues: refuse,
  scheduled: refuse,
  setRateLimit: refuse,
  setTimeLimit: refuse,
  setPaused: refuse,
  close: async () => {},
};

const answerWithinMs = 1000;

class StoreControl implements Control {
  readonly #options: ControlOptions;
  readonly #queues = new Map<string, JobQueue>();
  #board: SettingsBoard | undefined;

  constructor(options: ControlOptions) {
    this.#options = options;
  }

  async workers(): Promise<readonly LivingWorker[]> {
    const alive = await this.#options.registry.alive();
    return alive.map((worker) => ({ ...worker, name: String(worker.info["name"] ?? worker.id) }));
  }

  async ask(command: Command, { workers, timeoutMs = answerWithinMs }: AskOptions = {}): Promise<Answers> {
    if ("queue" in command) this.#knownQueue(command.queue);
    const { sealer = openWithoutKeys } = this.#options;
    // Workers see a revocation on their next beat, so that who may revoke, but not command, need not ask.
    if (command.verb === "look_for_revoked" && !sealer.mayServe(controlScope)) return nobodyAsked;
    const asked = chooseWorkers(await this.workers(), workers);
    const answers: Record<string, JsonObject> = {};
    const refusals: Record<string, Failure> = {};
    const silent: string[] = [];
    const askOne = async ({ id, name }: LivingWorker) => {
      const queue = openCommandQueue(id, this.#options.connection);
      try {
        const jobId = randomUUID();
        const order = writeOrder(command, { workerId: id, jobId }, timeoutMs, sealer);
        const answer = await askThrough(queue, { jobId, order }, timeoutMs);
        if (answer === undefined) silent.push(name);
        else if ("failure" in answer) refusals[name] = answer.failure;
        else answers[name] = answer.result;
      } finally {
        await queue.close();
      }
    };
    await Promise.all(asked.map(askOne));
    return { answers: sortByName(answers), refusals: sortByName(refusals), silent: silent.sort() };
  }

  queues(): Promise<readonly QueueView[]> {
    return Promise.all(
      this.#queueNames().map(async (name) => {
        const queue = this.#open(name);
        const [counts, limit, is_paused] = await Promise.all([
          queue.getJobCounts("waiting", "prioritized", "active", "delayed"),
          queue.getGlobalRateLimit(),
          queue.isPaused(),
        ]);
        const { waiting = 0, prioritized = 0, active = 0, delayed = 0 } = counts;
        const rate_limit = limit === null ? null : writeRate(limit);
        return {
          ...{ queue: name, waiting: waiting + prioritized, active },
          ...{ scheduled: delayed, is_paused, rate_limit },
        };
      }),
    );
  }

  async scheduled(limit: number): Promise<readonly ScheduledJob[]> {
    const lists = await Promise.all(
      this.#queueNames().map((name) => this.#open(name).getJobs(["delayed"], 0, limit - 1, true)),
    );
    // Between the list and the jobs one may have gone.
    const found = (lists.flat() as (StoredJob | undefined)[]).flatMap((job) =>
      job ? [viewScheduled(job)] : [],
    );
    return found.sort((a, b) => ((a.eta ?? "") < (b.eta ?? "") ? -1 : 1)).slice(0, limit);
  }

  async setRateLimit(name: string, rate: string): Promise<void> {
    const queue = this.#open(this.#knownQueue(name));
    const limit = parseRate(rate);
    const before = await queue.getGlobalRateLimit();
    if (limit === undefined) await queue.removeGlobalRateLimit();
    else await queue.setGlobalRateLimit(limit.max, limit.duration);
    // The window that runs may be one of an hour.
    if (before !== null && (before.max !== limit?.max || before.duration !== limit.duration))
      await queue.removeRateLimitKey();
  }

  async setTimeLimit(kind: string, limit: TimeLimit, options?: AskOptions): Promise<Answers> {
    new TimeLimitBook(this.#options.kinds).set(kind, limit.softMs, limit.hardMs);
    this.#board ??= new SettingsBoard(this.#options.connection);
    await this.#board.setTimeLimit(kind, limit);
    return this.ask({ verb: "read_settings" }, options);
  }

  async setPaused(name: string, isPaused: boolean): Promise<void> {
    const queue = this.#open(this.#knownQueue(name));
    await (isPaused ? queue.pause() : queue.resume());
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#queues.values(), ...(this.#board ? [this.#board] : [])].map((one) => one.close()),
    );
  }

  #queueNames(): string[] {
    return [...new Set([taskQueueName, ...this.#options.kinds.map(({ queue }) => queue)])];
  }

  #knownQueue(name: string): string {
    const known = this.#queueNames();
    if (known.includes(name)) return name;
    const kind = this.#options.kinds.find((candidate) => candidate.kind === name);
    const hint = kind === undefined ? "" : ` (The kind ${kind.kind} goes to the queue ${kind.queue}.)`;
    throw new CambiumError(
      "invalid_argument",
      `There is no queue ${JSON.stringify(name)}. Known: ${known.join(", ")}.${hint}`,
    );
  }

  #open(name: string): JobQueue {
    const queue = this.#queues.get(name) ?? openJobQueue(name, this.#options.connection);
    this.#queues.set(name, queue);
    return queue;
  }
}

function chooseWorkers(
  alive: readonly LivingWorker[],
  wanted: readonly string[] | undefined,
): readonly LivingWorker[] {
  const names = alive.map(({ name }) => name);
  const unknown = wanted?.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new CambiumError(
      "not_found",
      `No worker named ${JSON.stringify(unknown)} is alive. ${names.length === 0 ? "None is; start one with `cambium worker`." : `Alive: ${names.join(", ")}.`}`,
    );
  }
  return wanted === undefined ? alive : alive.filter(({ name }) => wanted.includes(name));
}

type Answer = { readonly result: JsonObject } | { readonly failure: Failure };

/** Long enough for who asked; its worker removes the whole queue at its end. */
const keptFor = { age: 60, count: 100 };

/** Undefined when there is no answer in time. */
async function askThrough(
  queue: CommandQueue,
  { jobId, order }: { readonly jobId: string; readonly order: Order },
  timeoutMs: number,
): Promise<Answer | undefined> {
  const { args: command } = order;
  await queue.add(command.verb, order, { jobId, removeOnComplete: keptFor, removeOnFail: keptFor });
  const deadline = performance.now() + timeoutMs;
  for (let pauseMs = 5; ; pauseMs = Math.min(50, pauseMs * 2)) {
    const job = await queue.getJob(jobId);
    // The worker has ended and taken its queue along, which is what `shutdown` asks for.
    if (job === undefined)
      return command.verb === "shutdown" ? { result: { stopping: command.how } } : undefined;
    if (job.finishedOn !== undefined && job.failedReason) return { failure: readReason(job.failedReason) };
    if (job.finishedOn !== undefined) return { result: job.returnvalue };
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) break;
    await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs, leftMs)));
  }
  // What was not begun in time is not done later, when nobody expects it. Settings are: they stand on the board.
  if (command.verb !== "read_settings") await queue.remove(jobId);
  return undefined;
}

function viewScheduled(job: StoredJob): ScheduledJob {
  const isRetry = job.attemptsMade > 0;
  const { taskId, failedAt } = job.data;
  const since = isRetry ? failedAt : job.timestamp;
  return {
    id: String(job.id),
    task_id: taskId ?? String(job.id),
    kind: job.name,
    queue: job.queueName,
    eta: since === undefined ? null : new Date(since + job.delay).toISOString(),
    reason: isRetry ? "retry" : job.repeatJobKey === undefined ? "eta" : "schedule",
  };
}

function sortByName<Value>(record: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
