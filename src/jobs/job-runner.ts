/**
 * What a worker does with a claimed job: runs its handler in the child pool, lets a task wait for the parts that its
 * step asked for, and turns every failure into what BullMQ has to do about it.
 */
import { CambiumError, type Failure, toFailure } from "../errors.ts";
import { UnrecoverableError, WaitingChildrenError, WaitingError } from "./bullmq.ts";
import { findKind, type JobQueue, retryOptions, type StoredJob } from "./connection.ts";
import type { ChildPool } from "./pool.ts";
import type { ProgressWriter } from "./progress-writer.ts";
import { isRetryable, writeReason } from "./reason.ts";
import type { Revocations } from "./revocations.ts";
import type { JobSpec, JsonObject, KindSpec, ProgressReport, StepOutcome } from "./task.ts";

export interface RunnerParts {
  readonly kinds: readonly KindSpec[];
  readonly tasks: JobQueue;
  readonly queues: ReadonlyMap<string, JobQueue>;
  readonly revocations: Revocations;
  readonly pool: ChildPool;
  readonly progress: ProgressWriter;
}

interface Running {
  readonly job: StoredJob;
  readonly taskId: string;
  readonly isPart: boolean;
  readonly controller: AbortController;
  /** What to do when the aborted run has ended, instead of failing the job. */
  instead: "requeue" | "forget" | undefined;
  /** Aborted because its task has ended: it is no reason for that end. */
  isLeftover: boolean;
}

/** A step that asks again and again for more parts is caught in a loop. */
const maxRounds = 20;

export class JobRunner {
  readonly #parts: RunnerParts;
  readonly #running = new Set<Running>();

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** A BullMQ processor. */
  async process(job: StoredJob, token: string): Promise<JsonObject> {
    const isPart = job.data.taskId !== undefined;
    const taskId = job.data.taskId ?? String(job.id);
    const fresh = { controller: new AbortController(), instead: undefined, isLeftover: false };
    const running: Running = { job, taskId, isPart, ...fresh };
    this.#running.add(running);
    try {
      return await this.#work(running, token);
    } catch (error) {
      if (error instanceof WaitingChildrenError || error instanceof UnrecoverableError) throw error;
      if (running.instead === "forget") throw error;
      await this.#parts.progress.flush(taskId);
      if (running.instead === "requeue") return await this.#requeue(job, token);
      return await this.#fail(running, toFailure(error));
    } finally {
      this.#running.delete(running);
    }
  }

  /** Aborts the runs whose task was cancelled, or has ended because another of its parts failed. */
  async checkRunning(): Promise<void> {
    for (const running of this.#running) {
      if (running.controller.signal.aborted) continue;
      if (await this.#parts.revocations.has(running.taskId)) running.controller.abort(cancelled());
      else if (running.isPart && (await this.#hasEnded(running.taskId))) {
        running.isLeftover = true;
        running.controller.abort(new CambiumError("cancelled", "The task of this part has ended."));
      }
    }
  }

  /** Another worker may hold the job by now, so nothing may be written any more. */
  loseLease(queue: string, jobIds: readonly string[]): void {
    for (const running of this.#running) {
      if (running.job.queueName !== queue || !jobIds.includes(String(running.job.id))) continue;
      running.instead = "forget";
      running.controller.abort(new CambiumError("unavailable", "The lease of the job was lost."));
    }
  }

  /** Aborts everything; the jobs go back to their queues without counting an attempt. */
  requeueAll(): void {
    for (const running of this.#running) {
      if (running.controller.signal.aborted) continue;
      running.instead = "requeue";
      running.controller.abort(new CambiumError("unavailable", "The worker is shutting down."));
    }
  }

  async #work(running: Running, token: string): Promise<JsonObject> {
    const { job, taskId, isPart } = running;
    const kind = findKind(this.#parts.kinds, job.name, isPart ? "job" : "task");
    await this.#refuseRevoked(taskId);
    if (!isPart && job.data.startedAt === undefined)
      await job.updateData({ ...job.data, startedAt: Date.now() });
    for (;;) {
      const outcome = await this.#runOnce(running, kind);
      await this.#parts.progress.flush(taskId);
      await this.#refuseRevoked(taskId);
      if ("result" in outcome) return outcome.result;
      if (isPart) throw new CambiumError("internal", `A part of a task (${kind.kind}) asked for more parts.`);
      if (await this.#waitForParts(job, token, outcome.waitFor)) throw new WaitingChildrenError();
    }
  }

  async #runOnce(running: Running, kind: KindSpec): Promise<StepOutcome> {
    const { job, taskId, controller } = running;
    let limit: NodeJS.Timeout | undefined;
    const onStart = () => {
      const seconds = kind.softTimeLimitMs / 1000;
      const reason = new CambiumError("timeout", `The job took longer than its limit of ${seconds} s.`);
      limit = setTimeout(() => controller.abort(reason), kind.softTimeLimitMs);
    };
    const { attemptsMade, attemptsStarted } = job;
    const order = {
      kind: kind.kind,
      taskId,
      attempt: attemptsMade + 1,
      starts: attemptsStarted,
      args: job.data.args,
    };
    const onReport = (report: ProgressReport) => {
      if (running.instead !== "forget") this.#parts.progress.report(taskId, report);
    };
    const options = { signal: controller.signal, silenceLimitMs: kind.silenceLimitMs, onStart, onReport };
    try {
      return await this.#parts.pool.run(order, options);
    } finally {
      clearTimeout(limit);
    }
  }

  /** False if all parts have already finished, so that the step can run again at once. */
  async #waitForParts(job: StoredJob, token: string, specs: readonly JobSpec[]): Promise<boolean> {
    const taskId = String(job.id);
    const data = (await this.#parts.tasks.getJob(taskId))?.data ?? job.data;
    const rounds = (data.rounds ?? 0) + 1;
    if (rounds > maxRounds) {
      throw new CambiumError("internal", `The task asked for more parts ${maxRounds} times without an end.`);
    }
    await job.updateData({ ...data, rounds });
    const parent = { id: taskId, queue: this.#parts.tasks.qualifiedName };
    for (const [queue, jobs] of this.#groupParts(taskId, specs)) {
      await queue.addBulk(jobs.map(({ opts, ...rest }) => ({ ...rest, opts: { ...opts, parent } })));
    }
    try {
      return await job.moveToWaitingChildren(token);
    } catch (error) {
      const failure = (await this.#parts.tasks.getJob(taskId))?.data.failure;
      if (failure === undefined) throw error;
      throw new UnrecoverableError(writeReason(failure));
    }
  }

  #groupParts(taskId: string, specs: readonly JobSpec[]) {
    const groups = new Map<JobQueue, ReturnType<typeof partJob>[]>();
    for (const spec of specs) {
      const kind = findKind(this.#parts.kinds, spec.kind, "job");
      const queue = this.#parts.queues.get(kind.queue);
      if (queue === undefined) throw new CambiumError("internal", `The queue ${kind.queue} is not open.`);
      const group = groups.get(queue) ?? [];
      groups.set(queue, group);
      group.push(partJob(taskId, kind, spec));
    }
    return groups;
  }

  async #fail(running: Running, failure: Failure): Promise<never> {
    const { job, taskId, isPart } = running;
    if (isRetryable(failure) && job.attemptsMade + 1 < (job.opts.attempts ?? 1)) {
      await this.#parts.progress.standStill(taskId, failure.message);
      throw new Error(writeReason(failure));
    }
    // Before BullMQ fails the task for it, as the task's own reason would name only the id of this job.
    if (isPart && !running.isLeftover) await this.#blame(taskId, failure);
    throw new UnrecoverableError(writeReason(failure));
  }

  async #blame(taskId: string, failure: Failure): Promise<void> {
    const task = await this.#parts.tasks.getJob(taskId);
    if (task === undefined || task.finishedOn !== undefined || task.data.failure !== undefined) return;
    await task.updateData({ ...task.data, failure });
  }

  async #requeue(job: StoredJob, token: string): Promise<never> {
    await job.moveToWait(token);
    throw new WaitingError();
  }

  async #refuseRevoked(taskId: string): Promise<void> {
    if (await this.#parts.revocations.has(taskId)) throw cancelled();
  }

  async #hasEnded(taskId: string): Promise<boolean> {
    return ["completed", "failed", "unknown"].includes(await this.#parts.tasks.getJobState(taskId));
  }
}

const cancelled = () => new CambiumError("cancelled", "The task was cancelled.");

function partJob(taskId: string, kind: KindSpec, spec: JobSpec) {
  return {
    name: kind.kind,
    data: { args: spec.args, taskId },
    opts: {
      ...retryOptions(kind),
      jobId: `${taskId}-${spec.key}`,
      failParentOnFailure: true,
      removeOnComplete: true,
      removeOnFail: { age: 24 * 3600, count: 1000 },
    },
  };
}
