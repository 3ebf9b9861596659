/** The tables of the queue file, by format; a released format is never edited, only followed by the next one. */

/**
 * `job_order` answers every question about order: `rank` is 0 for waiting jobs, the priority for prioritized ones,
 * the due time for delayed ones and the time of the last change for the rest; `seq` breaks ties. The counts in `queue`
 * are kept by the same transactions that move jobs, as counting a million finished jobs would take 50 ms.
 */
const format1 = `
CREATE TABLE queue(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, meta TEXT NOT NULL DEFAULT '{}',
  last_job INTEGER NOT NULL DEFAULT 0, first_seq INTEGER NOT NULL DEFAULT 0, last_seq INTEGER NOT NULL DEFAULT 0,
  last_event INTEGER NOT NULL DEFAULT 0, limit_used INTEGER NOT NULL DEFAULT 0, limit_until INTEGER NOT NULL DEFAULT 0,
  n_wait INTEGER NOT NULL DEFAULT 0, n_prioritized INTEGER NOT NULL DEFAULT 0, n_delayed INTEGER NOT NULL DEFAULT 0,
  n_active INTEGER NOT NULL DEFAULT 0, n_waiting_children INTEGER NOT NULL DEFAULT 0,
  n_completed INTEGER NOT NULL DEFAULT 0, n_failed INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE job(
  pk INTEGER PRIMARY KEY, queue INTEGER NOT NULL, id TEXT NOT NULL, state INTEGER NOT NULL, rank INTEGER NOT NULL,
  seq INTEGER NOT NULL, name TEXT NOT NULL, data TEXT NOT NULL, opts TEXT NOT NULL, priority INTEGER NOT NULL,
  delay INTEGER NOT NULL, timestamp INTEGER NOT NULL, progress TEXT, attempts_made INTEGER NOT NULL DEFAULT 0,
  attempts_started INTEGER NOT NULL DEFAULT 0, stalled INTEGER NOT NULL DEFAULT 0, processed_on INTEGER,
  finished_on INTEGER, processed_by TEXT, failed_reason TEXT, stacktrace TEXT, returnvalue TEXT,
  deferred_failure TEXT, parent TEXT, dedup TEXT, scheduler TEXT,
  lock_token TEXT, lock_until INTEGER, lock_owner TEXT, UNIQUE(queue, id)) STRICT;
CREATE INDEX job_order ON job(queue, state, rank, seq);
CREATE TABLE child(
  parent INTEGER NOT NULL, kind INTEGER NOT NULL, queue INTEGER NOT NULL, id TEXT NOT NULL, value TEXT,
  PRIMARY KEY(parent, kind, queue, id)) STRICT, WITHOUT ROWID;
CREATE TABLE log(
  job INTEGER NOT NULL, n INTEGER NOT NULL, line TEXT NOT NULL, PRIMARY KEY(job, n)) STRICT, WITHOUT ROWID;
CREATE TABLE event(
  queue INTEGER NOT NULL, n INTEGER NOT NULL, at INTEGER NOT NULL, fields TEXT NOT NULL,
  PRIMARY KEY(queue, n)) STRICT, WITHOUT ROWID;
CREATE TABLE dedup(
  queue INTEGER NOT NULL, id TEXT NOT NULL, job_id TEXT NOT NULL, expires_at INTEGER, next TEXT,
  PRIMARY KEY(queue, id)) STRICT, WITHOUT ROWID;
CREATE TABLE scheduler(
  queue INTEGER NOT NULL, id TEXT NOT NULL, next INTEGER NOT NULL, fields TEXT NOT NULL,
  PRIMARY KEY(queue, id)) STRICT, WITHOUT ROWID;
CREATE INDEX scheduler_next ON scheduler(queue, next);
CREATE TABLE metric(
  queue INTEGER NOT NULL, kind TEXT NOT NULL, total INTEGER NOT NULL, prev_at INTEGER NOT NULL,
  prev_total INTEGER NOT NULL, points TEXT NOT NULL, PRIMARY KEY(queue, kind)) STRICT, WITHOUT ROWID;
CREATE TABLE client(id INTEGER PRIMARY KEY, name TEXT NOT NULL, owner TEXT NOT NULL, since INTEGER NOT NULL) STRICT;
CREATE TABLE worker(
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, owner TEXT NOT NULL,
  started_at INTEGER NOT NULL, heartbeat_at INTEGER NOT NULL, info TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

export const queueMigrations: readonly string[] = [format1];

/** As numbered in `job.state`. */
export const wait = 0;
export const prioritized = 1;
export const delayed = 2;
export const active = 3;
export const waitingChildren = 4;
export const completed = 5;
export const failed = 6;

export const stateNames = [
  "wait",
  "prioritized",
  "delayed",
  "active",
  "waiting-children",
  "completed",
  "failed",
] as const;

/** The number of a BullMQ state, or undefined; `waiting` is an alias of `wait`. */
export function stateNumber(name: string): number | undefined {
  const at = stateNames.indexOf((name === "waiting" ? "wait" : name) as (typeof stateNames)[number]);
  return at < 0 ? undefined : at;
}

/** As numbered in `child.kind`. */
export const childKinds = { unprocessed: 0, processed: 1, ignored: 2, failed: 3 } as const;
