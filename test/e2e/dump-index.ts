/** The rows of all indexes of a data folder in an order and form that do not depend on how they came about. */
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { PostingReader } from "../../src/indexer/stores/sqlite/posting-rows.ts";
import { trigramsMax } from "../../src/indexer/trigrams.ts";

/** The trigrams that the segments know of each blob that is there, by its id: two writers of one blob tell them twice. */
function readTrigrams(db: Database.Database): Map<number, Set<number>> {
  const found = new Map<number, Set<number>>();
  const segments = db.prepare("SELECT id, size, blobs FROM segment WHERE blobs IS NOT NULL").all();
  for (const { id, size, blobs } of segments as { id: number; size: number; blobs: Buffer }[]) {
    const rows = db
      .prepare("SELECT id, entries FROM posting WHERE id >= ? AND id < ? ORDER BY id")
      .all(id * trigramsMax, (id + 1) * trigramsMax) as { id: number; entries: Buffer }[];
    for (const row of rows) {
      const reader = new PostingReader({ first: row.id - id * trigramsMax, bytes: row.entries }, size);
      while (reader.next()) {
        const ordinals = new Uint32Array(reader.count);
        reader.read(ordinals, 0, 0);
        for (const ordinal of ordinals) {
          const blob = blobs.readUIntLE(ordinal * 6, 6);
          const own = found.get(blob);
          if (own === undefined) found.set(blob, new Set([reader.trigram]));
          else own.add(reader.trigram);
        }
      }
    }
  }
  return found;
}

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
    const trigrams = readTrigrams(db);
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
      ...db
        .prepare("SELECT 'trigrams' AS row, id, hex(hash) AS hash FROM blob")
        .all()
        .map((row) => {
          const { id, ...rest } = row as { id: number };
          return {
            ...rest,
            trigrams: sha(Buffer.from(Uint32Array.from(trigrams.get(id) ?? []).sort().buffer)),
          };
        }),
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
