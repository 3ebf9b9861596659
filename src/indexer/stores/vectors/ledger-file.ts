/** The open file of bought vectors: prepared statements, transactions, and errors in our own words. */
import { explain, openSqlite, type SqliteDatabase } from "../../../sqlite.ts";
import type { EmbeddingModel } from "../../embedder.ts";
import { migrations } from "./schema.ts";

type Value = string | number | Buffer | null;
type Statement = ReturnType<typeof prepare>;

const prepare = (db: SqliteDatabase, sql: string) => db.prepare<Value[]>(sql);
const remedy =
  "What it holds was paid for: restore it from a backup, or delete it and buy the vectors again.";

export class LedgerFile {
  readonly #path: string;
  readonly #db: SqliteDatabase;
  readonly #statements = new Map<string, Statement>();
  readonly #models = new Map<string, number>();

  /** Throws `corrupt`, `conflict` for a newer format, `forbidden`, `exhausted`. */
  constructor(path: string) {
    this.#path = path;
    this.#db = openSqlite(path, {
      name: "file of embeddings",
      migrations,
      durability: "full",
      cacheMiB: 16,
      pragmas: ["page_size = 8192"],
      remedy,
    });
  }

  statement(sql: string): Statement {
    const kept = this.#statements.get(sql);
    if (kept !== undefined) return kept;
    const made = prepare(this.#db, sql);
    this.#statements.set(sql, made);
    return made;
  }

  all<T>(sql: string, ...values: Value[]): T[] {
    return this.statement(sql).all(...values) as T[];
  }

  get<T>(sql: string, ...values: Value[]): T | undefined {
    return this.statement(sql).get(...values) as T | undefined;
  }

  iterate<T>(sql: string, ...values: Value[]): IterableIterator<T> {
    return this.statement(sql).iterate(...values) as IterableIterator<T>;
  }

  /** How many rows changed. */
  run(sql: string, ...values: Value[]): number {
    return this.statement(sql).run(...values).changes;
  }

  insert(sql: string, ...values: Value[]): number {
    return Number(this.statement(sql).run(...values).lastInsertRowid);
  }

  read<T>(work: () => T): T {
    return this.#guard(() => this.#db.transaction(work).deferred());
  }

  write<T>(work: () => T): T {
    return this.#guard(() => this.#db.transaction(work).immediate());
  }

  /**
   * For what a question costs: it outlives a crash, but a power cut may take it back, as it does not wait for the disk.
   * It is the half of what a question took beside its answer.
   */
  writeSoon<T>(work: () => T): T {
    this.#db.pragma("synchronous = NORMAL");
    try {
      return this.write(work);
    } finally {
      this.#db.pragma("synchronous = FULL");
    }
  }

  /** Undefined for a model that nothing was planned for. */
  findModel({ provider, name, dimensions }: EmbeddingModel): number | undefined {
    const key = `${dimensions} ${provider} ${name}`;
    const known = this.#models.get(key);
    if (known !== undefined) return known;
    const row = this.get<{ id: number }>(
      "SELECT id FROM model WHERE provider = ? AND name = ? AND dimensions = ?",
      provider,
      name,
      dimensions,
    );
    if (row !== undefined) this.#models.set(key, row.id);
    return row?.id;
  }

  /** Inside a write transaction. */
  makeModel(model: EmbeddingModel): number {
    const { provider, name, dimensions } = model;
    return (
      this.findModel(model) ??
      this.insert(
        "INSERT INTO model (provider, name, dimensions) VALUES (?, ?, ?)",
        provider,
        name,
        dimensions,
      )
    );
  }

  close(): void {
    this.#db.close();
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw explain(error, this.#path, "file of embeddings", remedy);
    }
  }
}
