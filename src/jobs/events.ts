/**
 * What happens to tasks and workers, as a stream with cursors that outlive a connection. It is the tasks queue's own
 * event stream, of which the store keeps about the newest 10,000 entries; on PostgreSQL those among the newest 10,000
 * of all queues, as their events are numbered together.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { CambiumError } from "../errors.ts";
import { type JobQueue, loadQueueEvents, type QueueConnection, taskQueueName } from "./connection.ts";
import { shownProgress } from "./progress.ts";
import { readReason } from "./reason.ts";
import type { Json } from "./task.ts";
import { readTaskId } from "./task-id.ts";

export interface EventOptions {
  /** The cursor of the last event that was seen; without one, what happens from now on. */
  readonly since?: string;
  /** Ends the stream. */
  readonly signal?: AbortSignal;
}

export interface ClockEvent {
  readonly cursor: string;
  /**
   * `task-added`, `task-waiting`, `task-delayed`, `task-started`, `task-progress`, `task-waiting-parts`,
   * `task-succeeded`, `task-failed`, `task-revoked`, `task-removed`; `worker-online`, `worker-offline`; `listening`
   * first of all without a cursor; `lost` first of all if events after the cursor are no longer kept.
   */
  readonly type: string;
  readonly taskId: string | null;
  /** ISO 8601; when it was read, where the store does not tell. */
  readonly at: string;
  readonly data: { readonly [name: string]: Json };
}

export interface EventSource {
  readonly connection: QueueConnection;
  readonly tenant: string;
}

/** What BullMQ itself does not tell on every store: a task whose job is taken away. */
export async function tellRemoval(
  tasks: JobQueue,
  event: "revoked" | "purged",
  taskId: string,
): Promise<void> {
  await tasks.getBackend().publishEvent({ event, jobId: taskId }, keptEvents);
}

type Fields = Readonly<Record<string, string>>;
interface Entry {
  readonly id: string;
  readonly fields: Fields;
}

const keptEvents = 10_000;
/** Also how late the end of the signal is seen by a store that cannot be woken. */
const blockMs = 5000;
/** One read of what is there already; BullMQ's stores take 0 for ever. */
const probeMs = 10;
const manyEntries = 2000;

export async function* readEvents(source: EventSource, options: EventOptions): AsyncGenerator<ClockEvent> {
  const { signal, since } = options;
  const isOver = () => signal?.aborted === true;
  if (isOver()) return;
  const stream = openStream(source.connection);
  const stop = () => void stream.close();
  signal?.addEventListener("abort", stop);
  try {
    let cursor = since ?? (await stream.mark());
    if (since === undefined) yield event(cursor, "listening", null);
    else if (!(await stream.has(since))) yield event(since, "lost", null);
    while (!isOver()) {
      for (const entry of await readSettled(stream, cursor)) {
        cursor = entry.id;
        const told = tell(entry, source);
        if (told !== undefined) yield told;
        if (isOver()) return;
      }
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    await stream.close();
  }
}

type Read = (after: string, waitMs: number) => Promise<Entry[]>;

/** What follows the cursor; where numbers can appear late, only once those before it must be there. */
async function readSettled({ read, settle }: EventStream, after: string): Promise<Entry[]> {
  const first = await read(after, blockMs);
  if (settle === undefined || first.length === 0) return first;
  const last = (await readOn(read, first)).at(-1)?.id ?? "";
  if (!(await settle())) return [];
  const settled = await readOn(read, await read(after, probeMs));
  return settled.filter(({ id }) => BigInt(id) <= BigInt(last));
}

/** The pages behind a first one. */
async function readOn(read: Read, first: Entry[]): Promise<Entry[]> {
  const entries = [...first];
  for (let page = first; page.length > 0 && entries.length < manyEntries; ) {
    page = await read(entries.at(-1)?.id ?? "", probeMs);
    entries.push(...page);
  }
  return entries;
}

const event = (
  cursor: string,
  type: string,
  taskId: string | null,
  data: ClockEvent["data"] = {},
): ClockEvent => {
  const [time, number] = cursor.split("-");
  const at = new Date(number === undefined ? Date.now() : Number(time)).toISOString();
  return { cursor, type, taskId, at, data };
};

const taskTypes: Readonly<Record<string, string>> = {
  added: "task-added",
  waiting: "task-waiting",
  delayed: "task-delayed",
  active: "task-started",
  progress: "task-progress",
  "waiting-children": "task-waiting-parts",
  completed: "task-succeeded",
  failed: "task-failed",
  revoked: "task-revoked",
  purged: "task-removed",
};

function tell({ id, fields }: Entry, { tenant }: EventSource): ClockEvent | undefined {
  const { event: name = "", jobId, ...data } = fields;
  if (name.startsWith("worker-")) return tenant === "" ? event(id, name, null, data) : undefined;
  const type = taskTypes[name];
  const owner = jobId === undefined ? undefined : readTaskId(jobId);
  if (type === undefined || owner === undefined || owner.isPart || owner.tenant !== tenant) return undefined;
  const { taskId } = owner;
  if (name === "progress") return event(id, type, taskId, { progress: readProgress(fields) });
  if (name === "failed") {
    const error = readReason(fields["failedReason"]);
    return event(id, error.code === "cancelled" ? "task-revoked" : type, taskId, { error: { ...error } });
  }
  return event(id, type, taskId);
}

function readProgress(fields: Fields): Json {
  try {
    const progress = shownProgress(JSON.parse(fields["data"] ?? "null"));
    return progress === null ? null : { ...progress };
  } catch {
    return null;
  }
}

type EventStream = ReturnType<typeof openStream>;

function openStream(through: QueueConnection) {
  const { QueueEvents } = loadQueueEvents();
  const options = { connection: through.connection, autorun: false };
  const events = new QueueEvents(taskQueueName, options, through.backend);
  events.on("error", () => {});
  let closing: Promise<void> | undefined;
  /** A store that has gone comes back; the cursor waits for it. Undefined meanwhile, and once the stream is closing. */
  const outlast = async <T>(ask: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await ask();
    } catch (error) {
      if (closing !== undefined) return undefined;
      await sleep(1000);
      if (closing !== undefined) return undefined;
      if (!isOutage(error)) throw error;
      return undefined;
    }
  };
  const read = async (after: string, waitMs: number): Promise<Entry[]> => {
    const answer = await outlast(() => events.getBackend().readEvents(after, waitMs));
    return (answer?.[0]?.[1] ?? []).map(([id, list]) => ({ id, fields: readFields(list) }));
  };
  const { settle } = through;
  return {
    read,
    /** Whether the store has settled; undefined where it need not. */
    settle: settle && (async () => (await outlast(() => settle().then(() => true))) === true),
    /** An entry of our own, so that its id is a place in the stream on every store. */
    mark: () => events.getBackend().publishEvent({ event: "listening" }, keptEvents),
    async has(id: string) {
      // A store that answers late, or was away for a moment, seems to have nothing.
      for (let turn = 0; turn < 3; turn += 1) {
        const [first] = await read(before(id), probeMs);
        if (first !== undefined) return first.id === id;
      }
      return false;
    },
    close: () => {
      closing ??= events.close();
      return closing;
    },
  };
}

function readFields(list: readonly string[]): Fields {
  const fields: Record<string, string> = {};
  for (let index = 0; index + 1 < list.length; index += 2) fields[list[index] ?? ""] = list[index + 1] ?? "";
  return fields;
}

const isOutage = (error: unknown) => !(error instanceof CambiumError) || error.code === "unavailable";

/** Cursors are a store's own: `<ms>-<number>`, or a number alone. Throws `invalid_argument`. */
export function checkCursor(cursor: string): void {
  if (/^\d{1,19}(-\d{1,20})?$/.test(cursor)) return;
  throw new CambiumError(
    "invalid_argument",
    `The cursor ${JSON.stringify(cursor.slice(0, 60))} is none of ours. Use one from an event, or leave it out.`,
  );
}

const lastOfMillisecond = "18446744073709551615";

/** The largest cursor before this one. */
function before(cursor: string): string {
  const [time = "0", number] = cursor.split("-");
  if (number === undefined) return String(BigInt(time) - 1n);
  if (BigInt(number) > 0n) return `${time}-${BigInt(number) - 1n}`;
  if (BigInt(time) === 0n) return "0-0";
  return `${BigInt(time) - 1n}-${lastOfMillisecond}`;
}
