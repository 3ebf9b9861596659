/** How many jobs finished in each of the last minutes, newest first. */
import type { Change, QueueRow, Statements } from "./change.ts";

interface MetricRow {
  readonly total: number;
  readonly prev_at: number;
  readonly prev_total: number;
  readonly points: string;
}

const minuteMs = 60_000;
const find = "SELECT total, prev_at, prev_total, points FROM metric WHERE queue = ? AND kind = ?";

export function countFinished(change: Change, queue: QueueRow, kind: string, maxPoints: number): void {
  const before = change.sql.one<MetricRow>(find, queue.id, kind);
  const now = change.now;
  let next: MetricRow = { total: 1, prev_at: now, prev_total: 0, points: "[]" };
  if (before !== undefined) {
    const minutes = Math.floor(now / minuteMs) - Math.floor(before.prev_at / minuteMs);
    next = { ...before, total: before.total + 1 };
    if (minutes > 0) {
      const silent = new Array<number>(Math.min(minutes, maxPoints) - 1).fill(0);
      const points = [
        ...silent,
        before.total - before.prev_total,
        ...(JSON.parse(before.points) as number[]),
      ];
      const kept = JSON.stringify(points.slice(0, maxPoints));
      next = { total: before.total + 1, prev_at: now, prev_total: before.total, points: kept };
    }
  }
  change.sql.run(
    "INSERT OR REPLACE INTO metric(queue, kind, total, prev_at, prev_total, points) VALUES (?, ?, ?, ?, ?, ?)",
    ...[queue.id, kind, next.total, next.prev_at, next.prev_total, next.points],
  );
}

/** Total, time and total of the last point; the points from `start` to `end`, both included; how many there are. */
export function readMetrics(
  sql: Statements,
  queue: QueueRow | undefined,
  kind: string,
  start: number,
  end: number,
): [string[], string[], number] {
  const row = queue && sql.one<MetricRow>(find, queue.id, kind);
  if (row === undefined) return [[], [], 0];
  const points = (JSON.parse(row.points) as number[]).map(String);
  const asked = points.slice(start, end === -1 ? undefined : end + 1);
  return [[row.total, row.prev_at, row.prev_total].map(String), asked, points.length];
}
