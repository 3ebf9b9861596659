/** The members of a queue backend that only read. */
import type * as Bull from "bullmq";
import { readQueue } from "./change.ts";
import * as getters from "./getters.ts";
import { readMetrics } from "./metrics.ts";
import type { QueueAccess } from "./queue-access.ts";

function jobMembers({ qualifiedName, read }: QueueAccess) {
  return {
    getState(jobId: string): Promise<Bull.JobState | "unknown"> {
      return read((sql, queue) => getters.getState(sql, queue, jobId) as Bull.JobState | "unknown");
    },

    async isFinished(jobId: string, returnValue = false): Promise<number | [number, string]> {
      const found = await read((sql, queue) => getters.isFinished(sql, queue, qualifiedName, jobId));
      return returnValue ? (found as [number, string]) : found[0];
    },

    isJobInState(state: string, jobId: string): Promise<boolean> {
      return read((sql, queue) => getters.isJobInState(sql, queue, state, jobId));
    },

    getJobData(jobId: string): Promise<Bull.JobJson | undefined> {
      return read((sql, queue) => getters.getJobData(sql, queue, jobId));
    },

    getCounts(types: Bull.JobType[], delayedTimestamp?: number): Promise<number[]> {
      return read((sql, queue) => getters.getCounts(sql, queue, types, delayedTimestamp));
    },

    getCountsPerPriority(priorities: number[]): Promise<number[]> {
      return read((sql, queue) => getters.getCountsPerPriority(sql, queue, priorities));
    },

    getRanges(types: Bull.JobType[], start = 0, end = 1, asc = false): Promise<[string][]> {
      return read((sql, queue) => getters.getRanges(sql, queue, types, start, end, asc) as [string][]);
    },
  } satisfies Partial<Bull.IQueueBackend>;
}

function familyMembers({ read }: QueueAccess) {
  return {
    getDependencyCounts(jobId: string, types: string[]): Promise<number[]> {
      return read((sql, queue) => getters.getDependencyCounts(sql, queue, jobId, types));
    },

    getDependencies(jobId: string, opts: Bull.DependenciesOpts): Promise<Record<string, never>> {
      return read((sql, queue) => getters.getDependencies(sql, queue, jobId, opts) as Record<string, never>);
    },

    getProcessedChildrenValues(jobId: string): Promise<Record<string, string>> {
      return read((sql, queue) => getters.getChildValues(sql, queue, jobId, "processed"));
    },

    getIgnoredChildrenFailures(jobId: string): Promise<Record<string, string>> {
      return read((sql, queue) => getters.getChildValues(sql, queue, jobId, "ignored"));
    },

    paginate(key: string, opts: { start: number; end: number; fetchJobs?: boolean }): Promise<getters.Page> {
      return read((sql, queue) => getters.paginate(sql, queue, key, opts, (name) => readQueue(sql, name)));
    },

    getMetrics(type: "completed" | "failed", start = 0, end = -1): Promise<[string[], string[], number]> {
      return read((sql, queue) => readMetrics(sql, queue, type, start, end));
    },

    getDeduplicationJobId(deduplicationId: string): Promise<string | null> {
      return read((sql, queue) => getters.findKeyHolder(sql, queue, deduplicationId));
    },
  } satisfies Partial<Bull.IQueueBackend>;
}

export function readMembers(access: QueueAccess) {
  return { ...jobMembers(access), ...familyMembers(access) };
}
