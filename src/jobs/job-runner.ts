/**
 * What a worker does with a claimed job: runs its handler in the child pool, lets a task wait for the parts that its
 * step asked for, and turns every failure into what BullMQ has to do about it.
 */
import { CambiumError, type Failure, fromFailure, toFailure } from "../errors.ts";
import { admit, crashesOf, refusePoison } from "./admission.ts";
import { UnrecoverableError, WaitingChildrenError, WaitingError } from "./bullmq.ts";
import { canvasKind } from "./canvas.ts";
import { findPartKind, readPrevious, runCanvas } from "./canvas-runner.ts";
import { findKind, type JobData, type JobQueue, type StoredJob, taskQueueName } from "./connection.ts";
import type { FollowUps } from "./follow-ups.ts";
import { addNext } from "./next-task.ts";
import { addParts, type Part, queueOf, withoutEnded } from "./parts.ts";
import { patiently } from "./patience.ts";
import { checkResult } from "./payload.ts";
import { ChildDeath, type ChildPool } from "./pool.ts";
import type { ProgressWriter } from "./progress-writer.ts";
import { writeReason } from "./reason.ts";
import { mayRetry } from "./retry.ts";
import type { Revocations } from "./revocations.ts";
import { begin, heldJob, type Running } from "./running-job.ts";
import type { HeldJob } from "./running-worker.ts";
import { handOver, handsOver } from "./scheduled-run.ts";
import type { Sealer } from "./seal.ts";
import type { Json, JsonObject, KindSpec, ProgressReport, StepOutcome } from "./task.ts";
import { stopLater, type TimeLimitBook } from "./time-limits.ts";

export interface RunnerParts {
  readonly kinds: readonly KindSpec[];
  readonly queues: ReadonlyMap<string, JobQueue>;
  readonly revocations: Revocations;
  readonly followUps: FollowUps;
  /** Where a run of this kind takes place; what crashed once runs alone, so that it takes no neighbours with it. */
  readonly poolFor: (kind: KindSpec, crashes: number) => ChildPool;
  readonly progress: ProgressWriter;
  readonly limits: TimeLimitBook;
  readonly sealer: Sealer;
  readonly log: (level: "warn" | "debug", line: string) => void;
}

type Advance = Extract<StepOutcome, { result: unknown }> | { readonly parts: readonly Part[] };

/** A step that asks again and again for more parts is caught in a loop. */
const maxRounds = 20;
const shortMs = 100;

export class JobRunner {
  readonly #parts: RunnerParts;
  readonly #tasks: JobQueue;
  readonly #running = new Set<Running>();
  readonly counts = { succeeded: 0, failed: 0, retried: 0, crashed: 0 };

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#tasks = queueOf(parts.queues, taskQueueName);
  }

  /** A BullMQ processor. */
  async process(job: StoredJob, token: string): Promise<JsonObject> {
    const running = begin(job);
    this.#running.add(running);
    try {
      const result = await this.#work(running, token);
      this.counts.succeeded += 1;
      return result;
    } catch (error) {
      if (error instanceof WaitingChildrenError) throw error;
      // The store is not asked for anything: what nobody renews is taken up by whoever sees that its lease is over.
      if (running.instead === "forget") throw new WaitingError();
      await this.#parts.progress.flush(running.taskId);
      if (running.instead === "requeue") return await this.#handBack(running, token);
      if (error instanceof ChildDeath) return await this.#outlive(running, token, error);
      return await this.#fail(running, failureFrom(error));
    } finally {
      this.#running.delete(running);
    }
  }

  /** Aborts the runs that were revoked, or whose task has ended because another of its parts failed. */
  async checkRunning(): Promise<void> {
    await this.#parts.revocations.look();
    for (const running of this.#running) {
      if (running.hard.reason !== undefined) continue;
      const order = await this.#orderFor(running);
      if (order === "terminate") running.hard.give(cancelled());
      else if (running.soft.reason !== undefined) continue;
      else if (order === "cancel") running.soft.give(cancelled());
      else if (isPart(running.job) && (await this.#hasEnded(running.taskId))) {
        running.isLeftover = true;
        running.soft.give(new CambiumError("cancelled", "The task of this part has ended."));
      }
    }
  }

  /**
   * Another worker may hold the job by now, so nothing may be written any more. BullMQ names no lease: one that is
   * younger than `renewedAfterMs` was never renewed, so that an earlier one of the same job is meant.
   */
  loseLease(queue: string, jobIds: readonly string[], renewedAfterMs: number): void {
    for (const running of this.#running) {
      if (Date.now() < (running.job.processedOn ?? running.since) + renewedAfterMs) continue;
      if (running.job.queueName !== queue || !jobIds.includes(String(running.job.id))) continue;
      running.instead = "forget";
      running.soft.give(new CambiumError("unavailable", "The lease of the job was lost."));
    }
  }

  /** Aborts everything, or what came from one queue; the jobs go back without counting an attempt. */
  requeueAll(queue?: string): void {
    this.#requeue(({ job }) => (queue ?? job.queueName) === job.queueName);
  }

  /** Hands back what waits for a child process. */
  requeueReserved(queue?: string): void {
    this.#requeue(({ job, isInChild }) => !isInChild && (queue ?? job.queueName) === job.queueName);
  }

  #requeue(isMeant: (running: Running) => boolean): void {
    for (const running of this.#running) {
      if (running.soft.reason !== undefined || !isMeant(running)) continue;
      running.instead = "requeue";
      running.soft.give(new CambiumError("unavailable", "The worker is shutting down."));
    }
  }

  /** The jobs that run in a child process, and those that wait for one. */
  held(): { readonly active: readonly HeldJob[]; readonly reserved: readonly HeldJob[] } {
    const all = [...this.#running];
    const pick = (isInChild: boolean) => all.filter((one) => one.isInChild === isInChild).map(heldJob);
    return { active: pick(true), reserved: pick(false) };
  }

  async #work(running: Running, token: string): Promise<JsonObject> {
    const { job, taskId } = running;
    const { kinds, sealer } = this.#parts;
    const kind = isPart(job) ? findPartKind(kinds, job.name) : findKind(kinds, job.name, "task");
    running.kind = kind;
    const ask = <T>(question: () => Promise<T>) => patiently(question, running.soft);
    if (this.#mayBeRevoked(running)) await ask(() => this.#refuseRevoked(running));
    admit(job, kind, sealer, Date.now());
    if (handsOver(job)) {
      await ask(() => this.#refuseRevoked(running));
      return sealer.encrypt(String(job.id), await ask(() => handOver(job, this.#tasks, this.#parts)));
    }
    for (;;) {
      const outcome: Advance =
        kind.kind === canvasKind.kind
          ? await ask(() => this.#advance(job))
          : await this.#step(running, kind, ask);
      await this.#parts.progress.flush(taskId);
      if (this.#mayBeRevoked(running)) await ask(() => this.#refuseRevoked(running));
      if ("result" in outcome) {
        const result = sealer.encrypt(String(job.id), checkResult(outcome.result));
        await ask(() => addNext(job, outcome.next, this.#parts, this.#tasks));
        return result;
      }
      let isAgain = false;
      await ask(async () => {
        const parts = isAgain ? await withoutEnded(job, outcome.parts) : outcome.parts;
        isAgain = true;
        await addParts(job, parts, this.#parts.queues, sealer);
      });
      if (await this.#waitForParts(job, token)) throw new WaitingChildrenError();
    }
  }

  async #advance(job: StoredJob): ReturnType<typeof runCanvas> {
    const step = await runCanvas(job, this.#parts);
    if ("parts" in step) await this.#keepStart(job);
    return step;
  }

  async #step(
    running: Running,
    kind: KindSpec,
    ask: <T>(question: () => Promise<T>) => Promise<T>,
  ): Promise<Advance> {
    const { previousFrom, rounds } = running.job.data;
    const isGiven = previousFrom !== undefined || (kind.wantsResults === true && rounds !== undefined);
    const previous = isGiven ? await ask(() => readPrevious(running.job, this.#parts)) : [];
    const outcome = await this.#runInChild(running, kind, previous);
    if ("result" in outcome) return outcome;
    if (kind.role === "job")
      throw new CambiumError("internal", `A part of a task (${kind.kind}) asked for more parts.`);
    await ask(() => this.#countRound(running.job));
    const partOf = (name: string) => findKind(this.#parts.kinds, name, "job");
    return { parts: outcome.waitFor.map((spec) => ({ ...spec, kind: partOf(spec.kind) })) };
  }

  async #runInChild(running: Running, kind: KindSpec, previous: readonly Json[]): Promise<StepOutcome> {
    const { job, taskId, soft, hard } = running;
    const crashes = crashesOf(job);
    const timers: NodeJS.Timeout[] = [];
    const onStart = () => {
      running.isInChild = true;
      running.hasRun = true;
      const limits = this.#parts.limits.of(kind);
      timers.push(stopLater(soft, limits.soft_ms, "the job"));
      if (limits.hard_ms !== null) timers.push(stopLater(hard, limits.hard_ms, "its process"));
    };
    const onReport = (report: ProgressReport) => {
      if (running.instead !== "forget") this.#parts.progress.report(taskId, report);
    };
    const order = {
      kind: kind.kind,
      taskId,
      attempt: job.attemptsMade + 1,
      starts: job.attemptsStarted,
      crashes,
      previous,
      args: job.data.args,
    };
    const options = {
      ...{ stop: soft, kill: hard, silenceLimitMs: kind.silenceLimitMs },
      ...{ onStart, onReport },
    };
    try {
      return await this.#parts.poolFor(kind, crashes).run(order, options);
    } finally {
      running.isInChild = false;
      for (const timer of timers) clearTimeout(timer);
    }
  }

  async #countRound(job: StoredJob): Promise<void> {
    const data = (await this.#reread(job)).data;
    const rounds = (data.rounds ?? 0) + 1;
    if (rounds > maxRounds) {
      throw new CambiumError("internal", `The task asked for more parts ${maxRounds} times without an end.`);
    }
    await job.updateData({ ...data, ...startOf(job, data), rounds });
  }

  /** False if all parts have already finished, so that the step can run again at once. */
  async #waitForParts(job: StoredJob, token: string): Promise<boolean> {
    try {
      return await job.moveToWaitingChildren(token);
    } catch (error) {
      const { failure } = (await this.#reread(job)).data;
      if (failure === undefined) throw error;
      throw fromFailure(failure);
    }
  }

  /** The child died under the job: that is no attempt, but not for ever. */
  async #outlive(running: Running, token: string, death: ChildDeath): Promise<never> {
    const { job, kind } = running;
    if (!death.isCrash) return this.#handBack(running, token);
    this.counts.crashed += 1;
    this.#parts.log("warn", `${job.queueName}: job ${job.id} lost its process: ${death.message}`);
    const crashes = await this.#countCrash(job);
    try {
      if (kind !== undefined) refusePoison(kind, crashes);
    } catch (error) {
      return this.#fail(running, toFailure(error));
    }
    return this.#handBack(running, token);
  }

  async #countCrash(job: StoredJob): Promise<number> {
    const crashes = crashesOf(job) + 1;
    try {
      const { data } = await this.#reread(job);
      await job.updateData({ ...data, ...startOf(job, data), crashes: (data.crashes ?? 0) + 1 });
    } catch (error) {
      this.#parts.log("warn", `a crash of job ${job.id} is not counted: ${String(error)}`);
    }
    return crashes;
  }

  async #fail(running: Running, failure: Failure): Promise<never> {
    const { job, taskId, kind } = running;
    const isLast = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    if (kind !== undefined && !isLast && mayRetry(kind.retry, failure)) {
      this.counts.retried += 1;
      await this.#keepFailure(job).catch(() => {});
      await this.#parts.progress.standStill(taskId, failure.message);
      throw new Error(writeReason(failure));
    }
    this.counts.failed += 1;
    // The reason is worth less than the end itself, which a store that fails here must not change.
    if (!running.isLeftover) await this.#blame(job, failure).catch(() => {});
    throw new UnrecoverableError(writeReason(failure));
  }

  /**
   * Tells every job that fails with this one, before BullMQ fails it, as its own reason would name only the id of this
   * one. Never rejects: the reason is worth less than the end.
   */
  async #blame(job: StoredJob, failure: Failure): Promise<void> {
    try {
      for (let child = job; child.opts.failParentOnFailure === true; ) {
        const parent = await this.#parentOf(child);
        if (parent === undefined || parent.finishedOn !== undefined || parent.data.failure !== undefined)
          return;
        await parent.updateData({ ...parent.data, failure });
        child = parent;
      }
    } catch (error) {
      this.#parts.log("warn", `the parents of ${job.id} are not told why it failed: ${String(error)}`);
    }
  }

  async #parentOf({ parent }: StoredJob): Promise<StoredJob | undefined> {
    const queues = [...this.#parts.queues.values()];
    const queue = queues.find((candidate) => candidate.qualifiedName === parent?.queueKey);
    return parent?.id === undefined ? undefined : queue?.getJob(parent.id);
  }

  /** A job that cannot be handed back stays where it is until its lease is over. */
  async #handBack({ job, hasRun }: Running, token: string): Promise<never> {
    try {
      if (hasRun) await this.#keepStart(job);
      await job.moveToWait(token);
    } catch (error) {
      this.#parts.log("warn", `${job.queueName}: job ${job.id} waits for its lease to end: ${String(error)}`);
    }
    throw new WaitingError();
  }

  /** For a job that leaves without an end: when it began would be overwritten by its next claim. */
  async #keepStart(job: StoredJob): Promise<void> {
    const { data } = await this.#reread(job);
    if (data.startedAt === undefined) await job.updateData({ ...data, ...startOf(job, data) });
  }

  /** With the delay, which the store keeps, it tells when the next attempt is due. */
  async #keepFailure(job: StoredJob): Promise<void> {
    const { data } = await this.#reread(job);
    await job.updateData({ ...data, ...startOf(job, data), failedAt: Date.now() });
  }

  /** Others may have written to it since it was claimed. */
  async #reread(job: StoredJob): Promise<StoredJob> {
    return (await queueOf(this.#parts.queues, job.queueName).getJob(String(job.id))) ?? job;
  }

  async #refuseRevoked(running: Running): Promise<void> {
    if ((await this.#orderFor(running)) !== undefined) throw cancelled();
  }

  /**
   * The tombstones are read on each beat, so that a short job costs no look at them. What is revoked in the moment in
   * which it is claimed is aborted by the next beat; if it ends before that, it has ended.
   */
  #mayBeRevoked({ job, taskId, since }: Running): boolean {
    const { revocations } = this.#parts;
    const isShort = Date.now() < since + shortMs;
    return !isShort || revocations.wasSeen(taskId) || revocations.wasSeen(String(job.id));
  }

  /** A part can be revoked by its own id too. */
  async #orderFor({ job, taskId }: Running): Promise<"cancel" | "terminate" | undefined> {
    const { revocations } = this.#parts;
    return (
      (await revocations.orderFor(taskId)) ??
      (isPart(job) ? await revocations.orderFor(String(job.id)) : undefined)
    );
  }

  async #hasEnded(taskId: string): Promise<boolean> {
    return ["completed", "failed", "unknown"].includes(await this.#tasks.getJobState(taskId));
  }
}

/** What runs in a child fails with a `CambiumError`; anything else is the store's, which may be well again in a moment. */
const failureFrom = (error: unknown): Failure =>
  error instanceof CambiumError
    ? toFailure(error)
    : { code: "unavailable", message: `The task store failed: ${toFailure(error).message}` };

const cancelled = () => new CambiumError("cancelled", "The task was cancelled.");
const isPart = (job: StoredJob) => job.data.taskId !== undefined;

const startOf = (job: StoredJob, data: JobData) => ({
  startedAt: data.startedAt ?? job.processedOn ?? Date.now(),
});
