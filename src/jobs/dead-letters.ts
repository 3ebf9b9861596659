/** Tasks that failed for good: looked at, run again with fresh counters, or thrown away. */
import { CambiumError, type ErrorCode, toFailure } from "../errors.ts";
import type { JobQueue, StoredJob } from "./connection.ts";
import { tellRemoval } from "./events.ts";
import { type TaskRecord, unknownTask } from "./task.ts";
import type { TaskReader } from "./task-reader.ts";

export interface DeadLetters {
  /** Newest first; each says in `error` why it is here. */
  list(limit?: number): Promise<TaskRecord[]>;
  /**
   * Runs these, or all, again under new ids, which are returned; the dead letters are gone then. One that no known key
   * has signed throws `forbidden`, and so may `check` for what may not run (any more); of all letters it is left. On
   * PostgreSQL a schedule's run stays as well, until its age takes it away: redriven twice it is still one task.
   */
  redrive(taskIds?: readonly string[], check?: (letter: TaskRecord) => void): Promise<TaskRecord[]>;
  /** Removes these, or all, and answers how many. */
  purge(taskIds?: readonly string[]): Promise<number>;
}

export interface DeadLetterParts {
  readonly tasks: JobQueue;
  readonly reader: TaskReader;
  /** Adds the same request again; calling it twice for the same job makes one task. */
  readonly addAgain: (job: StoredJob) => Promise<TaskRecord>;
}

type Act = (job: StoredJob, letter: TaskRecord) => Promise<void>;

const failure = new Set(["FAILURE"] as const);
const refusals: ReadonlySet<ErrorCode> = new Set(["forbidden", "not_found", "invalid_argument"]);

export function openDeadLetters(open: () => DeadLetterParts): DeadLetters {
  const list = (limit = 50) => open().reader.list(failure, Math.max(1, limit));
  /** Answers how many are gone. */
  const forEach = async (taskIds: readonly string[] | undefined, act: Act = async () => {}) => {
    const { reader, tasks } = open();
    let gone = 0;
    const ids = taskIds ?? (await list(Number.MAX_SAFE_INTEGER)).map((task) => task.task_id);
    for (const taskId of ids) {
      const letter = await findDead(reader, taskId, taskIds !== undefined);
      const job = letter && (await reader.job(taskId));
      if (letter === undefined || job === undefined) continue;
      try {
        await act(job, letter);
      } catch (error) {
        // One of a stranger, unsigned or about a folder that is gone, must not keep all the others; it stays.
        if (taskIds === undefined && refusals.has(toFailure(error).code)) continue;
        throw error;
      }
      if (!(await removeWhole(job, tasks))) continue;
      gone += 1;
      await tellRemoval(tasks, "purged", taskId);
    }
    return gone;
  };
  return {
    list,
    async redrive(taskIds, check) {
      const added: TaskRecord[] = [];
      // Added before the letter is removed: after a crash in between it can be redriven into the same task.
      await forEach(taskIds, async (job, letter) => {
        check?.(letter);
        added.push(await open().addAgain(job));
      });
      return added;
    },
    purge: (taskIds) => forEach(taskIds),
  };
}

/** Of all letters some may have gone meanwhile; who named one is told. */
async function findDead(
  reader: TaskReader,
  taskId: string,
  isNamed: boolean,
): Promise<TaskRecord | undefined> {
  const task = await reader.find(taskId);
  if (task?.state === "FAILURE") return task;
  if (!isNamed) return undefined;
  if (task === undefined) unknownTask(taskId);
  throw new CambiumError(
    "conflict",
    `Task ${taskId} is in ${task.state}, so that it is no dead letter. Only tasks in FAILURE are.`,
  );
}

/** What BullMQ says on PostgreSQL of every run of a schedule, elsewhere of the next one only. */
const belongsToSchedule = -8;

/**
 * With its parts; one that still runs keeps those, which the worker then ends, but never the letter. False for one that
 * only the age of finished tasks takes away.
 */
async function removeWhole(job: StoredJob, tasks: JobQueue): Promise<boolean> {
  try {
    await job.remove();
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === belongsToSchedule) return false;
    return (await tasks.remove(String(job.id), { removeChildren: false })) === 1;
  }
}
