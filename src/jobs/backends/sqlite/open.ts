/** The way in: one queue file as a connection for BullMQ's classes and as the registry of its workers. */
import type { JobStore } from "../../job-store.ts";
import type { WorkerRegistry } from "../../worker-registry.ts";
import { createQueueBackend } from "./backend.ts";
import type { BackendOptions } from "./queue-access.ts";
import { SqliteWorkerRegistry } from "./registry.ts";
import { closedError, openStore, type QueueStore } from "./store.ts";

export interface SqliteBackendOptions {
  /** `full` (the default): an accepted job survives a power cut; `normal`: only a crash of the process. */
  readonly durability?: "full" | "normal";
}

export interface SqliteBackend extends JobStore {
  readonly workers: WorkerRegistry;
}

/**
 * The file is opened at the first use, which may throw `conflict` (a newer format), `corrupt`, `forbidden` or
 * `exhausted`. Use: `new Queue(name, { connection }, backend)`.
 */
export function openSqliteBackend(path: string, options: SqliteBackendOptions = {}): SqliteBackend {
  let store: QueueStore | undefined;
  let closed = false;
  const use = () => {
    if (closed) throw closedError();
    store ??= openStore(path, { durability: options.durability ?? "full" });
    return store;
  };
  return {
    connection: {},
    backend: (name, opts, kind = {}) =>
      createQueueBackend(
        use(),
        name,
        opts as BackendOptions,
        kind.withBlockingConnection ? "worker" : kind.blocking ? "reader" : "producer",
      ),
    workers: {
      announce: async (worker) => new SqliteWorkerRegistry(use()).announce(worker),
      heartbeat: async (id, info) => new SqliteWorkerRegistry(use()).heartbeat(id, info),
      withdraw: async (id) => new SqliteWorkerRegistry(use()).withdraw(id),
      alive: async () => new SqliteWorkerRegistry(use()).alive(),
    },
    async check() {
      use();
      return [];
    },
    async close() {
      if (closed) return;
      closed = true;
      await store?.close();
    },
  };
}
