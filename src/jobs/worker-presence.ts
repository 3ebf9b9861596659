/**
 * Tells that workers come and go, as events, and removes the control queues of those that died: each worker leaves an
 * entry in a queue that nobody processes, and all living ones look after the entries of the others.
 */
import { QueueEventsProducer } from "./bullmq.ts";
import { openQueue, type QueueConnection, type QueueOf, taskQueueName } from "./connection.ts";
import { openCommandQueue } from "./control-protocol.ts";
import type { WorkerRegistry } from "./worker-registry.ts";

export interface WorkerPresence {
  /** The worker is going: tells so, and removes its control queue. */
  close(): Promise<void>;
}

export interface PresenceOptions {
  readonly connection: QueueConnection;
  readonly registry: WorkerRegistry;
  readonly worker: { readonly id: string; readonly name: string };
  readonly log: (level: "warn", line: string) => void;
}

type Entry = { readonly name: string };
type EntryQueue = QueueOf<Entry>;

export const presenceQueueName = "worker-presence";

/** A worker counts as dead after 15 s, so nobody waits much longer for the news. */
const lookMs = 10_000;
/** As many events as the tasks queue itself keeps. */
const keptEvents = 10_000;

/** Call it when the worker is in the registry. */
export async function openPresence(options: PresenceOptions): Promise<WorkerPresence> {
  const { connection, worker, log } = options;
  const entries: EntryQueue = openQueue(presenceQueueName, connection);
  const events = new QueueEventsProducer(
    taskQueueName,
    { connection: connection.connection },
    connection.backend,
  );
  events.on("error", () => {});
  const tell = (type: "online" | "offline", { id, name }: PresenceOptions["worker"]) =>
    events.publishEvent({ eventName: `worker-${type}`, id, name }, keptEvents);
  const look = async () => {
    // It was taken for dead, as it was stopped for so long.
    if ((await entries.getJob(worker.id)) === undefined) {
      await entries.add("worker", { name: worker.name }, { jobId: worker.id });
      await tell("online", worker);
    }
    for (const dead of await findDead(entries, options.registry))
      if (await removeTraces(dead.id, entries, connection)) await tell("offline", dead);
  };
  await look();
  const beat = startBeat(() =>
    look().catch((error: unknown) => log("warn", `workers that come and go: ${String(error)}`)),
  );
  return {
    async close() {
      await beat.stop();
      if (await removeTraces(worker.id, entries, connection)) await tell("offline", worker);
      await Promise.all([entries.close(), events.close()]);
    },
  };
}

async function findDead(entries: EntryQueue, registry: WorkerRegistry) {
  // In this order: an entry that is made in between belongs to a worker that was in the registry before.
  const known = await entries.getJobs(["waiting"], 0, -1);
  const alive = new Set((await registry.alive()).map(({ id }) => id));
  return known.flatMap((job) =>
    job?.id === undefined || alive.has(job.id) ? [] : [{ id: job.id, name: job.data.name }],
  );
}

/** True for who removed the entry: one process, or seldom two that did it in the same moment. */
async function removeTraces(id: string, entries: EntryQueue, through: QueueConnection): Promise<boolean> {
  const queue = openCommandQueue(id, through);
  try {
    await queue.obliterate({ force: true });
  } catch (error) {
    // Another worker has removed it since this one paused it, as one has to before.
    if (!/non-paused/.test(String(error))) throw error;
  } finally {
    await queue.close();
  }
  // On some stores one that is missing counts as removed.
  return (await entries.getJob(id)) !== undefined && (await entries.remove(id)) === 1;
}

/** Looks again and again, the next time a while after the last one has ended. */
function startBeat(look: () => Promise<void>): { stop(): Promise<void> } {
  let running = Promise.resolve();
  let timer: NodeJS.Timeout;
  const wait = () => {
    timer = setTimeout(() => {
      running = look().then(wait);
    }, lookMs);
    timer.unref();
  };
  wait();
  return {
    async stop() {
      clearTimeout(timer);
      await running;
      clearTimeout(timer);
    },
  };
}
