/**
 * BullMQ's classes that a worker needs, loaded as CommonJS: `import` would first search all of its files for the names
 * that they export, which takes 0.17 s.
 */
import { createRequire } from "node:module";

const bullmq = createRequire(import.meta.url)("bullmq") as typeof import("bullmq");

export const {
  isNotConnectionError,
  QueueEventsProducer,
  UnrecoverableError,
  WaitingChildrenError,
  WaitingError,
  Worker,
} = bullmq;
