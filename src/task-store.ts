/** Opens the task store that a URL names: the jobs, and the registry of the workers that serve them. */
import { join } from "node:path";
import { openPostgresStore } from "./jobs/backends/postgres.ts";
import { openRedisStore } from "./jobs/backends/redis.ts";
import { openSqliteBackend } from "./jobs/backends/sqlite/open.ts";
import type { JobStore } from "./jobs/job-store.ts";
import type { WorkerRegistry } from "./jobs/worker-registry.ts";
import { openWorkerRoll } from "./jobs/worker-roll.ts";

export interface TaskStore extends JobStore {
  readonly workers: WorkerRegistry;
}

/** The file behind `sqlite:`, which may name another one than that of the data folder. */
export const taskFileOf = (url: string, home: string): string | undefined =>
  url.startsWith("sqlite:") ? url.slice("sqlite:".length) || join(home, "tasks.db") : undefined;

/** Nothing is opened before its first use. Throws `invalid_argument` for a URL that is none. */
export function openTaskStore(url: string, home: string): TaskStore {
  const file = taskFileOf(url, home);
  if (file !== undefined) return openSqliteBackend(file);
  const store = /^rediss?:/.test(url) ? openRedisStore(url) : openPostgresStore(url);
  const workers = openWorkerRoll(store);
  const close = async () => {
    await workers.close();
    await store.close();
  };
  return { ...store, workers, close };
}
