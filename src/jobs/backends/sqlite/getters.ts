/** Reading jobs: one by one, by state, by parent, and counts. */
import type { DependenciesOpts, JobJson } from "bullmq";
import type { QueueRow, Statements } from "./change.ts";
import type { ChildRow } from "./flow.ts";
import { findJob, nameOf, toJson } from "./job-row.ts";
import { countSchedulers } from "./schedulers.ts";
import { active, childKinds, completed, delayed, failed, prioritized, stateNumber, wait } from "./schema.ts";

type Queue = QueueRow | undefined;
type Kind = keyof typeof childKinds;

export function getJobData(sql: Statements, queue: Queue, id: string): JobJson | undefined {
  const row = queue && findJob(sql, queue, id);
  return row && toJson(row);
}

/** BullMQ's word for it: `waiting`, not `wait`. */
export function getState(sql: Statements, queue: Queue, id: string): string {
  const row = queue && findJob(sql, queue, id);
  if (row === undefined) return "unknown";
  return row.state === wait ? "waiting" : nameOf(row.state);
}

export function isJobInState(sql: Statements, queue: Queue, state: string, id: string): boolean {
  const row = queue && findJob(sql, queue, id);
  return row !== undefined && row.state === stateNumber(state);
}

/** 0 not finished, 1 completed, 2 failed, -1 unknown; with the result or the reason. */
export function isFinished(sql: Statements, queue: Queue, name: string, id: string): [number, string?] {
  const row = queue && findJob(sql, queue, id);
  if (row === undefined) return [-1, `Missing key for job ${name}:${id}. isFinished`];
  if (row.state === completed) return [1, row.returnvalue ?? "null"];
  if (row.state === failed) return [2, row.failed_reason ?? ""];
  return [0];
}

export function getCounts(
  sql: Statements,
  queue: Queue,
  types: readonly string[],
  dueBefore?: number,
): number[] {
  return types.map((type) => {
    if (queue === undefined) return 0;
    if (type === "repeat") return countSchedulers(sql, queue);
    const state = stateNumber(type);
    if (state === delayed && dueBefore !== undefined) {
      const text = "SELECT count(*) AS n FROM job WHERE queue = ? AND state = ? AND rank < ?";
      return sql.one<{ n: number }>(text, queue.id, delayed, dueBefore)?.n ?? 0;
    }
    return state === undefined ? 0 : (queue.counts[state] ?? 0);
  });
}

/** Priority 0 stands for the jobs without one. */
export function getCountsPerPriority(sql: Statements, queue: Queue, priorities: readonly number[]): number[] {
  return priorities.map((priority) => {
    if (queue === undefined) return 0;
    if (priority === 0) return queue.counts[wait] ?? 0;
    const text = "SELECT count(*) AS n FROM job WHERE queue = ? AND state = ? AND rank = ?";
    return sql.one<{ n: number }>(text, queue.id, prioritized, priority)?.n ?? 0;
  });
}

/** Positions from the end count as in arrays: -1 is the last one. */
function windowOf(start: number, end: number, total: number): { offset: number; limit: number } {
  const at = (position: number) => (position < 0 ? total + position : position);
  const offset = Math.max(0, at(start));
  return { offset, limit: Math.max(0, Math.min(total - 1, at(end)) - offset + 1) };
}

/**
 * Ids of each type. For the two types that are lists on Redis, `wait` and `active`, BullMQ turns an ascending page
 * round once more, so that it is given here with the oldest last.
 */
export function getRanges(
  sql: Statements,
  queue: Queue,
  types: readonly string[],
  start: number,
  end: number,
  ascending: boolean,
): string[][] {
  return types.map((type) => {
    const state = stateNumber(type);
    if (queue === undefined || state === undefined) return [];
    const { offset, limit } = windowOf(start, end, queue.counts[state] ?? 0);
    const order = ascending ? "rank, seq" : "rank DESC, seq DESC";
    const text = `SELECT id FROM job WHERE queue = ? AND state = ? ORDER BY ${order} LIMIT ? OFFSET ?`;
    const ids = sql.all<{ id: string }>(text, queue.id, state, limit, offset).map((row) => row.id);
    return ascending && (state === wait || state === active) ? ids.reverse() : ids;
  });
}

interface KeyedChild extends ChildRow {
  readonly name: string;
}

function childPage(
  sql: Statements,
  queue: Queue,
  id: string,
  kind: Kind,
  offset = 0,
  limit = -1,
): KeyedChild[] {
  const row = queue && findJob(sql, queue, id);
  if (row === undefined) return [];
  return sql.all<KeyedChild>(
    `SELECT c.queue, c.id, c.value, q.name FROM child c JOIN queue q ON q.id = c.queue
      WHERE c.parent = ? AND c.kind = ? ORDER BY c.queue, c.id LIMIT ? OFFSET ?`,
    ...[row.pk, childKinds[kind], limit, offset],
  );
}

const keyOf = (child: KeyedChild) => `${child.name}:${child.id}`;

function countChildren(sql: Statements, queue: Queue, id: string, kind: Kind): number {
  const row = queue && findJob(sql, queue, id);
  if (row === undefined) return 0;
  const text = "SELECT count(*) AS n FROM child WHERE parent = ? AND kind = ?";
  return sql.one<{ n: number }>(text, row.pk, childKinds[kind])?.n ?? 0;
}

export function getDependencyCounts(
  sql: Statements,
  queue: Queue,
  id: string,
  kinds: readonly string[],
): number[] {
  return kinds.map((kind) => countChildren(sql, queue, id, kind as Kind));
}

/** Values of the children of a kind, by the children's keys. */
export function getChildValues(
  sql: Statements,
  queue: Queue,
  id: string,
  kind: Kind,
): Record<string, string> {
  const children = childPage(sql, queue, id, kind);
  return Object.fromEntries(children.map((child) => [keyOf(child), child.value ?? "null"]));
}

const defaultPage = 20;
const cursorNames = {
  failed: "nextFailedCursor",
  ignored: "nextIgnoredCursor",
  processed: "nextProcessedCursor",
  unprocessed: "nextUnprocessedCursor",
} as const;

/** Without options everything; else a page of each kind that is named, and where the next one begins (0: nowhere). */
export function getDependencies(
  sql: Statements,
  queue: Queue,
  id: string,
  opts: DependenciesOpts,
): Record<string, unknown> {
  const asked = (["failed", "ignored", "processed", "unprocessed"] as const).filter((kind) => opts[kind]);
  const isPaged = asked.length > 0;
  const found: Record<string, unknown> = {};
  for (const kind of isPaged ? asked : (["failed", "ignored", "processed", "unprocessed"] as const)) {
    const { cursor = 0, count = defaultPage } = opts[kind] ?? {};
    const children = isPaged
      ? childPage(sql, queue, id, kind, cursor, count)
      : childPage(sql, queue, id, kind);
    found[kind] = shapeChildren(kind, children);
    if (!isPaged) continue;
    const next = cursor + children.length;
    found[cursorNames[kind]] = next < countChildren(sql, queue, id, kind) ? next : 0;
  }
  return found;
}

function shapeChildren(kind: Kind, children: readonly KeyedChild[]): unknown {
  if (kind === "failed" || kind === "unprocessed") return children.map(keyOf);
  const read = (child: KeyedChild) =>
    kind === "processed" ? JSON.parse(child.value ?? "null") : child.value;
  return Object.fromEntries(children.map((child) => [keyOf(child), read(child)]));
}

const pagedKinds: Readonly<Record<string, Kind>> = {
  dependencies: "unprocessed",
  processed: "processed",
  failed: "ignored",
  unsuccessful: "failed",
};

export interface Page {
  cursor: string;
  items: { id: string; v?: unknown }[];
  total: number;
  jobs?: JobJson[];
}

/** A page of children; `key` is the parent's key and a word for their kind. */
export function paginate(
  sql: Statements,
  queue: Queue,
  key: string,
  opts: { start: number; end: number; fetchJobs?: boolean },
  queueOf: (name: string) => Queue,
): Page {
  const end = key.lastIndexOf(":");
  const kind = pagedKinds[key.slice(end + 1)];
  const id = key.slice((queue?.name.length ?? 0) + 1, end);
  if (kind === undefined || queue === undefined) return { cursor: "0", items: [], total: 0, jobs: [] };
  const total = countChildren(sql, queue, id, kind);
  const { offset, limit } = windowOf(opts.start, opts.end, total);
  const children = childPage(sql, queue, id, kind, offset, limit);
  const items = children.map((child) =>
    kind === "unprocessed" || kind === "failed"
      ? { id: keyOf(child) }
      : { id: keyOf(child), v: kind === "processed" ? JSON.parse(child.value ?? "null") : child.value },
  );
  if (!opts.fetchJobs) return { cursor: "0", items, total, jobs: [] };
  const jobs = children.flatMap((child) => getJobData(sql, queueOf(child.name), child.id) ?? []);
  return { cursor: "0", items, total, jobs };
}

export function findKeyHolder(sql: Statements, queue: Queue, id: string): string | null {
  const text =
    "SELECT job_id FROM dedup WHERE queue = ? AND id = ? AND (expires_at IS NULL OR expires_at > ?)";
  return (queue && sql.one<{ job_id: string }>(text, queue.id, id, Date.now())?.job_id) ?? null;
}
