/** Reads tasks from the store, as one tenant may see them: by id, and lists of them. */
import { canvasKind } from "./canvas.ts";
import type { JobQueue, StoredJob } from "./connection.ts";
import { lookAt } from "./queue-look.ts";
import { recordOf } from "./record.ts";
import type { Revocations } from "./revocations.ts";
import { awaitsUpkeep } from "./scheduled-run.ts";
import type { Sealer } from "./seal.ts";
import type { JobState } from "./states.ts";
import { type KindSpec, type TaskRecord, type TaskState, terminalStates } from "./task.ts";

export interface ReaderParts {
  readonly tasks: JobQueue;
  readonly revocations: Revocations;
  readonly sealer: Sealer;
  /** Empty: those without one. */
  readonly tenant: string;
  readonly kinds?: readonly KindSpec[];
  /** Why no unfinished task can go on at the moment. */
  readonly obstacle?: () => string | undefined | Promise<string | undefined>;
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

const turnsMax = 50;

export class TaskReader {
  readonly #parts: ReaderParts;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  /** Undefined for what is no task of this tenant, or has no job any more. */
  async job(taskId: string): Promise<StoredJob | undefined> {
    const job = await this.#parts.tasks.getJob(taskId);
    return job !== undefined && this.#isOurs(job) ? job : undefined;
  }

  async find(taskId: string): Promise<TaskRecord | undefined> {
    const { tasks, revocations, tenant } = this.#parts;
    // The state may change between the two reads; then they are read again, so that no mixture is shown.
    for (let turn = 0; turn < turnsMax; turn += 1) {
      const state = await tasks.getJobState(taskId);
      if (state === "unknown") return (await revocations.find(taskId, tenant))?.task;
      const job = await tasks.getJob(taskId);
      const again = await tasks.getJobState(taskId);
      if (job === undefined || again !== state) continue;
      if (!this.#isOurs(job)) return undefined;
      return (await this.shower())(await this.#recordWithParts(job, state as JobState));
    }
    // The store's lists name it, but the job itself is lost.
    return undefined;
  }

  /** Newest first. */
  async list(states: ReadonlySet<TaskState>, limit: number): Promise<TaskRecord[]> {
    const { tasks, revocations, tenant } = this.#parts;
    const lists = new Set([...states].flatMap((state) => listsOf[state]));
    const show = await this.shower();
    const found = new Map<string, TaskRecord>();
    const keep = (task: TaskRecord) => {
      if (states.has(task.state)) found.set(task.task_id, task);
      return states.has(task.state);
    };
    const readJobs = (list: JobState, offset: number) => async (first: number, last: number) => {
      const jobs = await tasks.getJobs([list as "waiting"], offset + first, offset + last, false);
      let wanted = 0;
      for (const job of jobs) {
        if (job === undefined || !this.#isOurs(job)) continue;
        if (list === "delayed" && awaitsUpkeep(job, this.#parts.kinds ?? [])) continue;
        if (keep(show(await this.#recordWithParts(job, list)))) wanted += 1;
      }
      return { size: jobs.length, wanted };
    };
    const readTombstones = async (first: number, last: number) => {
      const page = await revocations.list(first, last);
      let wanted = 0;
      for (const { task, tenant: owner = "", isPart } of page) {
        if (owner !== tenant || isPart || !states.has(task.state)) continue;
        if ((await tasks.getJob(task.task_id)) === undefined && keep(task)) wanted += 1;
      }
      return { size: page.length, wanted };
    };
    for (const list of lists) {
      if (list === "missing") await readPages(readTombstones, limit);
      else if (list === "prioritized") {
        for (const { offset, count } of await this.#levels())
          await readPages(readJobs(list, offset), limit, count);
      } else await readPages(readJobs(list, 0), limit);
    }
    const newestFirst = [...found.values()].sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
    return newestFirst.slice(0, limit);
  }

  record(job: StoredJob, state: JobState): TaskRecord {
    return recordOf(job, state, this.#parts.sealer);
  }

  /** A canvas has no handler that reports; how many of its parts have ended is known to the store. */
  async #recordWithParts(job: StoredJob, state: JobState): Promise<TaskRecord> {
    const task = this.record(job, state);
    if (task.kind !== canvasKind.kind || task.started_at === null || terminalStates.has(task.state))
      return task;
    const counts = await job.getDependenciesCount();
    const { processed = 0, ignored = 0, failed = 0, unprocessed = 0 } = counts;
    const done = processed + ignored + failed;
    if (done + unprocessed === 0) return task;
    const shown = { phase: "parts", done, total: done + unprocessed, unit: "parts", rate: null };
    const moved = task.state === "STARTED" ? "PROGRESS" : task.state;
    return { ...task, state: moved, progress: { ...shown, eta_seconds: null, waiting_for: null } };
  }

  /** Tells of each unfinished task what stands in its way. */
  async shower(): Promise<(task: TaskRecord) => TaskRecord> {
    const obstacle = await this.#parts.obstacle?.();
    if (obstacle === undefined) return (task) => task;
    return (task) => {
      if (terminalStates.has(task.state)) return task;
      const unit = task.kind === canvasKind.kind ? "parts" : "files";
      const progress = task.progress ?? { phase: "wait", done: 0, total: 0, unit, rate: null };
      return { ...task, progress: { ...progress, eta_seconds: null, waiting_for: obstacle } };
    };
  }

  /** A canvas inside another is a job of the same queue, but no task. */
  #isOurs({ data }: StoredJob): boolean {
    return data.taskId === undefined && (data.tenant ?? "") === this.#parts.tenant;
  }

  /**
   * Where the jobs of each priority stand: only within one they stand in the order of their time, newest first. Which
   * priority comes first depends on the store.
   */
  async #levels(): Promise<{ offset: number; count: number }[]> {
    const { tasks } = this.#parts;
    // Level 0 stands in a list of its own.
    const used = (await lookAt(tasks)).byLevel.filter(({ level }) => level > 0);
    const [first] = await tasks.getJobs(["prioritized"], 0, 0, false);
    const isRising = first?.priority === used[0]?.level;
    const found: { offset: number; count: number }[] = [];
    let offset = 0;
    for (const { count } of isRising ? used : used.toReversed()) {
      found.push({ offset, count });
      offset += count;
    }
    return found;
  }
}

/** Reads a list page by page until so many entries were wanted, or it ends. */
async function readPages(
  read: (first: number, last: number) => Promise<{ readonly size: number; readonly wanted: number }>,
  limit: number,
  end = Number.POSITIVE_INFINITY,
): Promise<void> {
  const step = Math.min(Math.max(limit, 100), 1000);
  let wanted = 0;
  for (let first = 0; first < end && wanted < limit; first += step) {
    const asked = Math.min(step, end - first);
    const page = await read(first, first + asked - 1);
    wanted += page.wanted;
    if (page.size < asked) return;
  }
}
