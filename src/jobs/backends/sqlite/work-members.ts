/** The members of a queue backend that move work: adding, taking, keeping, ending and putting back. */
import type * as Bull from "bullmq";
import { addFlow, addJob } from "./adding.ts";
import { type Claim, type Claimant, claim, extendLocks, findNothing } from "./claim.ts";
import { type Ending, finish } from "./finish.ts";
import type { QueueAccess } from "./queue-access.ts";
import * as requeue from "./requeue.ts";

type Keep = boolean | number | Bull.KeepJobs | undefined;
type FinishResult = Promise<{ result: Claim | []; finishedOn: number }>;

const defaultLockMs = 30_000;

function claimantOf({ opts }: QueueAccess): (token: string, name: string | undefined) => Claimant {
  const { lockDuration, limiter } = opts;
  return (token, name) => ({ token, name, lockMs: lockDuration ?? defaultLockMs, limiter });
}

function addingMembers({ store, write }: QueueAccess) {
  return {
    addJob(job: Bull.JobJson, jobId: string, keys?: Bull.ParentKeyOpts): Promise<string> {
      return write((change, queue) => addJob(change, queue, job, jobId, keys));
    },

    addJobs(entries: Parameters<Bull.IQueueBackend["addJobs"]>[0]): Promise<string[]> {
      return write((change, queue) =>
        entries.map((entry) => addJob(change, queue, entry.job, entry.jobId, entry.parentKeyOpts)),
      );
    },

    addFlow(
      entries: Parameters<Bull.IQueueBackend["addFlow"]>[0],
    ): Promise<[Error | null, string | number][]> {
      return store.write((change) => addFlow(change, entries));
    },
  } satisfies Partial<Bull.IQueueBackend>;
}

function takingMembers(access: QueueAccess) {
  const { store, qualifiedName, opts, write } = access;
  const claimant = claimantOf(access);
  const end = (ending: Omit<Ending, "next" | "maxMetricPoints">, fetchNext: boolean): FinishResult => {
    const next = fetchNext ? claimant(ending.token, opts.name) : undefined;
    const maxMetricPoints = opts.metrics?.maxDataPoints ?? 0;
    return write((change, queue) => finish(change, queue, { ...ending, next, maxMetricPoints }));
  };
  return {
    async moveToActive(token: string, name?: string): Promise<Claim> {
      const nothing = await store.read((sql) => findNothing(sql, qualifiedName));
      return nothing ?? write((change, queue) => claim(change, queue, claimant(token, name)));
    },

    async moveToCompleted<T = unknown, R = unknown, N extends string = string>(
      job: Bull.MinimalJob<T, R, N>,
      returnValue: R,
      removeOnComplete: Keep,
      token: string,
      fetchNext: boolean,
    ): FinishResult {
      const value = JSON.stringify(returnValue) ?? "null";
      const keep = removeOnComplete ?? opts.removeOnComplete;
      const ending = {
        jobId: job.id ?? "",
        token,
        state: "completed",
        value,
        keep,
        fields: undefined,
      } as const;
      return end(ending, fetchNext);
    },

    async moveToFailed<T = unknown, R = unknown, N extends string = string>(
      job: Bull.MinimalJob<T, R, N>,
      failedReason: string,
      removeOnFail: Keep,
      token: string,
      fetchNext: boolean,
      fields?: Record<string, unknown>,
    ): FinishResult {
      const keep = removeOnFail ?? opts.removeOnFail;
      const value = String(failedReason ?? "");
      return end({ jobId: job.id ?? "", token, state: "failed", value, keep, fields }, fetchNext);
    },
  } satisfies Partial<Bull.IQueueBackend>;
}

function requeueMembers(access: QueueAccess) {
  const { opts, write } = access;
  const claimant = claimantOf(access);
  return {
    moveToDelayed(
      jobId: string,
      timestamp: number,
      delay: number,
      token?: string,
      how: Bull.MoveToDelayedOpts = {},
    ): Promise<Claim | []> {
      const next = token === undefined ? undefined : claimant(token, opts.name);
      return write((change, queue) =>
        requeue.moveToDelayed(change, queue, jobId, timestamp, delay, token, how, next),
      );
    },

    moveToWaitingChildren(
      jobId: string,
      token: string,
      opts: Bull.MoveToWaitingChildrenOpts = {},
    ): Promise<boolean> {
      return write((change, queue) => requeue.moveToWaitingChildren(change, queue, jobId, token, opts));
    },

    moveJobFromActiveToWait(jobId: string, token?: string): Promise<number> {
      return write((change, queue) => requeue.putBack(change, queue, jobId, token));
    },

    retryJob(jobId: string, lifo: boolean, token?: string, opts: Bull.RetryJobOpts = {}): Promise<void> {
      return write((change, queue) => requeue.retryJob(change, queue, jobId, lifo, token, opts));
    },

    retryFinishedJob<T = unknown, R = unknown, N extends string = string>(
      job: Bull.MinimalJob<T, R, N>,
      state: "failed" | "completed",
      opts: Bull.RetryOptions = {},
    ): Promise<void> {
      return write((change, queue) => requeue.retryFinishedJob(change, queue, job.id ?? "", state, opts));
    },

    retryFinishedJobs(
      state: "failed" | "completed" = "failed",
      count = 1000,
      until = Date.now(),
    ): Promise<number> {
      return write((change, queue) => requeue.retryFinishedJobs(change, queue, state, count, until));
    },
  } satisfies Partial<Bull.IQueueBackend>;
}

function leaseMembers({ opts, read, write }: QueueAccess) {
  return {
    moveStalledJobsToWait(): Promise<string[]> {
      const max = opts.maxStalledCount ?? 1;
      return read((sql, queue) => queue !== undefined && requeue.hasStalled(sql, queue)).then((any) =>
        any ? write((change, queue) => requeue.recoverStalled(change, queue, max)) : [],
      );
    },

    extendLock(jobId: string, token: string, duration: number): Promise<number> {
      return write((change, queue) => extendLocks(change, queue, [jobId], [token], duration)).then(
        (lost) => 1 - lost.length,
      );
    },

    extendLocks(jobIds: string[], tokens: string[], duration: number): Promise<string[]> {
      return write((change, queue) => extendLocks(change, queue, jobIds, tokens, duration));
    },
  } satisfies Partial<Bull.IQueueBackend>;
}

export function workMembers(access: QueueAccess) {
  return {
    ...addingMembers(access),
    ...takingMembers(access),
    ...requeueMembers(access),
    ...leaseMembers(access),
  };
}
