/** Removes what ended long ago, also where nothing else happens in the store. Any worker does it. */
import { type JobQueue, type StoredJob, taskQueueName, taskRetention } from "./connection.ts";
import type { FollowUps } from "./follow-ups.ts";
import { queueOf } from "./parts.ts";
import { failureOf } from "./record.ts";
import type { Revocations } from "./revocations.ts";

export interface JanitorDeps {
  readonly queues: ReadonlyMap<string, JobQueue>;
  readonly revocations: Revocations;
  readonly followUps: FollowUps;
  readonly resultTtlMs: number;
  readonly log: (level: "warn" | "debug", line: string) => void;
}

const followUpPauseMs = 5000;
const pauseMaxMs = 600_000;
const pauseMinMs = 50;
const batchMax = 1000;

export class Janitor {
  readonly #deps: JanitorDeps;
  #sweptAt = Number.NEGATIVE_INFINITY;
  #followedAt = Number.NEGATIVE_INFINITY;
  #isSweeping = false;

  constructor(deps: JanitorDeps) {
    this.#deps = deps;
  }

  /** Does nothing until it is time again, or while the last one still sweeps. */
  async sweepWhenDue(): Promise<void> {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    try {
      await this.#sweepWhatIsDue();
    } finally {
      this.#isSweeping = false;
    }
  }

  async #sweepWhatIsDue(): Promise<void> {
    const { resultTtlMs, followUps, log } = this.#deps;
    const now = performance.now();
    if (now >= this.#followedAt + followUpPauseMs) {
      this.#followedAt = now;
      await followUps.takeUpAll(this.#tasks);
    }
    const pauseMs = Math.max(pauseMinMs, Math.min(pauseMaxMs, resultTtlMs / 4));
    if (now < this.#sweptAt + pauseMs) return;
    this.#sweptAt = now;
    await this.#sweep();
    log("debug", "pruned what ended long ago");
  }

  get #tasks(): JobQueue {
    return queueOf(this.#deps.queues, taskQueueName);
  }

  async #sweep(): Promise<void> {
    const { queues, revocations, resultTtlMs } = this.#deps;
    // First, as a tombstone that came too late is known by the job that is still there.
    await revocations.prune((taskId) => this.#fateOf(taskId), resultTtlMs, taskRetention.count);
    for (const queue of queues.values()) {
      for (const end of ["completed", "failed"] as const) {
        let removed: readonly string[];
        do removed = await queue.clean(resultTtlMs, batchMax, end);
        while (removed.length === batchMax);
      }
    }
  }

  /** After the end of a task: what follows it, parts that are not needed any more, a tombstone that came too late. */
  async tidyAfter(job: StoredJob, hasFailed: boolean): Promise<void> {
    const taskId = String(job.id);
    try {
      await this.#deps.followUps.takeUpAfter(job, this.#tasks);
      if (hasFailed) await job.removeUnprocessedChildren();
      if (!this.#deps.revocations.wasSeen(taskId)) return;
      // Once its job is gone, the tombstone of a task that had ended otherwise would show it as cancelled.
      if ((await this.#fateOf(taskId)) === "otherwise") await this.#deps.revocations.remove(taskId);
    } catch (error) {
      this.#deps.log("warn", `what is left of ${taskId} stays until it is swept: ${String(error)}`);
    }
  }

  /** A task whose job is gone was revoked while it waited, or its tombstone outlived its job. */
  async #fateOf(taskId: string): Promise<"live" | "revoked" | "otherwise"> {
    const tasks = this.#tasks;
    const state = await tasks.getJobState(taskId);
    if (state === "completed") return "otherwise";
    if (state === "unknown") return "revoked";
    if (state !== "failed") return "live";
    const job = (await tasks.getJob(taskId)) as StoredJob | undefined;
    return job === undefined || failureOf(job).code === "cancelled" ? "revoked" : "otherwise";
  }
}
