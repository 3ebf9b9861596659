/** Brings the reports of all parts of a task into its one stored record, at most about ten times a second. */
import type { JobQueue } from "./connection.ts";
import { reportIntervalMs } from "./pool-protocol.ts";
import { advance, type StoredProgress, standStill, storedProgress } from "./progress.ts";
import type { ProgressReport } from "./task.ts";

interface Line {
  held: ProgressReport[];
  timer: NodeJS.Timeout | undefined;
  /** Writes of one task follow each other, so that none overtakes another. */
  last: Promise<void>;
}

export class ProgressWriter {
  readonly #tasks: JobQueue;
  readonly #onError: (error: unknown) => void;
  readonly #lines = new Map<string, Line>();

  constructor(tasks: JobQueue, onError: (error: unknown) => void) {
    this.#tasks = tasks;
    this.#onError = onError;
  }

  report(taskId: string, report: ProgressReport): void {
    const line = this.#lineOf(taskId);
    line.held.push(report);
    line.timer ??= setTimeout(() => void this.flush(taskId), reportIntervalMs);
  }

  /** Resolves when everything reported so far is stored. Never rejects: progress is not worth failing a job. */
  async flush(taskId: string): Promise<void> {
    const line = this.#lines.get(taskId);
    if (line === undefined) return;
    clearTimeout(line.timer);
    line.timer = undefined;
    const reports = line.held.splice(0);
    if (reports.length > 0) {
      line.last = line.last.then(() => this.#change(taskId, (before) => foldReports(before, reports)));
    }
    const { last } = line;
    await last;
    // Another flush may have begun a write meanwhile, behind which the next one has to wait.
    if (line.held.length === 0 && line.last === last) this.#lines.delete(taskId);
  }

  /** Says in the record why the task stands still. */
  async standStill(taskId: string, reason: string): Promise<void> {
    await this.flush(taskId);
    await this.#change(taskId, (before) => standStill(before, reason, Date.now()));
  }

  #lineOf(taskId: string): Line {
    const found = this.#lines.get(taskId) ?? { held: [], timer: undefined, last: Promise.resolve() };
    this.#lines.set(taskId, found);
    return found;
  }

  /** Reads what is stored first, as another worker may have written it. */
  async #change(
    taskId: string,
    next: (before: StoredProgress | undefined) => StoredProgress | undefined,
  ): Promise<void> {
    try {
      const job = await this.#tasks.getJob(taskId);
      if (job === undefined || job.finishedOn !== undefined) return;
      const after = next(storedProgress(job.progress));
      if (after !== undefined) await job.updateProgress(after);
    } catch (error) {
      this.#onError(error);
    }
  }
}

function foldReports(
  before: StoredProgress | undefined,
  reports: readonly ProgressReport[],
): StoredProgress | undefined {
  let record: StoredProgress | undefined;
  for (const report of reports) record = advance(record ?? before, report, Date.now()) ?? record;
  return record;
}
