/**
 * Tasks that come again: BullMQ's job schedulers on the tasks queue. The store makes the next run when a worker takes
 * the one before, so that each run is there once, however many processes look on.
 */
import { CambiumError } from "../errors.ts";
import {
  findKind,
  type JobData,
  type JobQueue,
  loadRepeatStrategy,
  type QueueConnection,
  taskQueueName,
} from "./connection.ts";
import type { EnqueueRequest } from "./queue.ts";
import { canonical } from "./seal.ts";
import { withStoreLock } from "./store-lock.ts";
import type { JsonObject } from "./task.ts";
import { checkArguments, type EntryContext, taskOptions } from "./task-entry.ts";
import { schedulePrefix } from "./task-id.ts";

export interface ScheduleTimes {
  /** Five fields, or six with seconds first; read in `timeZone`. */
  readonly cron?: string;
  /** Every so often, at times (ms since 1970) that are multiples of it. */
  readonly everyMs?: number;
  /** An IANA name such as `Europe/Rome`; UTC by default. */
  readonly timeZone?: string;
  /**
   * A run whose time passed while no worker was there: `once` (the default) makes it up, one for however many were
   * missed; `skip` ends it REVOKED.
   */
  readonly missed?: "once" | "skip";
  /** With `skip`: how late a run is missed; a minute by default. */
  readonly graceMs?: number;
}

/** With a key each run joins a task of that key, or is followed as a task of its own; see `scheduled-run.ts`. */
export type ScheduledRequest = Pick<EnqueueRequest, "kind" | "args" | "priority" | "deduplicationKey">;

export interface Schedule extends Omit<ScheduleTimes, "graceMs"> {
  readonly id: string;
  readonly kind: string;
  readonly args: JsonObject;
  /** ISO 8601. */
  readonly next_at: string | null;
  /** When a worker took the last run; null before the first, and after a change. */
  readonly last_at: string | null;
}

export interface Schedules {
  /** Makes or changes it. Throws `invalid_argument` for times or a request that cannot be. */
  upsert(id: string, times: ScheduleTimes, request: ScheduledRequest): Promise<void>;
  /** The next run goes with it; one that a worker has taken goes on. False if there was none. */
  remove(id: string): Promise<boolean>;
  list(): Promise<Schedule[]>;
}

const isScheduleId = (id: string) => /^[\w.-]{1,100}$/.test(id);
const defaultGraceMs = 60_000;
const shortestMs = 1000;

export function openSchedules(
  openTasks: () => JobQueue,
  context: EntryContext,
  through: QueueConnection,
): Schedules {
  const prefix = schedulePrefix(context.tenant);
  return {
    async upsert(id, times, request) {
      if (!isScheduleId(id))
        refuse("A schedule's id has 1 to 100 letters, digits, dots, hyphens or underscores.");
      const repeat = readTimes(times);
      const kind = findKind(context.kinds, request.kind, "task");
      checkArguments(request, context.kinds);
      const key = prefix + id;
      const data: JobData = {
        args: request.args,
        ...(request.deduplicationKey === undefined ? {} : { key: request.deduplicationKey }),
        ...(context.tenant === "" ? {} : { tenant: context.tenant }),
        ...(times.missed === "skip" ? { graceMs: times.graceMs ?? defaultGraceMs } : {}),
      };
      const place = { queue: taskQueueName, name: kind.kind, id: `repeat:${key}:` };
      const opts = taskOptions(kind, request.priority);
      const template = { name: kind.kind, data: context.sealer.sign(place, data), opts };
      // Every process that starts may ask for the same: what is there already goes on as it is.
      const isThere = async () => {
        const found = (await openTasks().getJobSchedulers(0, -1, true)).find((one) => one.key === key);
        return found !== undefined && signOf(found) === signOf({ ...repeat, name: kind.kind, template });
      };
      if (await isThere()) return;
      // BullMQ on PostgreSQL makes a run too many when two make the same schedule at once.
      await withStoreLock(through, `schedule ${key}`, async () => {
        if (await isThere()) return;
        const start = repeat.every === undefined ? {} : { startDate: nextMultiple(repeat.every) };
        await openTasks().upsertJobScheduler(key, { ...repeat, ...start }, template);
      });
    },
    // What is no id could lead to another tenant's.
    remove: async (id) => isScheduleId(id) && openTasks().removeJobScheduler(prefix + id),
    async list() {
      const found: Schedule[] = [];
      for (const scheduler of await openTasks().getJobSchedulers(0, -1, true)) {
        const { key, name, next, pattern, every, tz } = scheduler;
        if (!key.startsWith(prefix) || (prefix === "" && key.startsWith("@"))) continue;
        const data = scheduler.template?.data;
        found.push({
          id: key.slice(prefix.length),
          kind: name,
          args: data?.args ?? {},
          ...(pattern === undefined ? {} : { cron: pattern }),
          ...(every === undefined ? {} : { everyMs: Number(every) }),
          ...(tz === undefined ? {} : { timeZone: tz }),
          missed: data?.graceMs === undefined ? "once" : "skip",
          next_at: next === undefined ? null : new Date(next).toISOString(),
          last_at: await lastRun(openTasks(), key, next),
        });
      }
      return found;
    },
  };
}

interface StoredSchedule {
  readonly name: string;
  readonly pattern?: string;
  readonly every?: number;
  readonly tz?: string;
  readonly template?: { readonly data?: unknown; readonly opts?: { readonly priority?: number } };
}

function signOf({ name, pattern, every, tz, template }: StoredSchedule): string {
  const times = [pattern ?? null, every === undefined ? null : Number(every), tz ?? null];
  return canonical([name, ...times, template?.data, template?.opts?.priority]);
}

const nextMultiple = (every: number) => (Math.floor(Date.now() / every) + 1) * every;

/** The store makes a run when a worker takes the one before; so its making tells when that was. */
async function lastRun(tasks: JobQueue, key: string, next: number | undefined): Promise<string | null> {
  const job = await tasks.getJob(`repeat:${key}:${next}`);
  const repeat = (job?.opts as { readonly repeat?: { readonly count?: number } } | undefined)?.repeat;
  return job === undefined || (repeat?.count ?? 1) < 2 ? null : new Date(job.timestamp).toISOString();
}

interface Repeat {
  readonly every?: number;
  readonly pattern?: string;
  readonly tz?: string;
}

function readTimes(times: ScheduleTimes): Repeat {
  const { cron, everyMs, timeZone = "UTC", missed = "once", graceMs } = times;
  if ((cron === undefined) === (everyMs === undefined)) refuse("A schedule has either cron or everyMs.");
  if (!["once", "skip"].includes(missed)) refuse('"missed" must be "once" or "skip".');
  if (graceMs !== undefined && !(Number.isFinite(graceMs) && graceMs >= 0))
    refuse("graceMs must be a number of milliseconds from 0.");
  if (everyMs !== undefined) {
    if (Number.isSafeInteger(everyMs) && everyMs >= shortestMs) return { every: everyMs };
    return refuse(`everyMs must be a whole number of milliseconds from ${shortestMs}; it is ${everyMs}.`);
  }
  checkTimeZone(timeZone);
  const pattern = cron?.trim() ?? "";
  checkCron(pattern, timeZone);
  return { pattern, tz: timeZone };
}

function checkTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
  } catch {
    refuse(`There is no time zone ${JSON.stringify(timeZone)}. Give an IANA name such as "Europe/Rome".`);
  }
}

function checkCron(pattern: string, tz: string): void {
  const example = 'Write five fields, such as "30 4 * * 1-5" for half past four on working days.';
  const fields = pattern.split(/\s+/).length;
  if (fields !== 5 && fields !== 6) refuse(`The cron ${JSON.stringify(pattern)} is refused. ${example}`);
  try {
    loadRepeatStrategy().getNextMillis(Date.now(), { pattern, tz });
  } catch (error) {
    const problem = (error as Error).message;
    refuse(`The cron ${JSON.stringify(pattern)} is refused: ${problem}. ${example}`);
  }
}

function refuse(problem: string): never {
  throw new CambiumError("invalid_argument", problem);
}
