/**
 * How many unfinished tasks a tenant may have: one slot a task, a job of a queue that nobody processes. Slots are given
 * back when they are needed: who finds none free looks which of their tasks have ended.
 */
import { CambiumError } from "../errors.ts";
import { type JobQueue, openJobQueue, type QueueConnection } from "./connection.ts";
import { type TaskRecord, terminalStates } from "./task.ts";

export interface TenantLimits {
  readonly maxUnfinished: number;
}

/** So long after its slot a task must be there; before, somebody may be about to add it. */
const graceMs = 60_000;

/** Throws `invalid_argument` for a name that could be taken for something else. */
export function readTenant(given: string | undefined): string {
  if (given === undefined || given === "" || /^[\w-]{1,64}$/.test(given)) return given ?? "";
  throw new CambiumError(
    "invalid_argument",
    "The tenant's name is refused. Use 1 to 64 letters, digits, hyphens or underscores.",
  );
}

export class TenantLimit {
  readonly #slots: JobQueue;
  readonly #max: number;
  readonly #settle: QueueConnection["settle"];
  readonly #find: (taskId: string) => Promise<TaskRecord | undefined>;

  constructor(
    through: QueueConnection,
    tenant: string,
    { maxUnfinished }: TenantLimits,
    find: (taskId: string) => Promise<TaskRecord | undefined>,
  ) {
    this.#slots = openJobQueue(`tenant-${tenant}`, through);
    this.#settle = through.settle;
    this.#max = maxUnfinished;
    this.#find = find;
  }

  /**
   * Throws `exhausted`. The slot is taken before slots are counted, and the oldest ones count, so that of any number at
   * once exactly so many get one. Who `mayJoin` a running task keeps the slot until that is known.
   */
  async take(taskId: string, mayJoin: () => Promise<boolean>): Promise<void> {
    await this.#slots.add("slot", { args: {} }, { jobId: taskId });
    try {
      await this.#settle?.();
      if (await this.#isWithin(taskId)) return;
      await this.#sweep();
      if ((await this.#isWithin(taskId)) || (await mayJoin())) return;
    } catch (error) {
      await this.giveBack(taskId).catch(() => {});
      throw error;
    }
    await this.giveBack(taskId);
    throw new CambiumError(
      "exhausted",
      `There are ${this.#max} unfinished tasks, which is the limit. Wait until one ends, or cancel one.`,
    );
  }

  async giveBack(taskId: string): Promise<void> {
    await this.#slots.remove(taskId);
  }

  close(): Promise<void> {
    return this.#slots.close();
  }

  async #isWithin(taskId: string): Promise<boolean> {
    if ((await this.#slots.getJobCountByTypes("waiting")) <= this.#max) return true;
    const newestFirst = await this.#slots.getJobs(["waiting"], 0, -1, false);
    return newestFirst.slice(-this.#max).some((slot) => slot.id === taskId);
  }

  async #sweep(): Promise<void> {
    for (const slot of await this.#slots.getJobs(["waiting"], 0, -1, true)) {
      const task = await this.#find(String(slot.id));
      const isOver =
        task === undefined ? slot.timestamp < Date.now() - graceMs : terminalStates.has(task.state);
      if (isOver) await this.giveBack(String(slot.id));
    }
  }
}
