/** The front behind `openTaskFront`: tasks as jobs of one BullMQ queue, opened at the first use. */
import { CambiumError } from "../errors.ts";
import { addOrJoin } from "./add-or-join.ts";
import { type Canvas, canvasKind } from "./canvas.ts";
import {
  type JobQueue,
  openJobQueue,
  type QueueConnection,
  type StoredJob,
  taskQueueName,
} from "./connection.ts";
import { type DeadLetters, openDeadLetters } from "./dead-letters.ts";
import { type ClockEvent, checkCursor, type EventOptions, readEvents, tellRemoval } from "./events.ts";
import { FollowUps } from "./follow-ups.ts";
import { shownPriority } from "./priority.ts";
import type { ClockFront, EnqueueRequest, SubmitOptions, TaskFront } from "./queue.ts";
import { type RevocationOptions, Revocations } from "./revocations.ts";
import { openSchedules, type Schedules } from "./schedules.ts";
import { canonical, openWithoutKeys, type Sealer } from "./seal.ts";
import type { JobState } from "./states.ts";
import {
  type Json,
  type KindSpec,
  type TaskRecord,
  type TaskState,
  taskStates,
  terminalStates,
  unknownTask,
} from "./task.ts";
import { type EntryContext, makeEntry } from "./task-entry.ts";
import { derivedTaskId, newTaskId, readTaskId } from "./task-id.ts";
import { TaskReader } from "./task-reader.ts";
import { readTenant, TenantLimit, type TenantLimits } from "./tenant-limit.ts";
import { type TaskChanges, waitForTask, watchTasks } from "./wait.ts";

export interface FrontOptions {
  readonly connection: QueueConnection;
  readonly kinds: readonly KindSpec[];
  /** Signs what is enqueued and reads encrypted results; without it nothing is signed. */
  readonly sealer?: Sealer;
  /** Sees, joins and steers only the tasks of this tenant; by default those without one. */
  readonly tenant?: string;
  readonly tenantLimits?: TenantLimits;
  /** Called while somebody looks at an unfinished task, about once a second: the place to start a worker. */
  readonly onUnserved?: () => Promise<void>;
  /**
   * Why no unfinished task can go on at the moment, where that can be seen from outside: on a full disk the worker
   * cannot write it down itself.
   */
  readonly obstacle?: () => string | undefined | Promise<string | undefined>;
}

interface Opened {
  readonly tasks: JobQueue;
  readonly revocations: Revocations;
  readonly followUps: FollowUps;
  readonly reader: TaskReader;
  readonly limit: TenantLimit | undefined;
}

type Enqueued = Awaited<ReturnType<TaskFront["enqueue"]>>;

export class BullTaskFront implements ClockFront {
  readonly schedules: Schedules;
  readonly deadLetters: DeadLetters;
  readonly #options: FrontOptions;
  readonly #context: EntryContext;
  #opened: Opened | undefined;
  #changes: TaskChanges | undefined;
  #asking: Promise<void> | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(options: FrontOptions) {
    this.#options = options;
    this.#context = {
      kinds: [...options.kinds, canvasKind],
      sealer: options.sealer ?? openWithoutKeys,
      tenant: readTenant(options.tenant),
    };
    this.schedules = openSchedules(() => this.#open().tasks, this.#context, options.connection);
    this.deadLetters = openDeadLetters(() => ({
      ...this.#open(),
      addAgain: (job) => this.#addAgain(job),
    }));
  }

  enqueue(request: EnqueueRequest): Promise<Enqueued> {
    return this.#add(request, newTaskId(this.#context.tenant));
  }

  submit(canvas: Canvas, options: SubmitOptions = {}): Promise<Enqueued> {
    return this.enqueue({ ...options, kind: canvasKind.kind, args: { canvas: canvas as Json } });
  }

  async find(taskId: string): Promise<TaskRecord | undefined> {
    const found = await this.#open().reader.find(taskId);
    if (found !== undefined && !terminalStates.has(found.state)) await this.#serve();
    return found;
  }

  list(
    filter: { readonly states?: readonly TaskState[]; readonly limit?: number } = {},
  ): Promise<TaskRecord[]> {
    return this.#open().reader.list(new Set(filter.states ?? taskStates), Math.max(1, filter.limit ?? 50));
  }

  async wait(taskId: string, options: Parameters<TaskFront["wait"]>[1]): Promise<TaskRecord> {
    const { reader } = this.#open();
    const look = async () => reader.find(taskId).then((task) => task ?? unknownTask(taskId));
    const first = await look();
    if (terminalStates.has(first.state)) return first;
    this.#changes ??= watchTasks(this.#options.connection);
    return waitForTask(first, {
      ...options,
      look,
      changes: this.#changes,
      onBeat: () => this.#serve(),
    });
  }

  async cancel(
    taskId: string,
    { terminate = false }: { readonly terminate?: boolean } = {},
  ): Promise<TaskRecord> {
    const { tasks, revocations, reader, followUps } = this.#open();
    const task = await reader.find(taskId);
    if (task === undefined) return this.#cancelPart(taskId, terminate);
    if (terminalStates.has(task.state)) return task;
    const job = await reader.job(taskId);
    await revocations.add(task, { ...this.#owner(), terminate, ...keptOf(job) });
    if (job !== undefined) {
      // A cancelled task must not be joined; BullMQ would keep the key until the job has ended.
      await job.removeDeduplicationKey();
      await followUps.drop(job);
      if (await removeUnlessRunning(job)) await tellRemoval(tasks, "revoked", taskId);
    }
    const after = (await reader.find(taskId)) ?? unknownTask(taskId);
    if (after.state === "SUCCESS" || after.state === "FAILURE") await revocations.remove(taskId);
    return after;
  }

  async retry(taskId: string): Promise<TaskRecord> {
    const task = (await this.find(taskId)) ?? unknownTask(taskId);
    if (!terminalStates.has(task.state)) return task;
    if (task.state === "SUCCESS") {
      throw new CambiumError(
        "conflict",
        `Task ${taskId} has succeeded. Start a new task instead of a retry.`,
      );
    }
    const { revocations, reader } = this.#open();
    const job = await reader.job(taskId);
    if (job !== undefined) return (await this.enqueue(this.#requestOf(job))).task;
    const { carried, priority } = (await revocations.find(taskId, this.#context.tenant)) ?? {};
    const kept = { id: taskId, name: task.kind, data: { ...carried, args: task.args }, opts: { priority } };
    return (await this.enqueue(this.#requestOf(kept))).task;
  }

  events(options: EventOptions = {}): AsyncIterable<ClockEvent> {
    const { tenant } = this.#context;
    if (options.since !== undefined) checkCursor(options.since);
    return readEvents({ connection: this.#options.connection, tenant }, options);
  }

  async close(): Promise<void> {
    await this.#changes?.close();
    await this.#opened?.revocations.close();
    await this.#opened?.followUps.close();
    await this.#opened?.limit?.close();
    await this.#opened?.tasks.close();
  }

  async #add(request: EnqueueRequest, taskId: string): Promise<Enqueued> {
    const { tasks, reader, limit, followUps } = this.#open();
    const entry = makeEntry(request, taskId, this.#context);
    const joinKey = entry.opts.deduplication?.id;
    const mayJoin = async () =>
      joinKey !== undefined && (await tasks.getDeduplicationJobId(joinKey)) !== null;
    await limit?.take(taskId, mayJoin);
    const job = await addOrJoin(tasks, entry);
    if (job.id === taskId) {
      const state = (job.opts.delay ?? 0) > 0 ? "delayed" : "waiting";
      return { task: (await reader.shower())(reader.record(job, state)), joined: false };
    }
    await limit?.giveBack(taskId);
    const joined = await this.find(String(job.id));
    // It ended, or was cancelled and forgotten, between the two calls.
    if (joined === undefined || terminalStates.has(joined.state)) return this.#add(request, taskId);
    const isNew = joined.state === "PENDING" && canonical(joined.args) === canonical(request.args);
    if (request.whenRunning !== "again" || isNew) return { task: joined, joined: true };
    await followUps.put(entry);
    // Whoever takes up what follows may have looked before it stood there.
    const after = await reader.find(joined.task_id);
    if (after === undefined || terminalStates.has(after.state)) return this.#add(request, taskId);
    return { task: joined, joined: true };
  }

  /** Under an id that follows from the old one, so that doing it twice makes one task. */
  async #addAgain(job: StoredJob): Promise<TaskRecord> {
    const taskId = derivedTaskId(this.#context.tenant, "redrive", String(job.id));
    return (await this.#add(this.#requestOf(job), taskId)).task;
  }

  /**
   * The same once more, with fresh counters and no end date. Throws `forbidden` for what was not signed: to add it would
   * sign it.
   */
  #requestOf({ id, name, data, opts }: StoredTask): EnqueueRequest {
    this.#context.sealer.verify({ queue: taskQueueName, name, id: String(id) }, data);
    const { args, key } = data;
    const request = { kind: name, args, priority: shownPriority(opts.priority) };
    return key === undefined ? request : { ...request, deduplicationKey: key };
  }

  /** Its tombstone ends it when a worker claims or checks it; so its task goes on as after any failed part. */
  async #cancelPart(partId: string, terminate: boolean): Promise<TaskRecord> {
    const { revocations, reader } = this.#open();
    const { taskId = "", isPart = false } = readTaskId(partId) ?? {};
    if (!isPart || (await reader.job(taskId)) === undefined) return unknownTask(partId);
    for (const name of new Set(this.#context.kinds.map((kind) => kind.queue))) {
      const queue = openJobQueue(name, this.#options.connection);
      try {
        const job = await queue.getJob(partId);
        if (job?.data.taskId !== taskId) continue;
        const state = await job.getState();
        if (state === "unknown") continue;
        const part = reader.record(job, state as JobState);
        if (terminalStates.has(part.state)) return part;
        await revocations.add(part, { ...this.#owner(), terminate, isPart: true });
        return (await revocations.find(partId, this.#context.tenant))?.task ?? part;
      } finally {
        await queue.close();
      }
    }
    return unknownTask(partId);
  }

  #owner(): { readonly tenant?: string } {
    return this.#context.tenant === "" ? {} : { tenant: this.#context.tenant };
  }

  async #serve(): Promise<void> {
    const { onUnserved } = this.#options;
    if (onUnserved === undefined || performance.now() < this.#askedAt + 1000) return this.#asking;
    this.#askedAt = performance.now();
    // Looking at a task must work even where no worker can be started; who enqueues is told.
    this.#asking = onUnserved().catch(() => {});
    return this.#asking;
  }

  #open(): Opened {
    this.#opened ??= this.#openStore();
    return this.#opened;
  }

  #openStore(): Opened {
    const { connection, obstacle, tenantLimits } = this.#options;
    const { sealer, tenant } = this.#context;
    const tasks = openJobQueue(taskQueueName, connection);
    const revocations = new Revocations(connection);
    const shown = obstacle === undefined ? {} : { obstacle };
    const reader = new TaskReader({
      tasks,
      revocations,
      sealer,
      tenant,
      kinds: this.#context.kinds,
      ...shown,
    });
    const find = (taskId: string) => reader.find(taskId);
    return {
      tasks,
      revocations,
      reader,
      followUps: new FollowUps(connection),
      limit: tenantLimits && new TenantLimit(connection, tenant, tenantLimits, find),
    };
  }
}

type StoredTask = Pick<StoredJob, "id" | "name" | "data"> & {
  readonly opts: { readonly priority?: number | undefined };
};

/** What a tombstone keeps of a job that goes, so that its task can be run again. */
function keptOf(job: StoredJob | undefined): Pick<RevocationOptions, "carried" | "priority"> {
  if (job === undefined) return {};
  const { args: _args, ...carried } = job.data;
  return { carried, ...(job.opts.priority === undefined ? {} : { priority: job.opts.priority }) };
}

/** What BullMQ says where the job or a part of it is held by a worker. */
const isRefusal = (error: unknown): boolean => /locked by another worker/.test(String(error));

/**
 * Once the tombstone stands, a job that is seen waiting can only end as cancelled, so removing it takes no result
 * away, and is answered with true. What a worker holds is ended by that worker.
 */
async function removeUnlessRunning(job: StoredJob): Promise<boolean> {
  const held = ["active", "completed", "failed", "unknown"];
  for (let turn = 1; ; turn += 1) {
    if (held.includes(await job.getState())) return false;
    try {
      await job.remove();
      return true;
    } catch (error) {
      const state = await job.getState();
      if (held.includes(state)) return false;
      // The next run of a schedule cannot be taken out of it: the tombstone ends it when its time comes.
      if (job.repeatJobKey !== undefined) return false;
      // Nobody holds it, so that the store has failed: who cancels is told, and may ask again.
      if (state !== "waiting-children" && !isRefusal(error)) throw error;
      // A part of it is running, whose worker will end the task: the other parts need not begin.
      await job.removeUnprocessedChildren();
      // Or that part, or the job itself, was let go a moment ago: then nobody else would end it.
      if (turn === 2) return false;
    }
  }
}
