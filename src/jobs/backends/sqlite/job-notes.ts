/** What a running job writes down: progress, new data and log lines. */
import type { Change, QueueRow, Statements } from "./change.ts";
import { findJob, type JobRow } from "./job-row.ts";
import { refuse } from "./refusals.ts";

function mustFind(change: Change, queue: QueueRow, id: string, command: string): JobRow {
  const row = findJob(change.sql, queue, id);
  if (row === undefined) throw refuse("missing", id, command);
  return row;
}

export function updateProgress(change: Change, queue: QueueRow, id: string, progress: unknown): void {
  const row = mustFind(change, queue, id, "updateProgress");
  const text = JSON.stringify(progress) ?? "null";
  change.sql.run("UPDATE job SET progress = ? WHERE pk = ?", text, row.pk);
  change.emit(queue, "event", "progress", "jobId", id, "data", text);
}

export function updateData(change: Change, queue: QueueRow, id: string, data: unknown): void {
  const row = mustFind(change, queue, id, "updateData");
  change.sql.run("UPDATE job SET data = ? WHERE pk = ?", JSON.stringify(data) ?? "{}", row.pk);
}

/** Returns how many lines are kept. */
export function addLog(
  change: Change,
  queue: QueueRow,
  id: string,
  line: string,
  keep: number | undefined,
): number {
  const { pk } = mustFind(change, queue, id, "addLog");
  const last = change.sql.one<{ n: number | null }>("SELECT max(n) AS n FROM log WHERE job = ?", pk)?.n ?? 0;
  change.sql.run("INSERT INTO log(job, n, line) VALUES (?, ?, ?)", pk, last + 1, String(line));
  if (keep) change.sql.run("DELETE FROM log WHERE job = ? AND n <= ?", pk, last + 1 - keep);
  return countLines(change.sql, pk);
}

export function clearLogs(change: Change, queue: QueueRow, id: string, keep: number | undefined): void {
  const row = findJob(change.sql, queue, id);
  if (row === undefined) return;
  const text =
    "DELETE FROM log WHERE job = ? AND n NOT IN (SELECT n FROM log WHERE job = ? ORDER BY n DESC LIMIT ?)";
  change.sql.run(text, row.pk, row.pk, keep ?? 0);
}

function countLines(sql: Statements, pk: number): number {
  return sql.one<{ n: number }>("SELECT count(*) AS n FROM log WHERE job = ?", pk)?.n ?? 0;
}

/** Lines from `start` to `end`, both included, the oldest first or last. */
export function getLogs(
  sql: Statements,
  queue: QueueRow | undefined,
  id: string,
  start: number,
  end: number,
  ascending: boolean,
): { logs: string[]; count: number } {
  const row = queue && findJob(sql, queue, id);
  if (row === undefined) return { logs: [], count: 0 };
  const count = countLines(sql, row.pk);
  const at = (position: number) => (position < 0 ? Math.max(0, count + position) : position);
  const order = ascending ? "n" : "n DESC";
  const text = `SELECT line FROM log WHERE job = ? ORDER BY ${order} LIMIT ? OFFSET ?`;
  const limit = Math.max(0, at(end) - at(start) + 1);
  return {
    logs: sql.all<{ line: string }>(text, row.pk, limit, at(start)).map((found) => found.line),
    count,
  };
}
