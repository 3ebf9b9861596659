/** The rows of all indexes of a data folder in an order and form that do not depend on how they came about. */
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";

const sha = (bytes: unknown) =>
  createHash("sha256")
    .update(bytes as Buffer)
    .digest("hex")
    .slice(0, 16);

function openEach<T>(home: string, read: (db: Database.Database) => T[]): T[] {
  const folder = join(home, "index");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".db"))
    .sort()
    .flatMap((name) => {
      const db = new Database(join(folder, name), { readonly: true });
      try {
        return read(db);
      } finally {
        db.close();
      }
    });
}

/** Files with their blobs, all derived data by content, definitions by name, and the counts of every indexed term. */
export function dumpIndex(home: string): string[] {
  return openEach(home, (db) => {
    db.exec("CREATE VIRTUAL TABLE temp.term USING fts5vocab(main, passage, row)");
    const rows = [
      ...db
        .prepare(
          `SELECT 'file' AS row, s.root, f.path, f.size, f.mtime, f.reason, f.detail, f.pending, hex(b.hash) AS hash,
             b.language, b.extractor, b.bytes, b.symbols, b.uses, b.chunks, b.parse_errors, c.text, c.outline, c.uses AS packed
           FROM file f JOIN snapshot s ON s.id = f.snapshot
           LEFT JOIN blob b ON b.id = f.blob LEFT JOIN content c ON c.blob = b.id`,
        )
        .all()
        .map((row) => {
          const { text, outline, packed, ...rest } = row as Record<string, unknown>;
          return { ...rest, content: text === null ? null : [text, outline, packed].map(sha) };
        }),
      ...db
        .prepare(
          `SELECT 'definition' AS row, d.name, hex(b.hash) AS hash, d.ordinal, d.kind, d.parent
           FROM definition d JOIN blob b ON b.id = d.blob`,
        )
        .all(),
      ...db.prepare("SELECT 'term' AS row, term, doc, cnt FROM temp.term").all(),
      ...db
        .prepare(
          "SELECT 'snapshot' AS row, root, name, state, files, skipped, bytes, symbols, uses, chunks FROM snapshot",
        )
        .all(),
    ];
    return rows.map((row) => JSON.stringify(row)).sort();
  });
}

/** What became of each path: `indexed`, or the reason why not. */
export function readLedger(home: string): ReadonlyMap<string, string> {
  const rows = openEach(
    home,
    (db) => db.prepare("SELECT path, reason FROM file").all() as { path: string; reason: string | null }[],
  );
  return new Map(rows.map(({ path, reason }) => [path, reason ?? "indexed"]));
}
