/** The queue file as one process holds it: one connection, grouped commits, and waiting for what others commit. */
import { mkdirSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setImmediate } from "node:timers";
import { CambiumError } from "../../../errors.ts";
import { explain, openSqlite, type SqliteDatabase } from "../../../sqlite.ts";
import { Change, Statements } from "./change.ts";
import { queueMigrations } from "./schema.ts";
import { Watch } from "./watch.ts";

const fileName = "task store";
const remedy = "Move the file away; the history of tasks goes with it, the indexes stay.";
/** SQLite itself waits at most so long, as it blocks the process meanwhile; then the wait goes on between turns. */
const blockingWaitMs = 3;
const totalWaitMs = 30_000;
/** Operations of one commit. */
const maxGroup = 512;

export interface StoreOptions {
  readonly durability: "full" | "normal";
}

interface Operation {
  /** A read that only waits for the writes before it. */
  readonly isRead: boolean;
  readonly run: (change: Change) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly since: number;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

const open = new Map<string, QueueStore>();

/** The store of a file is shared by everything in this process that opens it, and closes with its last user. */
export function openStore(path: string, options: StoreOptions): QueueStore {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const real = join(realpathSync(dirname(path)), basename(path));
  const known = open.get(real);
  if (known !== undefined) {
    known.users += 1;
    return known;
  }
  const store = new QueueStore(real, options);
  open.set(real, store);
  return store;
}

const isBusy = (error: unknown) =>
  /^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test((error as { code?: string }).code ?? "");

/** In the words by which BullMQ knows that there is nothing to report. */
export const closedError = () => new Error("Connection is closed.");

export class QueueStore {
  readonly path: string;
  readonly watch: Watch;
  readonly sql: Statements;
  users = 1;
  readonly #db: SqliteDatabase;
  #pending: Operation[] = [];
  #scheduled = false;
  #settled: (() => void)[] = [];

  constructor(path: string, options: StoreOptions) {
    this.path = path;
    this.#db = openSqlite(path, {
      name: fileName,
      migrations: queueMigrations,
      durability: options.durability,
      cacheMiB: 16,
      remedy,
    });
    this.#db.pragma(`busy_timeout = ${blockingWaitMs}`);
    this.sql = new Statements(this.#db);
    this.watch = new Watch(() => this.#readVersion());
  }

  /**
   * Runs the operation in an immediate transaction, together with others of this process that came meanwhile, and
   * answers after the commit. May run it again when the file was busy, so it must touch nothing but the file.
   */
  write<Value>(run: (change: Change) => Value): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      this.#push({ isRead: false, run, resolve: resolve as (value: unknown) => void, reject });
    });
  }

  /**
   * Reads what is committed, after the writes that this process asked for before; but readers never wait for another
   * process, so that those writes are left behind while one holds the file.
   */
  async read<Value>(run: (sql: Statements) => Value): Promise<Value> {
    // As across a socket, no answer comes in the turn of its question: BullMQ's worker tells of a job before it tracks it.
    // The failure of an earlier write belongs to whoever asked for it.
    await new Promise<void>((resume) => {
      if (this.#pending.length > 0) this.#passEarlierWrites(resume);
      else setImmediate(resume);
    });
    const until = performance.now() + totalWaitMs;
    for (;;) {
      if (!this.#db.open) throw closedError();
      try {
        return run(this.sql);
      } catch (error) {
        if (!isBusy(error) || performance.now() > until) throw explain(error, this.path, fileName, remedy);
      }
      await new Promise((resume) => setTimeout(resume, 1 + Math.random() * 4));
    }
  }

  /** Several reads of one state of the file, without waiting; for the short checks of a wait. */
  peek<Value>(run: (sql: Statements) => Value): Value {
    if (!this.#db.open) throw closedError();
    return run(this.sql);
  }

  /** Resolves when no write is under way. */
  settle(): Promise<void> {
    if (this.#pending.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#settled.push(resolve));
  }

  async close(): Promise<void> {
    this.users -= 1;
    if (this.users > 0) return;
    await this.settle();
    if (this.users > 0) return;
    open.delete(this.path);
    this.watch.close();
    this.#db.close();
  }

  #readVersion(): number {
    return this.sql.one<{ data_version: number }>("PRAGMA data_version")?.data_version ?? 0;
  }

  #passEarlierWrites(resume: () => void): void {
    this.#push({ isRead: true, run: () => undefined, resolve: resume, reject: resume });
  }

  #push(operation: Omit<Operation, "since">): void {
    if (!this.#db.open) {
      operation.reject(closedError());
      return;
    }
    this.#pending.push({ ...operation, since: performance.now() });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const group = this.#pending.slice(0, maxGroup);
    if (group.length === 0) return;
    let retryMs: number | undefined;
    let touched: string[] = [];
    try {
      const committed = this.#commit(group);
      touched = committed.touched;
      this.#pending = this.#pending.slice(group.length);
      for (const [index, outcome] of committed.outcomes.entries()) {
        const operation = group[index] as Operation;
        if ("error" in outcome) operation.reject(outcome.error);
        else operation.resolve(outcome.value);
      }
    } catch (error) {
      this.#rollback();
      if (isBusy(error)) {
        retryMs = 1 + Math.random() * 3;
        this.#giveUp(error);
      } else {
        this.#pending = this.#pending.slice(group.length);
        for (const operation of group) operation.reject(explain(error, this.path, fileName, remedy));
      }
    }
    this.watch.announce(touched);
    if (this.#pending.length === 0) {
      for (const resolve of this.#settled.splice(0)) resolve();
    } else if (retryMs === undefined) {
      this.#schedule();
    } else {
      this.#scheduled = true;
      setTimeout(() => this.#flush(), retryMs);
    }
  }

  /** Lets the reads go on, and refuses the writes that have waited too long for other processes. */
  #giveUp(error: unknown): void {
    for (const operation of this.#pending) if (operation.isRead) operation.resolve(undefined);
    this.#pending = this.#pending.filter((operation) => !operation.isRead);
    const limit = performance.now() - totalWaitMs;
    const late = this.#pending.filter((operation) => operation.since < limit);
    if (late.length === 0) return;
    this.#pending = this.#pending.filter((operation) => operation.since >= limit);
    const message = `The ${fileName} ${this.path} was busy for ${totalWaitMs / 1000} s. Try again.`;
    for (const operation of late) operation.reject(new CambiumError("unavailable", message, error));
  }

  #commit(group: readonly Operation[]): { outcomes: Outcome[]; touched: string[] } {
    this.sql.run("BEGIN IMMEDIATE");
    const change = new Change(this.sql);
    const outcomes: Outcome[] = [];
    for (const operation of group) {
      this.sql.run("SAVEPOINT operation");
      change.begin();
      try {
        const value = operation.run(change);
        change.keep();
        outcomes.push({ value });
      } catch (error) {
        // A failure of SQLite itself (a full disk) has ended more than this operation.
        if (!this.#db.inTransaction || String((error as { code?: unknown }).code ?? "").startsWith("SQLITE_"))
          throw error;
        this.sql.run("ROLLBACK TO operation");
        outcomes.push({ error });
      }
      this.sql.run("RELEASE operation");
    }
    const touched = change.finish();
    this.sql.run("COMMIT");
    return { outcomes, touched };
  }

  #rollback(): void {
    try {
      if (this.#db.inTransaction) this.sql.run("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself; the first error is the one to tell.
    }
  }
}
