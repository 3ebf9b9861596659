/** The members of a queue backend that change what is there: jobs, schedulers, settings, limits and the event list. */
import type * as Bull from "bullmq";
import { readQueue } from "./change.ts";
import { isMaxed, limitLeft } from "./claim.ts";
import { dropKey } from "./dedup.ts";
import { publishEvent, trimEvents } from "./events.ts";
import * as notes from "./job-notes.ts";
import { removeChildDependency } from "./leaving.ts";
import type { QueueAccess } from "./queue-access.ts";
import * as removal from "./removal.ts";
import * as requeue from "./requeue.ts";
import * as schedulers from "./schedulers.ts";
import { stateNumber } from "./schema.ts";
import { readMeta, removeMeta, setLimit, setMeta, setPaused } from "./settings.ts";

function changingMembers({ read, write }: QueueAccess) {
  return {
    promote(jobId: string): Promise<void> {
      return write((change, queue) => requeue.promote(change, queue, jobId));
    },

    promoteJobs(count = 1000): Promise<number> {
      return write((change, queue) => requeue.promoteJobs(change, queue, count));
    },

    changeDelay(jobId: string, delay: number): Promise<void> {
      return write((change, queue) => requeue.changeDelay(change, queue, jobId, delay));
    },

    changePriority(jobId: string, priority = 0, lifo = false): Promise<void> {
      return write((change, queue) => requeue.changePriority(change, queue, jobId, priority, lifo));
    },

    updateData<T = unknown, R = unknown, N extends string = string>(
      job: Bull.MinimalJob<T, R, N>,
      data: T,
    ): Promise<void> {
      return write((change, queue) => notes.updateData(change, queue, job.id ?? "", data));
    },

    updateProgress(jobId: string, progress: Bull.JobProgress): Promise<void> {
      return write((change, queue) => notes.updateProgress(change, queue, jobId, progress));
    },

    addLog(jobId: string, logRow: string, keepLogs?: number): Promise<number> {
      return write((change, queue) => notes.addLog(change, queue, jobId, logRow, keepLogs));
    },

    clearLogs(jobId: string, keepLogs?: number): Promise<void> {
      return write((change, queue) => notes.clearLogs(change, queue, jobId, keepLogs));
    },

    getJobLogs(
      jobId: string,
      start: number,
      end: number,
      asc: boolean,
    ): Promise<{ logs: string[]; count: number }> {
      return read((sql, queue) => notes.getLogs(sql, queue, jobId, start, end, asc));
    },
  } satisfies Partial<Bull.IQueueBackend>;
}

function removingMembers({ write }: QueueAccess) {
  return {
    remove(jobId: string, removeChildren: boolean): Promise<number> {
      return write((change, queue) => removal.removeJob(change, queue, jobId, removeChildren));
    },

    removeUnprocessedChildren(jobId: string): Promise<void> {
      return write((change, queue) => removal.removeUnprocessedChildren(change, queue, jobId));
    },

    removeChildDependency(jobId: string, parentKey: string): Promise<boolean> {
      return write((change, queue) => removeChildDependency(change, queue, jobId, parentKey));
    },

    cleanJobsByState(state: string, timestamp: number, limit = 0): Promise<string[]> {
      const number = stateNumber(state);
      if (number === undefined) return Promise.resolve([]);
      return write((change, queue) => removal.cleanJobs(change, queue, number, timestamp, limit));
    },

    drain(delayed: boolean): Promise<void> {
      return write((change, queue) => removal.drain(change, queue, delayed));
    },

    obliterate(opts: { force: boolean; count: number }): Promise<number> {
      return write((change, queue) => removal.obliterate(change, queue, opts));
    },

    /** A job is one row, so that none can be left without its state. */
    async removeOrphanedJobs(): Promise<number> {
      return 0;
    },

    removeDeduplicationKey(deduplicationId: string, jobId: string): Promise<number> {
      return write((change, queue) => dropKey(change, queue, deduplicationId, jobId));
    },

    deleteDeduplicationKey(deduplicationId: string): Promise<number> {
      return write((change, queue) => dropKey(change, queue, deduplicationId));
    },
  } satisfies Partial<Bull.IQueueBackend>;
}

function schedulerMembers({ read, write }: QueueAccess) {
  return {
    addJobScheduler(
      ...[id, nextMs, data, template, repeat, run]: Parameters<Bull.IQueueBackend["addJobScheduler"]>
    ): Promise<[string, number]> {
      const wanted = { id, nextMs, data, template, repeat, run };
      return write((change, queue) => schedulers.upsertScheduler(change, queue, wanted));
    },

    updateJobSchedulerNextMillis(
      ...[id, nextMs, , run, producer]: Parameters<Bull.IQueueBackend["updateJobSchedulerNextMillis"]>
    ): Promise<string | null> {
      return write((change, queue) => schedulers.advanceScheduler(change, queue, id, nextMs, run, producer));
    },

    removeJobScheduler(id: string): Promise<number> {
      return write((change, queue) => schedulers.removeScheduler(change, queue, id));
    },

    getJobScheduler(id: string): Promise<[string[] | null, string | null]> {
      return read((sql, queue) => {
        const found = schedulers.findScheduler(sql, queue, id);
        return found === undefined ? [null, null] : [Object.entries(found.fields).flat(), String(found.next)];
      });
    },

    isJobScheduler(id: string): Promise<boolean> {
      return read((sql, queue) => schedulers.findScheduler(sql, queue, id) !== undefined);
    },

    getJobSchedulerData(key: string): Promise<Record<string, string>> {
      return read((sql, queue) => schedulers.findScheduler(sql, queue, key)?.fields ?? {});
    },

    getJobSchedulersRange(start: number, end: number, asc: boolean): Promise<string[]> {
      return read((sql, queue) => schedulers.listSchedulers(sql, queue, start, end, asc));
    },

    getJobSchedulersCount(): Promise<number> {
      return read(schedulers.countSchedulers);
    },
  } satisfies Partial<Bull.IQueueBackend>;
}

function settingMembers({ store, qualifiedName, read, write }: QueueAccess) {
  return {
    pause(pause: boolean): Promise<void> {
      return write((change, queue) => setPaused(change, queue, pause));
    },

    isMaxed(): Promise<boolean> {
      return read((_sql, queue) => queue !== undefined && isMaxed(queue));
    },

    async setQueueMeta(values: Record<string, string | number>): Promise<number> {
      // Every queue object sets its defaults; only the first one has to write.
      const before = store.peek((sql) => readMeta(readQueue(sql, qualifiedName)));
      if (Object.entries(values).every(([field, value]) => before[field] === String(value))) return 0;
      return write((_change, queue) => setMeta(queue, values));
    },

    getQueueMeta(): Promise<Record<string, string>> {
      return read((_sql, queue) => readMeta(queue));
    },

    getQueueMetaField(field: string): Promise<string | null> {
      return read((_sql, queue) => readMeta(queue)[field] ?? null);
    },

    getQueueMetaFields(fields: string[]): Promise<(string | null)[]> {
      return read((_sql, queue) => fields.map((field) => readMeta(queue)[field] ?? null));
    },

    hasQueueMetaField(field: string): Promise<boolean> {
      return read((_sql, queue) => readMeta(queue)[field] !== undefined);
    },

    removeQueueMetaFields(fields: string[]): Promise<number> {
      return write((_change, queue) => removeMeta(queue, fields));
    },
  } satisfies Partial<Bull.IQueueBackend>;
}

function limitMembers({ read, write }: QueueAccess) {
  return {
    getRateLimitTtl(maxJobs?: number): Promise<number> {
      return read((_sql, queue) => {
        const left = queue === undefined ? 0 : limitLeft(queue, Date.now(), maxJobs ?? 0);
        return left > 0 || maxJobs !== undefined ? left : -2;
      });
    },

    setRateLimit(expireTimeMs: number): Promise<void> {
      return write((change, queue) => setLimit(queue, change.now + expireTimeMs));
    },

    removeRateLimitKey(): Promise<number> {
      return write((change, queue) => {
        const removed = queue.limitUntil > change.now ? 1 : 0;
        queue.limitUntil = 0;
        return removed;
      });
    },

    /** There never was one here. */
    async removeDeprecatedPriorityKey(): Promise<number> {
      return 0;
    },

    trimEvents(maxLength: number): Promise<number> {
      return write((change, queue) => trimEvents(change, queue, maxLength));
    },

    /** Events are kept as the queue's settings say, whoever publishes them. */
    publishEvent(fields: Record<string, string | number>): Promise<string> {
      return write((change, queue) => publishEvent(change, queue, fields));
    },
  } satisfies Partial<Bull.IQueueBackend>;
}

export function adminMembers(access: QueueAccess) {
  return {
    ...changingMembers(access),
    ...removingMembers(access),
    ...schedulerMembers(access),
    ...settingMembers(access),
    ...limitMembers(access),
  };
}
