/** One open index file: prepared statements, transactions that wait in short steps, and errors in our own words. */
import { closeSync, openSync, statSync } from "node:fs";
import { CambiumError } from "../../../errors.ts";
import { explain, isBusy, openSqlite, type SqliteDatabase, sleepSync } from "../../../sqlite.ts";
import { applicationId, migrations, tables } from "./schema.ts";

const what = "index";
const lockWaitMs = 120_000;
const readWaitMs = 10_000;
/** Other writers hold the lock for the time of one batch: looking again every few milliseconds is soon enough. */
const stepMs = 3;

type Value = string | number | bigint | Buffer | null;
type Row = Record<string, unknown>;
type Statement = ReturnType<typeof prepare>;

function prepare(db: SqliteDatabase, sql: string) {
  return db.prepare<Value[]>(sql);
}

export class IndexFile {
  readonly path: string;
  /** Tells this file from another one that took its name. */
  readonly inode: bigint;
  readonly #db: SqliteDatabase;
  /** Unpacked parts of blobs, by all that identifies the blob: ids alone are given again after a deletion. */
  readonly unpacked = new Map<string, unknown>();
  readonly #counts = new Map<string, number>();
  #countedAt = 0;
  readonly #known = new Map<string, Map<number, unknown>>();
  /** The version of the file that `#known` was read from. */
  #knownAt = -1;
  /** Whether this transaction only reads, and whether it has compared versions. */
  #reading: "no" | "yes" | "compared" = "no";
  readonly #statements = new Map<string, Statement>();

  /** Throws `corrupt`, `conflict` for a newer format, `forbidden`, `exhausted`. */
  constructor(path: string) {
    this.path = path;
    this.#db = openPatiently(path);
    this.inode = statSync(path, { bigint: true }).ino;
  }

  /** Prepared once and kept. */
  statement(sql: string): Statement {
    const kept = this.#statements.get(sql);
    if (kept !== undefined) return kept;
    const made = prepare(this.#db, sql);
    this.#statements.set(sql, made);
    return made;
  }

  all<T = Row>(sql: string, ...values: Value[]): T[] {
    return this.statement(sql).all(...values) as T[];
  }

  get<T = Row>(sql: string, ...values: Value[]): T | undefined {
    return this.statement(sql).get(...values) as T | undefined;
  }

  run(sql: string, ...values: Value[]): number {
    return this.statement(sql).run(...values).changes;
  }

  /** How many chunks have a word, or are named so, counted up to `most`; remembered until the index has grown by a tenth. */
  countRows(word: string, most: number, chunks: number, column?: "name"): number {
    if (chunks > this.#countedAt * 1.1 || chunks < this.#countedAt * 0.9) {
      this.#counts.clear();
      this.#countedAt = chunks;
    }
    const expression = column === undefined ? `"${word}"` : `${column} : "${word}"`;
    const known = this.#counts.get(expression);
    if (known !== undefined) return known;
    const rows = this.get<{ n: number }>(
      "SELECT count(*) AS n FROM (SELECT 1 FROM passage WHERE passage MATCH ? LIMIT ?)",
      expression,
      most,
    );
    if (this.#counts.size > 10_000) this.#counts.clear();
    this.#counts.set(expression, rows?.n ?? 0);
    return rows?.n ?? 0;
  }

  /**
   * What was read from the file, by id, under a name of the caller's: empty again once anyone has written to the file or
   * more than `most` is in it. Within `read` only: elsewhere nothing is known.
   */
  known<T>(name: string, most: number): Map<number, T> {
    if (this.#reading === "no") return new Map();
    if (this.#reading === "yes") {
      const version = this.get<{ data_version: number }>("PRAGMA data_version")?.data_version ?? -1;
      if (version !== this.#knownAt) this.#known.clear();
      this.#knownAt = version;
      this.#reading = "compared";
    }
    const kept = this.#known.get(name) as Map<number, T> | undefined;
    if (kept !== undefined && kept.size <= most) return kept;
    const made = new Map<number, T>();
    this.#known.set(name, made);
    return made;
  }

  /** All statements in `work` see one state of the file. */
  read<T>(work: () => T): T {
    return this.#transact("BEGIN", () => {
      this.#reading = "yes";
      try {
        return work();
      } finally {
        this.#reading = "no";
      }
    });
  }

  /** `work` is alone among writers; others wait for it. Derive everything before: the lock is for inserts. */
  write<T>(work: () => T): T {
    this.#known.clear();
    return this.#transact("BEGIN IMMEDIATE", work);
  }

  /** Brings the log into the file and cuts it to nothing, as far as readers allow at this moment. */
  checkpoint(): void {
    this.#guard(() => {
      this.#db.pragma("busy_timeout = 200");
      try {
        this.#db.pragma("wal_checkpoint(TRUNCATE)");
      } finally {
        this.#db.pragma(`busy_timeout = ${readWaitMs}`);
      }
    });
  }

  /** Does `work` only if no other process writes at this moment; what it does can wait for another time. */
  writeIfFree(work: () => void): void {
    try {
      this.#db.pragma("busy_timeout = 0");
      this.statement("BEGIN IMMEDIATE").run();
      this.#known.clear();
      try {
        work();
        this.statement("COMMIT").run();
      } finally {
        if (this.#db.inTransaction) this.statement("ROLLBACK").run();
      }
    } catch {
      // Busy, full or read-only: nobody asked for this.
    } finally {
      this.#db.pragma(`busy_timeout = ${readWaitMs}`);
    }
  }

  /** Gives unused pages back to the disk. */
  shrink(): void {
    this.#guard(() => this.#db.pragma("incremental_vacuum"));
    this.checkpoint();
  }

  close(): void {
    this.#db.close();
  }

  #transact<T>(begin: string, work: () => T): T {
    return this.#guard(() => {
      if (begin === "BEGIN") this.statement(begin).run();
      else this.#beginWriting(begin);
      try {
        const result = work();
        this.statement("COMMIT").run();
        return result;
      } catch (error) {
        if (this.#db.inTransaction) this.statement("ROLLBACK").run();
        throw error;
      }
    });
  }

  #beginWriting(begin: string): void {
    const deadline = Date.now() + lockWaitMs;
    const statement = this.statement(begin);
    this.#db.pragma("busy_timeout = 0");
    try {
      for (;;) {
        try {
          statement.run();
          return;
        } catch (error) {
          if (!isBusy(error) || Date.now() > deadline) throw error;
          sleepSync(1 + Math.random() * stepMs);
        }
      }
    } finally {
      this.#db.pragma(`busy_timeout = ${readWaitMs}`);
    }
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!this.#db.open)
        throw new CambiumError(
          "unavailable",
          "The index was removed or replaced meanwhile. Ask again.",
          error,
        );
      const explained = explain(asDamage(error), this.path, what);
      if (explained instanceof CambiumError && explained.code === "corrupt") markDamaged(this);
      throw explained;
    }
  }
}

/** All our tables are made when a file is: one that is missing was taken out of it. */
function asDamage(error: unknown): unknown {
  const isMissing = error instanceof Error && /^no such table: (?!temp\.)/.test(error.message);
  return isMissing ? Object.assign(error, { code: "SQLITE_CORRUPT_SCHEMA" }) : error;
}

function openPatiently(path: string): SqliteDatabase {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return openChecked(path);
    } catch (error) {
      const isAway = error instanceof CambiumError && error.code === "unavailable";
      if (!isAway || attempt === 20) throw error;
      sleepSync(5 * attempt);
    }
  }
}

function openChecked(path: string): SqliteDatabase {
  const db = openSqlite(path, {
    name: what,
    migrations,
    durability: "normal",
    cacheMiB: 32,
    pragmas: ["page_size = 8192", "auto_vacuum = incremental", "wal_autocheckpoint = 2000"],
  });
  try {
    const found = new Set(db.prepare("SELECT name FROM sqlite_master").pluck().all());
    const isOurs = Number(db.pragma("application_id", { simple: true })) === applicationId;
    if (isOurs && tables.every((table) => found.has(table))) return db;
    throw new CambiumError("corrupt", `The ${what} ${path} is damaged (tables are missing).`);
  } catch (error) {
    db.close();
    throw explain(error, path, what);
  }
}

/** Damage deep inside a file shows only when it is read: the mark lets the next `register` start a new file. */
export function damageMark(path: string): string {
  return `${path}.damaged`;
}

/** Merges the full text into one tree, which lets its deleted rows go, and gives the room back. */
export function compactFile(file: IndexFile): void {
  file.write(() => file.run("INSERT INTO passage(passage) VALUES ('optimize')"));
  file.shrink();
}

/** A file that took the name since is sound: damage of the one before says nothing about it. */
export function markDamaged({ path, inode }: IndexFile): void {
  try {
    if (statSync(path, { bigint: true }).ino !== inode) return;
    closeSync(openSync(damageMark(path), "w", 0o600));
  } catch {
    // Where even this cannot be written, the failure that is being reported says enough.
  }
}
