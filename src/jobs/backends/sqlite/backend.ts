/** BullMQ's queue backend over the queue file: its life, and members from the files beside this one. */
import type { IQueueBackend } from "bullmq";
import { adminMembers } from "./admin-members.ts";
import { accessQueue, type BackendOptions } from "./queue-access.ts";
import { type BackendKind, QueueLife } from "./queue-life.ts";
import { readMembers } from "./read-members.ts";
import type { QueueStore } from "./store.ts";
import { workMembers } from "./work-members.ts";

const defaultPrefix = "bull";

export function createQueueBackend(
  store: QueueStore,
  name: string,
  opts: BackendOptions,
  kind: BackendKind,
): IQueueBackend {
  const access = accessQueue(store, `${opts.prefix ?? defaultPrefix}:${name}`, opts);
  // A flow asks for the queue of each of its nodes, of which there may be thousands.
  const siblings = new Map<string, IQueueBackend>();
  const forQueue = (queueName: string, prefix = opts.prefix) => {
    const key = JSON.stringify([prefix, queueName]);
    const known = siblings.get(key) ?? createQueueBackend(store, queueName, { prefix }, "producer");
    siblings.set(key, known);
    return known;
  };
  return Object.assign(
    new QueueLife(access, name, kind),
    workMembers(access),
    adminMembers(access),
    readMembers(access),
    { forQueue },
  );
}
