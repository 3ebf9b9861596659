/** The way in: one queue file as a connection for BullMQ's classes and as the registry of its workers. */
import type { BackendFactory, ConnectionOptions, IQueueBackend } from "bullmq";
import type { WorkerRegistry } from "../../worker-registry.ts";
import { createQueueBackend } from "./backend.ts";
import type { BackendOptions } from "./queue-access.ts";
import { SqliteWorkerRegistry } from "./registry.ts";
import { closedError, openStore, type QueueStore } from "./store.ts";

export interface SqliteBackendOptions {
  /** `full` (the default): an accepted job survives a power cut; `normal`: only a crash of the process. */
  readonly durability?: "full" | "normal";
}

export interface SqliteBackend {
  /** BullMQ insists on one; the file is known to `backend`. */
  readonly connection: ConnectionOptions;
  readonly backend: BackendFactory<IQueueBackend, ConnectionOptions>;
  readonly workers: WorkerRegistry;
  /** After the queues and workers that use it; idempotent. */
  close(): Promise<void>;
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
      heartbeat: async (id) => new SqliteWorkerRegistry(use()).heartbeat(id),
      withdraw: async (id) => new SqliteWorkerRegistry(use()).withdraw(id),
      alive: async () => new SqliteWorkerRegistry(use()).alive(),
    },
    async close() {
      if (closed) return;
      closed = true;
      await store?.close();
    },
  };
}
