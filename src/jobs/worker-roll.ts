/**
 * The registry of workers on stores that have none of their own: one job for each in a queue that nobody processes.
 * What only one may hold, a name or the place of the detached worker, is a deduplication id, which the store gives to
 * one job at a time.
 */
import type { Job } from "bullmq";
import { openQueue, type QueueConnection, type QueueOf } from "./connection.ts";
import { isDead, ownIdentity, ownOwner, parseOwner } from "./process-identity.ts";
import type { JsonObject } from "./task.ts";
import { takenName, type WorkerRecord, type WorkerRegistry } from "./worker-registry.ts";

interface Entry extends Omit<WorkerRecord, "id"> {
  readonly owner: string;
}

type RollQueue = QueueOf<Entry>;
type StoredEntry = Job<Entry, null, string>;
type Newcomer = Parameters<WorkerRegistry["announce"]>[0];

export interface WorkerRoll extends WorkerRegistry {
  close(): Promise<void>;
}

const silentAfterMs = 15_000;
const placePrefix = "place-";

/** Opens nothing before its first use. Close it before the store. */
export function openWorkerRoll(through: QueueConnection): WorkerRoll {
  let queue: RollQueue | undefined;
  const use = () => {
    queue ??= openQueue<Entry>("workers", through);
    return queue;
  };
  return {
    announce: async (worker) => announce(use(), worker),
    heartbeat: async (id, info) => heartbeat(use(), id, info),
    withdraw: async (id) => withdraw(use(), id),
    alive: async () => (await readEntries(use())).filter(isAlive).map(recordOf),
    close: async () => queue?.close(),
  };
}

/** Oldest first; without the places that are held beside the entries. */
async function readEntries(queue: RollQueue): Promise<StoredEntry[]> {
  const jobs = (await queue.getJobs(["waiting"], 0, -1, true)) as (StoredEntry | undefined)[];
  const entries = jobs.filter((job) => job !== undefined && job.id?.startsWith(placePrefix) === false);
  return (entries as StoredEntry[]).sort((a, b) => a.data.startedAt - b.data.startedAt);
}

const isAlive = ({ data }: StoredEntry) =>
  data.heartbeatAt > Date.now() - silentAfterMs && !isDead(parseOwner(data.owner));

function recordOf({ id, data: { owner: _owner, ...entry } }: StoredEntry): WorkerRecord {
  return { id: String(id), ...entry };
}

async function announce(queue: RollQueue, worker: Newcomer): Promise<boolean> {
  for (const entry of await readEntries(queue)) {
    if (entry.id !== worker.id && !isAlive(entry)) await withdraw(queue, String(entry.id));
  }
  const known = await queue.getJob(worker.id);
  const now = Date.now();
  const { host, pid } = ownIdentity;
  const times = { startedAt: known?.data.startedAt ?? now, heartbeatAt: now };
  const entry: Entry = { kind: worker.kind, host, pid, owner: ownOwner, ...times, info: worker.info };
  if (worker.kind === "detached" && !(await takePlace(queue, worker.id, entry))) return false;
  const name = String(worker.info["name"] ?? worker.id);
  const holder = await take(queue, worker.id, `name ${name}`, entry);
  if (holder === undefined) return true;
  await withdraw(queue, worker.id);
  throw takenName(name, holder.data);
}

/** The place of the only detached worker of this store. */
async function takePlace(queue: RollQueue, id: string, entry: Entry): Promise<boolean> {
  const holder = await take(queue, placePrefix + id, "detached", entry);
  if (holder === undefined) return true;
  const holderId = String(holder.id).slice(placePrefix.length);
  const worker = await queue.getJob(holderId);
  // Its entry follows a moment after its place.
  if (isAlive(worker ?? holder)) return false;
  await withdraw(queue, holderId);
  return takePlace(queue, id, entry);
}

/** The job that holds what was asked for, unless it is now this one. */
async function take(
  queue: RollQueue,
  id: string,
  what: string,
  entry: Entry,
): Promise<StoredEntry | undefined> {
  const job = await queue.add(entry.kind, entry, { jobId: id, deduplication: { id: what } });
  if (String(job.id) !== id) {
    const holder = await queue.getJob(String(job.id));
    return holder ?? take(queue, id, what, entry);
  }
  // An id that was there already keeps its data.
  await job.updateData(entry);
  return undefined;
}

async function heartbeat(queue: RollQueue, id: string, info?: JsonObject): Promise<boolean> {
  const entry = await queue.getJob(id);
  if (entry === undefined || entry.data.owner !== ownOwner) return false;
  const told = { ...entry.data, heartbeatAt: Date.now(), ...(info === undefined ? {} : { info }) };
  try {
    await entry.updateData(told);
    return true;
  } catch (error) {
    if ((await queue.getJob(id)) === undefined) return false;
    throw error;
  }
}

/** Only what this id holds goes: a place or a name that another one has taken since stays with it. */
async function withdraw(queue: RollQueue, id: string): Promise<void> {
  await queue.remove(id);
  await queue.remove(placePrefix + id);
}
