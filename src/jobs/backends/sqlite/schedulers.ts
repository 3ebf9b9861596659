/** Job schedulers: each has exactly one next run, a job whose id follows from the scheduler and its time. */
import type { JobSchedulerJobOptions, JobsOptions, RepeatableOptions } from "bullmq";
import type { Change, QueueRow, Statements } from "./change.ts";
import { deleteJob, findJob, insertJob } from "./job-row.ts";
import { refuse } from "./refusals.ts";
import { delayed, prioritized, wait } from "./schema.ts";

interface SchedulerRow {
  readonly id: string;
  readonly next: number;
  readonly fields: string;
}

/** As BullMQ reads them back: texts by name. */
type Fields = Record<string, string>;

const find = "SELECT id, next, fields FROM scheduler WHERE queue = ? AND id = ?";

const runId = (id: string, at: number) => `repeat:${id}:${at}`;

export function findScheduler(
  sql: Statements,
  queue: QueueRow | undefined,
  id: string,
): { next: number; fields: Fields } | undefined {
  const row = queue && sql.one<SchedulerRow>(find, queue.id, id);
  return row && { next: row.next, fields: JSON.parse(row.fields) as Fields };
}

function store(change: Change, queue: QueueRow, id: string, next: number, fields: Fields): void {
  const text = "INSERT OR REPLACE INTO scheduler(queue, id, next, fields) VALUES (?, ?, ?, ?)";
  change.sql.run(text, queue.id, id, next, JSON.stringify(fields));
}

export interface Scheduling {
  readonly id: string;
  /** Of a pattern; an interval is computed here, so that two processes agree. */
  readonly nextMs: number | undefined;
  readonly data: string;
  readonly template: JobsOptions;
  readonly repeat: RepeatableOptions;
  readonly run: JobSchedulerJobOptions;
}

/** Returns the id of the next run, and the ms until then. */
export function upsertScheduler(change: Change, queue: QueueRow, wanted: Scheduling): [string, number] {
  const before = findScheduler(change.sql, queue, wanted.id);
  const replaced = before && findJob(change.sql, queue, runId(wanted.id, before.next));
  if (replaced !== undefined && [wait, prioritized, delayed].includes(replaced.state)) {
    deleteJob(change, queue, replaced);
  }
  const next = chooseNext(change, queue, wanted, before);
  // A run of this slot that was promoted, and began or ended before its time, gives way to the one that is wanted now.
  const early = before && findJob(change.sql, queue, runId(wanted.id, next));
  if (early !== undefined) deleteJob(change, queue, early);
  const fields = describe(wanted, next, before?.fields);
  store(change, queue, wanted.id, next, fields);
  return insertRun(change, queue, wanted.id, next, fields, wanted.run);
}

/** A new interval runs at once, unless it has a start or an offset; a known one keeps its rhythm. */
function chooseNext(
  change: Change,
  queue: QueueRow,
  { id, nextMs, repeat }: Scheduling,
  before: { next: number; fields: Fields } | undefined,
): number {
  const isTaken = (at: number) => findJob(change.sql, queue, runId(id, at)) !== undefined;
  const { every } = repeat;
  if (every === undefined) {
    const at = Math.trunc(nextMs ?? change.now);
    if (before === undefined && isTaken(at)) throw refuse("slotTaken", id, "addJobScheduler");
    return at;
  }
  let at = change.now;
  if (before !== undefined && Number(before.fields["every"]) === every) at = before.next;
  else if (repeat.startDate !== undefined && repeat.startDate > change.now) at = repeat.startDate;
  else if (repeat.offset) at = nextSlot(change.now - 1, every, repeat.offset);
  if (!isTaken(at)) return at;
  if (isTaken(at + every)) throw refuse("slotsBusy", id, "addJobScheduler");
  return at + every;
}

/** The first slot after `after`. */
function nextSlot(after: number, every: number, offset: number): number {
  return Math.floor((after - offset) / every) * every + every + offset;
}

function describe({ data, template, repeat }: Scheduling, next: number, before: Fields | undefined): Fields {
  const { every, name, startDate, endDate, tz, pattern, limit } = repeat;
  const known = before?.["every"] === undefined ? undefined : before["offset"];
  const offset = every === undefined ? 0 : (repeat.offset ?? known ?? next % every);
  const options = JSON.stringify(template);
  const given = Object.entries({ startDate, endDate, tz, pattern, limit, every, offset });
  return {
    name,
    ...Object.fromEntries(
      given.flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
    ),
    ...(options === "{}" ? {} : { opts: options }),
    ...(data === "{}" ? {} : { data }),
    ic: before?.["ic"] ?? "1",
  };
}

function insertRun(
  change: Change,
  queue: QueueRow,
  id: string,
  next: number,
  fields: Fields,
  run: JobSchedulerJobOptions,
): [string, number] {
  const delay = Math.max(0, next - change.now);
  const template = JSON.parse(fields["opts"] ?? "{}") as JobsOptions;
  const repeat = Object.entries(run.repeat ?? {}).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  const opts: JobSchedulerJobOptions = {
    attempts: 0,
    ...template,
    ...(fields["pattern"] === undefined ? {} : { prevMillis: next }),
    jobId: runId(id, next),
    delay,
    timestamp: change.now,
    repeatJobKey: id,
    repeat: Object.fromEntries(repeat),
  };
  queue.lastJob += 1;
  insertJob(change, queue, {
    id: runId(id, next),
    name: fields["name"] ?? id,
    data: fields["data"] ?? "{}",
    opts,
    timestamp: change.now,
    scheduler: id,
  });
  return [runId(id, next), delay];
}

/**
 * Called by the worker that begins a run: only the run that is the scheduler's next one makes another, so that a
 * run that is taken twice does not double the schedule. Returns null if it made none.
 */
export function advanceScheduler(
  change: Change,
  queue: QueueRow,
  id: string,
  nextMs: number | undefined,
  run: JobSchedulerJobOptions,
  producerId: string | undefined,
): string | null {
  const found = findScheduler(change.sql, queue, id);
  if (found === undefined || (producerId !== undefined && producerId !== runId(id, found.next))) return null;
  const every = Number(found.fields["every"]);
  let next = Math.trunc(nextMs ?? change.now);
  if (every > 0) {
    const onTime = found.next + every;
    // Slots that were missed, for example while the machine slept, are left out.
    next = onTime >= change.now ? onTime : nextSlot(change.now, every, found.next % every);
  }
  if (findJob(change.sql, queue, runId(id, next)) !== undefined) {
    change.emit(queue, "event", "duplicated", "jobId", runId(id, next));
    return null;
  }
  const fields = { ...found.fields, ic: String(Number(found.fields["ic"]) + 1) };
  store(change, queue, id, next, fields);
  return insertRun(change, queue, id, next, fields, run)[0];
}

/** 0 if it was removed, 1 if there was none. A run that waits already is left to run. */
export function removeScheduler(change: Change, queue: QueueRow, id: string): number {
  const found = findScheduler(change.sql, queue, id);
  if (found === undefined) return 1;
  change.sql.run("DELETE FROM scheduler WHERE queue = ? AND id = ?", queue.id, id);
  const run = findJob(change.sql, queue, runId(id, found.next));
  if (run?.state === delayed) {
    deleteJob(change, queue, run);
    change.emit(queue, "event", "removed", "jobId", run.id, "prev", "delayed");
  }
  return 0;
}

/** Ids and times, in turn. */
export function listSchedulers(
  sql: Statements,
  queue: QueueRow | undefined,
  start: number,
  end: number,
  ascending: boolean,
): string[] {
  if (queue === undefined) return [];
  const order = ascending ? "next, id" : "next DESC, id DESC";
  const text = `SELECT id, next, fields FROM scheduler WHERE queue = ? ORDER BY ${order} LIMIT ? OFFSET ?`;
  const limit = end < 0 ? -1 : Math.max(0, end - start + 1);
  return sql.all<SchedulerRow>(text, queue.id, limit, start).flatMap((row) => [row.id, String(row.next)]);
}

export function countSchedulers(sql: Statements, queue: QueueRow | undefined): number {
  const text = "SELECT count(*) AS n FROM scheduler WHERE queue = ?";
  return queue === undefined ? 0 : (sql.one<{ n: number }>(text, queue.id)?.n ?? 0);
}
