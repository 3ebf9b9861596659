/**
 * How a SQLite file is opened: folder rights, pragmas, numbered migrations, immediate transactions and closing.
 * Used by the queue backend and the index store, each on files of its own: an index may be thrown away,
 * a task's history may not.
 */
import { closeSync, existsSync, mkdirSync, openSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { CambiumError } from "./errors.ts";
import { sqliteModule } from "./sqlite-module.ts";

export type SqliteDatabase = Database.Database;

export interface OpenOptions {
  /** Named in errors, for example `task store`. */
  readonly name: string;
  /** SQL of format 1, 2, 3 …; a file remembers its format in `user_version`. Never edit one that was released. */
  readonly migrations: readonly string[];
  /** `full` survives a power cut after every commit; `normal` only a crash of the process. */
  readonly durability: "full" | "normal";
  /** Page cache in MiB. */
  readonly cacheMiB: number;
  /** Extra pragmas, for example `page_size = 8192`, set before the first table is made. */
  readonly pragmas?: readonly string[];
  /** What to do when it is damaged; by default what holds for an index. */
  readonly remedy?: string;
}

/**
 * Opens (and creates, or brings up to the newest format) a SQLite file in WAL mode.
 * Throws `conflict` for a file of a newer format, `corrupt` for a damaged one, `forbidden` where it cannot be
 * written, `exhausted` on a full disk. Never deletes or moves a file.
 */
export function openSqlite(path: string, options: OpenOptions): SqliteDatabase {
  let db: SqliteDatabase | undefined;
  try {
    if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    makePrivate(path);
    db = new Database(path, withModule({ timeout: 10_000 }));
    for (const pragma of options.pragmas ?? []) db.pragma(pragma);
    useLog(db);
    db.pragma(`synchronous = ${options.durability}`);
    db.pragma("foreign_keys = OFF");
    db.pragma(`cache_size = ${-1024 * options.cacheMiB}`);
    db.pragma("journal_size_limit = 67108864");
    db.pragma("temp_store = memory");
    migrate(db, path, options);
    return db;
  } catch (error) {
    db?.close();
    throw explain(error, path, options.name, options.remedy);
  }
}

/** Whether another connection holds a lock that this one needs. */
export const isBusy = (error: unknown): boolean =>
  String((error as { code?: string }).code).startsWith("SQLITE_BUSY");

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Holds the whole process up: for the few places where SQLite would, and cannot. */
export function sleepSync(ms: number): void {
  Atomics.wait(sleeper, 0, 0, ms);
}

/** Two processes that make the same file switch at once, in which SQLite itself waits for nobody. */
function useLog(db: SqliteDatabase): void {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      db.pragma("journal_mode = WAL");
      return;
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw error;
      sleepSync(1 + Math.random() * 5);
    }
  }
}

/** SQLite gives a file what the umask leaves, and the files beside it the same: the folder may be open to others. */
function makePrivate(path: string): void {
  try {
    if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
  } catch {
    // Whatever is wrong with the place, opening the database says it in a moment.
  }
}

function migrate(db: SqliteDatabase, path: string, options: OpenOptions): void {
  const newest = options.migrations.length;
  const found = () => Number(db.pragma("user_version", { simple: true }));
  if (found() > newest) {
    throw new CambiumError(
      "conflict",
      `The ${options.name} ${path} has format ${found()}, this Cambium knows ${newest}. ` +
        "Update Cambium, or choose another data folder with CAMBIUM_HOME.",
    );
  }
  if (found() === newest) return;
  db.transaction(() => {
    for (let format = found(); format < newest; format += 1) {
      db.exec(options.migrations[format] ?? "");
      db.pragma(`user_version = ${format + 1}`);
    }
  }).immediate();
}

function withModule(options: Database.Options): Database.Options {
  const nativeBinding = sqliteModule();
  if (nativeBinding !== undefined) return { ...options, nativeBinding };
  throw new CambiumError(
    "unavailable",
    "SQLite's native module is missing. `cambium doctor` says how to get it.",
  );
}

/** Loads the native module and returns SQLite's version. Throws when the module does not fit this Node. */
export function probeSqlite(): string {
  const db = new Database(":memory:", withModule({}));
  try {
    return String(db.prepare("SELECT sqlite_version()").pluck().get());
  } finally {
    db.close();
  }
}

/** What is wrong with a file; empty when it is sound. Reads all of it, and changes nothing. */
export function quickCheck(path: string): string[] {
  try {
    const db = new Database(path, withModule({ readonly: true }));
    try {
      const found = db.pragma("quick_check(3)") as { quick_check: string }[];
      return found.map((row) => row.quick_check).filter((line) => line !== "ok");
    } finally {
      db.close();
    }
  } catch (error) {
    return [(error as Error).message];
  }
}

/** Why nobody else can write a file now; undefined when they can. Writes nothing. */
export function whyLocked(path: string, waitMs: number): string | undefined {
  try {
    const db = new Database(path, withModule({ fileMustExist: true, timeout: waitMs }));
    try {
      db.transaction(() => {}).immediate();
      return undefined;
    } finally {
      db.close();
    }
  } catch (error) {
    return (error as Error).message;
  }
}

/** Less than this and SQLite can neither commit nor make the files beside a store that it needs to open it. */
const roomMinBytes = 256 * 1024;

/** Whether the disk under a path is too full for SQLite. False where that cannot be seen. */
function isFull(path: string): boolean {
  try {
    const { bavail, bsize, files, ffree } = statfsSync(dirname(path));
    return bavail * bsize < roomMinBytes || (files > 0 && ffree === 0);
  } catch {
    return false;
  }
}

/** Says what a SQLite or system error means for the person who runs Cambium. */
export function explain(
  error: unknown,
  path: string,
  name: string,
  remedy = "Indexing the repository again rebuilds it.",
): unknown {
  if (error instanceof CambiumError) return error;
  const code = (error as { code?: string }).code ?? "";
  // Without room for the files beside it, a store fails to open with an error of input and output.
  const isOutOfRoom = /^SQLITE_(IOERR|CANTOPEN)/.test(code) && isFull(path);
  if (code.startsWith("SQLITE_FULL") || code === "ENOSPC" || isOutOfRoom) {
    return new CambiumError(
      "exhausted",
      `The disk that holds ${path} is full. Free some room and try again.`,
      error,
    );
  }
  if (/^SQLITE_(READONLY|CANTOPEN|PERM)|^E(ACCES|ROFS|PERM)$/.test(code)) {
    return new CambiumError(
      "forbidden",
      `Cannot write the ${name} ${path} (${code}). Make the folder writable, or set CAMBIUM_HOME to one that is.`,
      error,
    );
  }
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) {
    return new CambiumError("corrupt", `The ${name} ${path} is damaged (${code}). ${remedy}`, error);
  }
  if (code.startsWith("SQLITE_IOERR")) {
    return new CambiumError(
      "unavailable",
      `The ${name} ${path} cannot be read or written (${code}). Check the disk that holds it.`,
      error,
    );
  }
  if (isBusy(error)) {
    return new CambiumError("unavailable", `The ${name} ${path} is busy. Try again.`, error);
  }
  return error;
}
