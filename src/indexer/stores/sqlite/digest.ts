/**
 * Digests of all that is stored of a snapshot, so that two indexes can be compared. A table that is derived from files
 * must be read here: `verify` proves only what it reads.
 */
import { createHash } from "node:crypto";
import type { FileDigest, SnapshotDigest } from "../../store-care.ts";
import type { SkipReason } from "../../symbol.ts";
import type { IndexFile } from "./index-file.ts";
import type { SnapshotRow } from "./places.ts";
import { addTrigrams, type TrigramSums } from "./trigram-digest.ts";

type Turn = (files: number) => Promise<void>;

interface Row {
  readonly id: number;
  readonly path: string;
  readonly size: number;
  readonly mtime: number;
  readonly extractor: number;
  readonly reason: SkipReason | null;
  readonly detail: string | null;
  readonly pending: number;
  readonly blob: number | null;
  readonly hash: Buffer | null;
  readonly language: string | null;
  readonly read_by: number | null;
  readonly bytes: number;
  readonly symbols: number;
  readonly uses: number;
  readonly chunks: number;
  readonly parse_errors: number;
}

const rowsPerTurn = 256;
const termsPerTurn = 100_000;

/** Not in one transaction, which would keep the log from being cut: who compares looks again at what differs. */
export async function digestSnapshot(
  file: IndexFile,
  snapshot: SnapshotRow,
  turn: Turn,
): Promise<SnapshotDigest> {
  const rows = file.read(() =>
    file.all<Row>(
      `SELECT file.id, path, size, mtime, file.extractor, reason, detail, pending OR next IS NOT NULL AS pending, blob, hash, language,
       blob.extractor AS read_by, bytes, symbols, uses, chunks, parse_errors
     FROM file LEFT JOIN blob ON blob.id = file.blob WHERE snapshot = ? AND gone = 0 ORDER BY path`,
      snapshot.id,
    ),
  );
  const blobs = new Spans(
    rows.flatMap(({ blob, chunks }) => (blob === null ? [] : [{ id: blob, size: chunks }])),
  );
  const places = new Spans(rows.map(({ id }) => ({ id, size: 1 })));
  await addDefinitions(file, blobs, turn);
  await addTerms(file, "passage", blobs, turn);
  await addTerms(file, "place", places, turn);
  await addTrigrams(file, blobs.sumsOf("trigrams"), () => turn(0));
  const files = new Map<string, FileDigest>();
  for (const [index, row] of rows.entries()) {
    if (index % rowsPerTurn === 0) await turn(index);
    files.set(row.path, {
      ...{ bytes: row.size, mtimeMs: row.mtime, isPending: row.pending === 1, extractor: row.extractor },
      ...{ reason: row.reason, detail: row.detail, hash: row.hash?.toString("hex") ?? null },
      parts: {
        place: places.digestOf(row.id),
        ...partsOf(file, row, blobs),
      },
    });
  }
  const { files: count, skipped, bytes, symbols, uses, chunks } = snapshot;
  return {
    files,
    totals: { files: count, skipped, bytes, symbols, uses, chunks },
    scannedMs: snapshot.scanned_ms,
  };
}

function partsOf(file: IndexFile, row: Row, blobs: Spans): Record<string, string> {
  const { blob } = row;
  if (blob === null) return {};
  return {
    counts: [row.language, row.read_by, row.bytes, row.symbols, row.uses, row.chunks, row.parse_errors].join(
      " ",
    ),
    content: file.read(() => contentDigest(file, blob)),
    definitions: blobs.digestOf(blob, "definitions"),
    passages: blobs.digestOf(blob),
    trigrams: blobs.digestOf(blob, "trigrams"),
  };
}

function contentDigest(file: IndexFile, blob: number): string {
  const hash = createHash("sha1");
  const row = file.get<Record<"text" | "outline" | "uses", Buffer>>(
    "SELECT text, outline, uses FROM content WHERE blob = ?",
    blob,
  );
  if (row === undefined) return "missing";
  for (const part of [row.text, row.outline, row.uses]) hash.update(`${part.length} `).update(part);
  const segments = file.all<{ start: number }>(
    "SELECT start FROM text_part WHERE blob = ? ORDER BY start",
    blob,
  );
  for (const { start } of segments) {
    const segment = file.get<{ text: Buffer }>(
      "SELECT text FROM text_part WHERE blob = ? AND start = ?",
      blob,
      start,
    );
    hash.update(`${start} `).update(segment?.text ?? "");
  }
  return hash.digest("hex");
}

async function addDefinitions(file: IndexFile, blobs: Spans, turn: Turn): Promise<void> {
  let after = { name: "", blob: -1, ordinal: -1 };
  for (;;) {
    const { name, blob, ordinal } = after;
    const rows = file.read(() =>
      file.all<{ name: string; blob: number; ordinal: number; kind: number; parent: string }>(
        `SELECT name, blob, ordinal, kind, parent FROM definition
       WHERE (name, blob, ordinal) > (?, ?, ?) ORDER BY name, blob, ordinal LIMIT ?`,
        name,
        blob,
        ordinal,
        termsPerTurn,
      ),
    );
    for (const { name, blob, ordinal, kind, parent } of rows)
      blobs.add(blob, hashOf(`${name}\0${parent}\0${ordinal} ${kind}`), "definitions");
    const last = rows.at(-1);
    if (last === undefined || rows.length < termsPerTurn) return;
    after = last;
    await turn(0);
  }
}

/** Every place of every term in a full-text table. */
async function addTerms(
  file: IndexFile,
  table: "passage" | "place",
  spans: Spans,
  turn: Turn,
): Promise<void> {
  const vocabulary = `digest_${table}`;
  const sql = `CREATE VIRTUAL TABLE IF NOT EXISTS temp.${vocabulary} USING fts5vocab(main, ${table}, instance)`;
  file.read(() => file.run(sql));
  for (let from: string | undefined = ""; from !== undefined; ) {
    const first: string = from;
    from = file.read(() => addSomeTerms(file, vocabulary, first, spans));
    await turn(0);
  }
}

/** The term to go on with. */
function addSomeTerms(file: IndexFile, vocabulary: string, from: string, spans: Spans): string | undefined {
  const page = file.statement(
    `SELECT term, doc, col, "offset" FROM temp.${vocabulary} WHERE term >= ? ORDER BY term`,
  );
  let read = 0;
  let term = "";
  let hash = 0;
  for (const row of page.raw().iterate(from) as Iterable<[string, number, string, number]>) {
    if (row[0] !== term) {
      if (read >= termsPerTurn) return row[0];
      term = row[0];
      hash = hashOf(term);
    }
    read += 1;
    spans.add(row[1], mix(hash, row[2].charCodeAt(0), row[3]));
  }
  return undefined;
}

/** FNV-1a, 32 bits: differences here are accidents, not attacks. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

function mix(hash: number, column: number, offset: number): number {
  let mixed = Math.imul(hash ^ Math.imul(offset + 1, 0x9e3779b1), 0x85ebca6b) ^ column;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
  return mixed ^ (mixed >>> 13);
}

/** Sums over rows by what they belong to: the rows of one blob or file in any order give the same digest. */
class Spans {
  readonly #ids: Float64Array;
  readonly #sizes: Float64Array;
  readonly #sums = new Map<string, { readonly counts: Uint32Array; readonly sums: Float64Array }>();

  constructor(spans: readonly { readonly id: number; readonly size: number }[]) {
    const sorted = [...new Map(spans.map((span) => [span.id, span])).values()].sort((a, b) => a.id - b.id);
    this.#ids = Float64Array.from(sorted, ({ id }) => id);
    this.#sizes = Float64Array.from(sorted, ({ size }) => Math.max(1, size));
  }

  /** `row` is the id, or lies within the ids of a blob's chunks. */
  add(row: number, hash: number, part = "terms"): void {
    const index = this.#indexOf(row);
    const offset = row - (this.#ids[index] ?? row + 1);
    if (offset < 0 || offset >= (this.#sizes[index] ?? 0)) return;
    this.sumsOf(part).add(index, Math.imul(hash, 2 * offset + 1) >>> 0);
  }

  /** By the place of an id among all. */
  sumsOf(part: string): TrigramSums {
    const { counts, sums } = this.#part(part);
    return {
      indexOf: (id) => {
        const index = this.#indexOf(id);
        return this.#ids[index] === id ? index : -1;
      },
      add: (index, hash) => {
        counts[index] = (counts[index] as number) + 1;
        sums[index] = ((sums[index] as number) + hash) % Number.MAX_SAFE_INTEGER;
      },
    };
  }

  digestOf(id: number, part = "terms"): string {
    const { counts, sums } = this.#part(part);
    const index = this.#indexOf(id);
    return `${counts[index] ?? 0} ${sums[index] ?? 0}`;
  }

  #part(name: string) {
    const found = this.#sums.get(name);
    if (found !== undefined) return found;
    const { length } = this.#ids;
    const made = { counts: new Uint32Array(length), sums: new Float64Array(length) };
    this.#sums.set(name, made);
    return made;
  }

  #indexOf(row: number): number {
    let low = 0;
    let high = this.#ids.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#ids[middle] as number) <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
