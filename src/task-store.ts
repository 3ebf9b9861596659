/** Opens the task store that a URL names: the jobs, and the registry of the workers that serve them. */
import { openPostgresStore } from "./jobs/backends/postgres.ts";
import { openRedisStore } from "./jobs/backends/redis.ts";
import { openSqliteBackend } from "./jobs/backends/sqlite/open.ts";
import type { JobStore } from "./jobs/job-store.ts";
import type { WorkerRegistry } from "./jobs/worker-registry.ts";
import { openWorkerRoll } from "./jobs/worker-roll.ts";
import { taskFileOf } from "./task-file.ts";

export interface TaskStore extends JobStore {
  readonly workers: WorkerRegistry;
}

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
