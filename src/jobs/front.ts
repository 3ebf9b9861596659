/** The front behind `openTaskFront`: tasks as jobs of one BullMQ queue, opened at the first use. */
import { randomBytes } from "node:crypto";
import { CambiumError } from "../errors.ts";
import {
  findKind,
  type JobData,
  type JobQueue,
  openJobQueue,
  type QueueConnection,
  retryOptions,
  type StoredJob,
  taskQueueName,
  taskRetention,
} from "./connection.ts";
import type { EnqueueRequest, TaskFront } from "./queue.ts";
import { recordOf } from "./record.ts";
import { Revocations } from "./revocations.ts";
import type { JobState } from "./states.ts";
import { type KindSpec, type TaskRecord, type TaskState, terminalStates, unknownTask } from "./task.ts";
import { type TaskChanges, waitForTask, watchTasks } from "./wait.ts";

export interface FrontOptions {
  readonly connection: QueueConnection;
  readonly kinds: readonly KindSpec[];
  /** Called while somebody looks at an unfinished task, about once a second: the place to start a worker. */
  readonly onUnserved?: () => Promise<void>;
  /**
   * Why no unfinished task can go on at the moment, where that can be seen from outside: on a full disk the worker
   * cannot write it down itself.
   */
  readonly obstacle?: () => string | undefined;
}

interface Opened {
  readonly tasks: JobQueue;
  readonly revocations: Revocations;
}

/** In which of BullMQ's lists a task of this state can be. */
const listsOf: Readonly<Record<TaskState, readonly JobState[]>> = {
  PENDING: ["waiting", "prioritized", "delayed", "waiting-children"],
  STARTED: ["active", "waiting", "prioritized", "delayed", "waiting-children"],
  PROGRESS: ["active", "waiting", "prioritized", "delayed", "waiting-children"],
  RETRY: ["waiting", "prioritized", "delayed"],
  SUCCESS: ["completed"],
  FAILURE: ["failed"],
  REVOKED: ["failed", "missing"],
};

export class BullTaskFront implements TaskFront {
  readonly #options: FrontOptions;
  #opened: Opened | undefined;
  #changes: TaskChanges | undefined;
  #asking: Promise<void> | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(options: FrontOptions) {
    this.#options = options;
  }

  async enqueue(request: EnqueueRequest): Promise<{ readonly task: TaskRecord; readonly joined: boolean }> {
    const kind = findKind(this.#options.kinds, request.kind, "task");
    const { tasks } = this.#open();
    const key = request.deduplicationKey;
    const data: JobData = { args: request.args, ...(key === undefined ? {} : { key }) };
    const taskId = randomBytes(16).toString("hex");
    const job = await tasks.add(kind.kind, data, {
      ...retryOptions(kind),
      jobId: taskId,
      removeOnComplete: taskRetention,
      removeOnFail: taskRetention,
      ...(key === undefined ? {} : { deduplication: { id: `${kind.kind} ${key}` } }),
    });
    if (job.id === taskId) return { task: this.#shown(recordOf(job, "waiting")), joined: false };
    const joined = await this.find(String(job.id));
    // It was cancelled and forgotten between the two calls.
    return joined === undefined ? this.enqueue(request) : { task: joined, joined: true };
  }

  async find(taskId: string): Promise<TaskRecord | undefined> {
    const found = await this.#look(taskId);
    if (found !== undefined && !terminalStates.has(found.state)) await this.#serve();
    return found;
  }

  async list(
    filter: { readonly states?: readonly TaskState[]; readonly limit?: number } = {},
  ): Promise<TaskRecord[]> {
    const states = new Set(filter.states ?? (Object.keys(listsOf) as TaskState[]));
    const limit = Math.max(1, filter.limit ?? 50);
    const lists = new Set([...states].flatMap((state) => listsOf[state]));
    const { tasks, revocations } = this.#open();
    const found = new Map<string, TaskRecord>();
    const readPage = (list: JobState) => async (first: number, last: number) => {
      if (list === "missing") return revocations.list(first, last);
      const jobs = (await tasks.getJobs([list], first, last, false)) as (StoredJob | undefined)[];
      return jobs.map((job) => job && this.#shown(recordOf(job, list)));
    };
    for (const list of lists) {
      const isWanted = async (task: TaskRecord) =>
        states.has(task.state) && (list !== "missing" || (await tasks.getJob(task.task_id)) === undefined);
      for (const task of await collectPages(readPage(list), isWanted, limit)) found.set(task.task_id, task);
    }
    const newestFirst = [...found.values()].sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
    return newestFirst.slice(0, limit);
  }

  async wait(taskId: string, options: Parameters<TaskFront["wait"]>[1]): Promise<TaskRecord> {
    const look = async () => this.#look(taskId).then((task) => task ?? unknownTask(taskId));
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

  async cancel(taskId: string): Promise<TaskRecord> {
    const { tasks, revocations } = this.#open();
    const task = (await this.#look(taskId)) ?? unknownTask(taskId);
    if (terminalStates.has(task.state)) return task;
    const job = await tasks.getJob(taskId);
    await revocations.add(task, job?.data.key);
    if (job !== undefined) {
      // A cancelled task must not be joined; BullMQ would keep the key until the job has ended.
      await job.removeDeduplicationKey();
      await removeUnlessRunning(job);
    }
    const after = (await this.#look(taskId)) ?? unknownTask(taskId);
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
    const { tasks, revocations } = this.#open();
    const job = await tasks.getJob(taskId);
    const key = job === undefined ? await revocations.keyOf(taskId) : job.data.key;
    const request = {
      kind: task.kind,
      args: task.args,
      ...(key === undefined ? {} : { deduplicationKey: key }),
    };
    return (await this.enqueue(request)).task;
  }

  async close(): Promise<void> {
    await this.#changes?.close();
    await this.#opened?.revocations.close();
    await this.#opened?.tasks.close();
  }

  /** Without the hook, which `wait` calls on its own beat. */
  async #look(taskId: string): Promise<TaskRecord | undefined> {
    const { tasks, revocations } = this.#open();
    // The state may change between the two reads; then they are read again, so that no mixture is shown.
    for (;;) {
      const state = await tasks.getJobState(taskId);
      if (state === "unknown") return revocations.find(taskId);
      const job = await tasks.getJob(taskId);
      const again = await tasks.getJobState(taskId);
      if (job !== undefined && again === state) return this.#shown(recordOf(job, state as JobState));
    }
  }

  #shown(task: TaskRecord): TaskRecord {
    const obstacle = terminalStates.has(task.state) ? undefined : this.#options.obstacle?.();
    if (obstacle === undefined) return task;
    const progress = task.progress ?? { phase: "wait", done: 0, total: 0, unit: "files", rate: null };
    return { ...task, progress: { ...progress, eta_seconds: null, waiting_for: obstacle } };
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
    const { connection } = this.#options;
    this.#opened ??= {
      tasks: openJobQueue(taskQueueName, connection),
      revocations: Revocations.open(connection),
    };
    return this.#opened;
  }
}

/** Reads a list page by page until so many entries were wanted, or it ends. */
async function collectPages(
  read: (first: number, last: number) => Promise<(TaskRecord | undefined)[]>,
  isWanted: (task: TaskRecord) => Promise<boolean>,
  limit: number,
): Promise<TaskRecord[]> {
  const wanted: TaskRecord[] = [];
  const size = Math.max(limit, 100);
  for (let first = 0; ; first += size) {
    const page = await read(first, first + size - 1);
    for (const task of page) if (task !== undefined && (await isWanted(task))) wanted.push(task);
    if (wanted.length >= limit || page.length < size) return wanted;
  }
}

/**
 * Once the tombstone stands, a job that is seen waiting can only end as cancelled, so removing it takes no result
 * away. What a worker holds is ended by that worker.
 */
async function removeUnlessRunning(job: StoredJob): Promise<void> {
  const isHeld = async () => ["active", "completed", "failed", "unknown"].includes(await job.getState());
  if (await isHeld()) return;
  try {
    await job.remove();
  } catch {
    if (await isHeld()) return;
    // A part of it is running, whose worker will end the task: the other parts need not begin.
    await job.removeUnprocessedChildren();
  }
}
