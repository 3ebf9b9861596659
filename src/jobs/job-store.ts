/** The port to a queue store: what BullMQ's classes connect through. One implementation a folder or file of backends/. */
import type { BackendFactory, ConnectionOptions, IQueueBackend } from "bullmq";

/** Chosen by the composition root; nothing in this folder knows which store it is. */
export interface QueueConnection {
  readonly connection: ConnectionOptions;
  readonly backend: BackendFactory<IQueueBackend, ConnectionOptions>;
  /**
   * Where a job or an event may appear after others that have larger numbers: resolves once none can appear any more
   * before those that are there at the call. Rejects when the store does not answer.
   */
  readonly settle?: () => Promise<void>;
}

export interface JobStore extends QueueConnection {
  /**
   * Looks whether the store can be trusted with tasks, and answers with warnings for people. Throws `unavailable` when
   * it does not answer, `forbidden` for wrong credentials, `conflict` for a newer format or settings that lose jobs.
   */
  check(): Promise<readonly string[]>;
  /** After the queues and workers that use it; idempotent. */
  close(): Promise<void>;
}
