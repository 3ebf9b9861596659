/** One change of the queue file: what an operation may touch, and the queue rows it works on until it is done. */
import type { Statement } from "better-sqlite3";
import type { SqliteDatabase } from "../../../sqlite.ts";

export interface QueueRow {
  readonly id: number;
  readonly name: string;
  meta: Record<string, string>;
  lastJob: number;
  firstSeq: number;
  lastSeq: number;
  lastEvent: number;
  limitUsed: number;
  limitUntil: number;
  /** Jobs by state number. */
  counts: number[];
}

interface StoredQueue {
  id: number;
  name: string;
  meta: string;
  last_job: number;
  first_seq: number;
  last_seq: number;
  last_event: number;
  limit_used: number;
  limit_until: number;
  n_wait: number;
  n_prioritized: number;
  n_delayed: number;
  n_active: number;
  n_waiting_children: number;
  n_completed: number;
  n_failed: number;
}

const defaultMaxEvents = 10_000;
/** The event table is cut back once in so many events. */
const trimEvery = 256;

/** SQL is prepared once per connection; the texts are constants of this folder. */
export class Statements {
  readonly #db: SqliteDatabase;
  readonly #prepared = new Map<string, Statement<unknown[], unknown>>();

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  #get(text: string): Statement<unknown[], unknown> {
    let statement = this.#prepared.get(text);
    if (statement === undefined) {
      statement = this.#db.prepare(text);
      this.#prepared.set(text, statement);
    }
    return statement;
  }

  /** Runs and returns the number of changed rows. */
  run(text: string, ...values: unknown[]): number {
    return this.#get(text).run(...values).changes;
  }

  one<Row>(text: string, ...values: unknown[]): Row | undefined {
    return this.#get(text).get(...values) as Row | undefined;
  }

  all<Row>(text: string, ...values: unknown[]): Row[] {
    return this.#get(text).all(...values) as Row[];
  }
}

/**
 * Queue rows are read once per transaction and written back once at its end; each operation works on its own copy,
 * so that one that throws leaves no trace on those that are committed with it.
 */
export class Change {
  readonly sql: Statements;
  readonly now: number;
  readonly #committed = new Map<string, QueueRow>();
  readonly #names = new Map<number, string>();
  #own = new Map<string, QueueRow>();

  constructor(sql: Statements) {
    this.sql = sql;
    this.now = Date.now();
  }

  begin(): void {
    this.#own = new Map();
  }

  keep(): void {
    for (const [name, row] of this.#own) this.#committed.set(name, row);
  }

  /** Writes the queue rows back and returns the names of the queues that may have changed. */
  finish(): string[] {
    for (const row of this.#committed.values()) writeQueue(this.sql, row);
    return [...this.#committed.keys()];
  }

  /** The row of a queue, made if there is none yet. */
  queue(name: string): QueueRow {
    const own = this.#own.get(name);
    if (own !== undefined) return own;
    const before = this.#committed.get(name);
    const row = before === undefined ? this.#load(name) : copyRow(before);
    this.#own.set(name, row);
    return row;
  }

  queueById(id: number): QueueRow {
    const known = this.#names.get(id);
    const name = known ?? this.sql.one<{ name: string }>("SELECT name FROM queue WHERE id = ?", id)?.name;
    if (name === undefined) throw new Error(`The queue file names queue ${id}, which it does not have.`);
    this.#names.set(id, name);
    return this.queue(name);
  }

  #load(name: string): QueueRow {
    const found = readQueue(this.sql, name);
    if (found !== undefined) return found;
    this.sql.run("INSERT INTO queue(name) VALUES (?)", name);
    return readQueue(this.sql, name) as QueueRow;
  }

  /** Appends to the queue's events; the oldest are dropped beyond its limit. */
  emit(queue: QueueRow, ...fields: (string | number)[]): number {
    queue.lastEvent += 1;
    const n = queue.lastEvent;
    this.sql.run(
      "INSERT INTO event(queue, n, at, fields) VALUES (?, ?, ?, ?)",
      queue.id,
      n,
      this.now,
      JSON.stringify(fields.map(String)),
    );
    if (n % trimEvery === 0) {
      const kept = Number(queue.meta["opts.maxLenEvents"] ?? defaultMaxEvents);
      this.sql.run("DELETE FROM event WHERE queue = ? AND n <= ?", queue.id, n - kept);
    }
    return n;
  }
}

function copyRow(row: QueueRow): QueueRow {
  return { ...row, meta: { ...row.meta }, counts: [...row.counts] };
}

export function readQueue(sql: Statements, name: string): QueueRow | undefined {
  const found = sql.one<StoredQueue>("SELECT * FROM queue WHERE name = ?", name);
  return (
    found && {
      id: found.id,
      name,
      meta: found.meta === "{}" ? {} : (JSON.parse(found.meta) as Record<string, string>),
      lastJob: found.last_job,
      firstSeq: found.first_seq,
      lastSeq: found.last_seq,
      lastEvent: found.last_event,
      limitUsed: found.limit_used,
      limitUntil: found.limit_until,
      counts: [
        found.n_wait,
        found.n_prioritized,
        found.n_delayed,
        found.n_active,
        found.n_waiting_children,
        found.n_completed,
        found.n_failed,
      ],
    }
  );
}

function writeQueue(sql: Statements, row: QueueRow): void {
  sql.run(
    `UPDATE queue SET meta = ?, last_job = ?, first_seq = ?, last_seq = ?, last_event = ?, limit_used = ?,
      limit_until = ?, n_wait = ?, n_prioritized = ?, n_delayed = ?, n_active = ?, n_waiting_children = ?,
      n_completed = ?, n_failed = ? WHERE id = ?`,
    JSON.stringify(row.meta),
    row.lastJob,
    row.firstSeq,
    row.lastSeq,
    row.lastEvent,
    row.limitUsed,
    row.limitUntil,
    ...row.counts,
    row.id,
  );
}
