/** The events of a queue, numbered without gaps: written with the change they tell of, read by number. */
import type { StreamReadRaw } from "bullmq";
import { type Change, type QueueRow, readQueue, type Statements } from "./change.ts";
import type { Look } from "./watch.ts";

interface EventRow {
  readonly n: number;
  readonly at: number;
  readonly fields: string;
}

/** One answer has at most so many events; the rest follows with the next. */
const pageSize = 500;

/** `<ms>-<number>`, as the ids of a Redis stream: the number alone decides the order. */
const idOf = (row: EventRow) => `${row.at}-${row.n}`;

/** The number behind which to read; `$` stands for the newest, a bare time for all since then. */
export function cursorOf(sql: Statements, name: string, id: string): number {
  const queue = readQueue(sql, name);
  if (id === "$") return queue?.lastEvent ?? 0;
  const [time, number] = id.split("-");
  if (number !== undefined) return Number(number);
  const text = "SELECT max(n) AS n FROM event WHERE queue = ? AND at < ?";
  return (queue && sql.one<{ n: number | null }>(text, queue.id, Number(time))?.n) ?? 0;
}

export function lookForEvents(sql: Statements, name: string, after: number): Look<StreamReadRaw> {
  const queue = readQueue(sql, name);
  if (queue === undefined || queue.lastEvent <= after) return {};
  const text = "SELECT n, at, fields FROM event WHERE queue = ? AND n > ? ORDER BY n LIMIT ?";
  const rows = sql.all<EventRow>(text, queue.id, after, pageSize);
  if (rows.length === 0) return {};
  return { found: [[`${name}:events`, rows.map((row) => [idOf(row), JSON.parse(row.fields) as string[]])]] };
}

/** Beyond what every event does by itself. Returns how many events were removed. */
export function trimEvents(change: Change, queue: QueueRow, kept: number): number {
  return change.sql.run("DELETE FROM event WHERE queue = ? AND n <= ?", queue.id, queue.lastEvent - kept);
}

export function publishEvent(
  change: Change,
  queue: QueueRow,
  fields: Readonly<Record<string, string | number>>,
): string {
  const n = change.emit(queue, ...Object.entries(fields).flat());
  return `${change.now}-${n}`;
}
