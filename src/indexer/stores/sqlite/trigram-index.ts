/**
 * Which blobs hold a trigram. Each batch adds a *segment*: the blocks of its blobs, with the blob of each, and rows of
 * postings over the ordinals of the blocks in it. The blocks of one blob stand together.
 * Small segments are merged into larger ones, so that a question reads some dozens; no row is ever changed.
 */
import { type TrigramQuery, trigramsMax } from "../../trigrams.ts";
import type { IndexFile } from "./index-file.ts";
import { PostingReader, type PostingRow, PostingWriter } from "./posting-rows.ts";

/** So many segments of one class are merged. Of larger classes each stays as it is. */
const mergedAt = 32;
const classSizes = [32, 1024];

export interface Segment {
  readonly size: number;
  readonly rows: readonly PostingRow[];
}

const counts = new Uint32Array(trigramsMax + 1);

/** Sorts the trigrams of blocks, in their order, into rows. Costs about as much as finding the trigrams. */
export function makeSegment(blocks: readonly Uint32Array[]): Segment {
  counts.fill(0);
  let total = 0;
  for (const trigrams of blocks) {
    for (const trigram of trigrams) counts[trigram + 1] = (counts[trigram + 1] as number) + 1;
    total += trigrams.length;
  }
  for (let trigram = 0; trigram < trigramsMax; trigram += 1)
    counts[trigram + 1] = (counts[trigram + 1] as number) + (counts[trigram] as number);
  const ordinals = new Uint32Array(total);
  for (const [ordinal, trigrams] of blocks.entries()) {
    for (const trigram of trigrams) {
      const at = counts[trigram] as number;
      ordinals[at] = ordinal;
      counts[trigram] = at + 1;
    }
  }
  // Each count now tells where the trigram's ordinals end.
  const writer = new PostingWriter(blocks.length);
  let start = 0;
  for (let trigram = 0; trigram < trigramsMax; trigram += 1) {
    const end = counts[trigram] as number;
    if (end > start) writer.add(trigram, ordinals, start, end);
    start = end;
  }
  return { size: blocks.length, rows: writer.finish() };
}

interface SegmentRow {
  readonly id: number;
  readonly size: number;
  /** Null: all blobs up to `last` are candidates for every question, as they were stored before there were trigrams. */
  readonly blobs: Buffer | null;
  readonly last: number;
  /** How many of its blocks are of blobs that were deleted since. */
  readonly gone: number;
}

/** Inside a write transaction. `blobs` are the ids of the blobs that the segment's blocks are of, by ordinal. */
export function insertSegment(file: IndexFile, segment: Segment, blobs: readonly number[]): void {
  const first = blobs.reduce((least, blob) => Math.min(least, blob), Number.MAX_SAFE_INTEGER);
  const last = blobs.reduce((most, blob) => Math.max(most, blob), 0);
  const inserted = file
    .statement("INSERT INTO segment (size, blobs, first, last) VALUES (?, ?, ?, ?)")
    .run(segment.size, packIds(blobs), first, last);
  const id = Number(inserted.lastInsertRowid);
  const insert = file.statement("INSERT INTO posting (id, entries) VALUES (?, ?)");
  for (const { first, bytes } of segment.rows) insert.run(id * trigramsMax + first, bytes);
}

/** Ids below this one may be known to a segment as those of blobs that are gone. */
export function lastKnownBlob(file: IndexFile): number {
  return file.get<{ last: number | null }>("SELECT max(last) AS last FROM segment")?.last ?? 0;
}

/**
 * Ids of the blobs that fit a query, among them some that are gone; undefined where nothing can be ruled out. Where a
 * match is `onOneLine`, one block has all of it.
 */
export function candidateBlobs(
  file: IndexFile,
  query: TrigramQuery,
  onOneLine: boolean,
): ReadonlySet<number> | undefined {
  if (query.of === "all" && query.trigrams.length + query.parts.length === 0) return undefined;
  const found = new Set<number>();
  const segments = file.all<SegmentRow>("SELECT id, size, blobs, last, gone FROM segment ORDER BY size DESC");
  for (const segment of segments) {
    if (segment.blobs === null) {
      const rows = file.all<{ id: number }>("SELECT id FROM blob WHERE id <= ?", segment.last);
      for (const { id } of rows) found.add(id);
      continue;
    }
    const ids = unpackIds(segment.blobs, segment.size);
    const fitting = new SegmentQuery(file, segment, onOneLine ? undefined : firstBlocks(ids)).evaluate(query);
    for (const ordinal of fitting) found.add(ids[ordinal] as number);
  }
  return found;
}

/** Of each block, by its ordinal, the first one of the same blob. */
function firstBlocks(ids: readonly number[]): Uint32Array {
  const firsts = new Uint32Array(ids.length);
  for (const [ordinal, id] of ids.entries())
    firsts[ordinal] = ordinal > 0 && ids[ordinal - 1] === id ? (firsts[ordinal - 1] as number) : ordinal;
  return firsts;
}

/** The segment with the next larger id: the blobs of its blocks, and its rows. */
export function segmentAfter(
  file: IndexFile,
  id: number,
):
  | { readonly id: number; readonly blobs: readonly number[]; readonly rows: readonly PostingRow[] }
  | undefined {
  const found = file.get<{ id: number; size: number; blobs: Buffer }>(
    "SELECT id, size, blobs FROM segment WHERE id > ? AND blobs IS NOT NULL ORDER BY id LIMIT 1",
    id,
  );
  if (found === undefined) return undefined;
  const start = found.id * trigramsMax;
  const rows = readRows(file, found.id).map((row) => ({ first: row.id - start, bytes: row.entries }));
  return { id: found.id, blobs: unpackIds(found.blobs, found.size), rows };
}

function readRows(file: IndexFile, segment: number): { readonly id: number; readonly entries: Buffer }[] {
  return file.all(
    "SELECT id, entries FROM posting WHERE id BETWEEN ? AND ? ORDER BY id",
    segment * trigramsMax,
    (segment + 1) * trigramsMax - 1,
  );
}

class SegmentQuery {
  readonly #file: IndexFile;
  readonly #segment: SegmentRow;
  /** Set where the blocks of a blob count as one. */
  readonly #firsts: Uint32Array | undefined;

  constructor(file: IndexFile, segment: SegmentRow, firsts: Uint32Array | undefined) {
    this.#file = file;
    this.#segment = segment;
    this.#firsts = firsts;
  }

  /** Ordinals that fit, ascending. */
  evaluate({ of, trigrams, parts }: TrigramQuery): Uint32Array {
    if (of === "any") {
      const lists = [...trigrams.map((one) => this.#list(one)), ...parts.map((part) => this.evaluate(part))];
      return lists.reduce(unite, new Uint32Array(0));
    }
    let fitting: Uint32Array | undefined;
    for (const next of this.#inTurn(trigrams, parts)) {
      const list = next();
      fitting = fitting === undefined ? list : intersect(fitting, list);
      if (fitting.length === 0) break;
    }
    return fitting ?? Uint32Array.from({ length: this.#segment.size }, (_, ordinal) => ordinal);
  }

  #inTurn(trigrams: readonly number[], parts: readonly TrigramQuery[]): (() => Uint32Array)[] {
    return [
      ...trigrams.map((one) => () => this.#list(one)),
      ...parts.map((part) => () => this.evaluate(part)),
    ];
  }

  #list(trigram: number): Uint32Array {
    const start = this.#segment.id * trigramsMax;
    const row = this.#file.get<{ id: number; entries: Buffer }>(
      "SELECT id, entries FROM posting WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1",
      start,
      start + trigram,
    );
    if (row === undefined) return new Uint32Array(0);
    const list = findList({ first: row.id - start, bytes: row.entries }, this.#segment.size, trigram);
    return this.#firsts === undefined ? list : joinBlocks(list, this.#firsts);
  }
}

function findList(row: PostingRow, size: number, trigram: number): Uint32Array {
  const reader = new PostingReader(row, size);
  while (reader.next()) {
    if (reader.trigram < trigram) continue;
    if (reader.trigram > trigram) break;
    const list = new Uint32Array(reader.count);
    reader.read(list, 0, 0);
    return list;
  }
  return new Uint32Array(0);
}

/** Writes over the list. */
function joinBlocks(list: Uint32Array, firsts: Uint32Array): Uint32Array {
  let count = 0;
  for (const ordinal of list) {
    const first = firsts[ordinal] as number;
    if (count === 0 || list[count - 1] !== first) list[count++] = first;
  }
  return list.subarray(0, count);
}

function intersect(a: Uint32Array, b: Uint32Array): Uint32Array {
  const both = new Uint32Array(Math.min(a.length, b.length));
  let count = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [one, other] = [a[i] as number, b[j] as number];
    if (one === other) both[count++] = one;
    if (one <= other) i += 1;
    if (other <= one) j += 1;
  }
  return both.subarray(0, count);
}

function unite(a: Uint32Array, b: Uint32Array): Uint32Array {
  if (a.length === 0) return b;
  return Uint32Array.from(new Set([...a, ...b])).sort();
}

/** Merges the small segments where enough have come together; blobs that are gone are left out. */
export function mergeSegments(file: IndexFile): void {
  for (const [index, below] of classSizes.entries()) {
    const from = index === 0 ? 0 : (classSizes[index - 1] as number);
    const segments = file.read(() => smallSegments(file, from, below));
    // One writer of several that see a full class merges it.
    if (segments.length >= mergedAt && segments.length % mergedAt === 0) replaceSegments(file, segments);
  }
}

function smallSegments(file: IndexFile, from: number, below: number): SegmentRow[] {
  return file.all<SegmentRow>(
    "SELECT id, size, blobs, last, gone FROM segment WHERE blobs IS NOT NULL AND size >= ? AND size < ? ORDER BY id",
    from,
    below,
  );
}

/** The merged segment is made before the lock is taken; where another writer was faster, it is dropped. */
function replaceSegments(file: IndexFile, segments: readonly SegmentRow[]): void {
  const merged = file.read(() => joinSegments(file, segments));
  file.write(() => {
    const isThere = ({ id }: SegmentRow) => file.get("SELECT 1 FROM segment WHERE id = ?", id) !== undefined;
    if (!segments.every(isThere)) return;
    for (const { id } of segments) deleteSegment(file, id);
    if (merged.blobs.length > 0) insertSegment(file, merged.segment, merged.blobs);
  });
}

function deleteSegment(file: IndexFile, id: number): void {
  file.run("DELETE FROM posting WHERE id BETWEEN ? AND ?", id * trigramsMax, (id + 1) * trigramsMax - 1);
  file.run("DELETE FROM segment WHERE id = ?", id);
}

function joinSegments(
  file: IndexFile,
  segments: readonly SegmentRow[],
): { readonly segment: Segment; readonly blobs: readonly number[] } {
  const blobs: number[] = [];
  const cursors = segments.map((segment) => new SegmentCursor(file, segment, blobs));
  const writer = new PostingWriter(blobs.length);
  const ordinals = new Uint32Array(blobs.length);
  for (;;) {
    let trigram = trigramsMax;
    for (const cursor of cursors) if (cursor.trigram < trigram) trigram = cursor.trigram;
    if (trigram === trigramsMax) break;
    let count = 0;
    for (const cursor of cursors) if (cursor.trigram === trigram) count = cursor.take(ordinals, count);
    if (count > 0) writer.add(trigram, ordinals, 0, count);
  }
  return { segment: { size: blobs.length, rows: writer.finish() }, blobs };
}

/** Walks through the entries of one segment in the order of its trigrams. */
class SegmentCursor {
  /** The entry it stands at; `trigramsMax` behind the last one. */
  trigram = trigramsMax;
  readonly #rows: { readonly id: number; readonly entries: Buffer }[];
  readonly #start: number;
  readonly #size: number;
  /** The ordinal in the merged segment of each of this one's; -1 for a blob that is gone. */
  readonly #ordinals: Int32Array;
  readonly #list: Uint32Array;
  #row = 0;
  #reader: PostingReader | undefined;

  /** Adds the segment's living blobs to `blobs`. */
  constructor(file: IndexFile, { id, size, blobs: packed }: SegmentRow, blobs: number[]) {
    this.#start = id * trigramsMax;
    this.#size = size;
    this.#list = new Uint32Array(size);
    this.#rows = readRows(file, id);
    this.#ordinals = Int32Array.from(unpackIds(packed ?? Buffer.alloc(0), size), (blob) => {
      if (file.get("SELECT 1 FROM blob WHERE id = ?", blob) === undefined) return -1;
      return blobs.push(blob) - 1;
    });
    this.#advance();
  }

  /** Writes the living ordinals of the entry to `out` from `from` on, goes to the next one, and says where they end. */
  take(out: Uint32Array, from: number): number {
    const reader = this.#reader as PostingReader;
    reader.read(this.#list, 0, 0);
    let end = from;
    for (let index = 0; index < reader.count; index += 1) {
      const ordinal = this.#ordinals[this.#list[index] as number] as number;
      if (ordinal >= 0) out[end++] = ordinal;
    }
    this.#advance();
    return end;
  }

  #advance(): void {
    while (this.#reader === undefined || !this.#reader.next()) {
      const row = this.#rows[this.#row++];
      if (row === undefined) {
        this.trigram = trigramsMax;
        return;
      }
      this.#reader = new PostingReader({ first: row.id - this.#start, bytes: row.entries }, this.#size);
    }
    this.trigram = this.#reader.trigram;
  }
}

/**
 * Inside a write transaction, after blobs were deleted: segments none of whose blobs is left go, and those with half
 * of them gone are written anew.
 */
export function forgetBlobs(file: IndexFile, deleted: readonly number[]): void {
  if (deleted.length === 0) return;
  const gone = new Set(deleted);
  const rows = file.all<SegmentRow>(
    "SELECT id, size, blobs, last, gone FROM segment WHERE first <= ? AND last >= ?",
    deleted.reduce((a, b) => Math.max(a, b)),
    deleted.reduce((a, b) => Math.min(a, b)),
  );
  for (const row of rows) {
    if (row.blobs === null) {
      if (file.get("SELECT 1 FROM blob WHERE id <= ? LIMIT 1", row.last) === undefined)
        deleteSegment(file, row.id);
      continue;
    }
    const more = unpackIds(row.blobs, row.size).filter((id) => gone.has(id)).length;
    if (more === 0) continue;
    if ((row.gone + more) * 2 < row.size)
      file.run("UPDATE segment SET gone = gone + ? WHERE id = ?", more, row.id);
    else replaceRow(file, row);
  }
}

function replaceRow(file: IndexFile, row: SegmentRow): void {
  const left = joinSegments(file, [row]);
  deleteSegment(file, row.id);
  if (left.blobs.length > 0) insertSegment(file, left.segment, left.blobs);
}

function packIds(ids: readonly number[]): Buffer {
  const bytes = Buffer.alloc(ids.length * 6);
  for (const [index, id] of ids.entries()) bytes.writeUIntLE(id, index * 6, 6);
  return bytes;
}

function unpackIds(bytes: Buffer, size: number): number[] {
  return Array.from({ length: size }, (_, index) => bytes.readUIntLE(index * 6, 6));
}
