/** What is to be bought: which vectors blobs need, which of them nobody has yet, and the batches these go in. */
import type { EmbeddingModel } from "../../embedder.ts";
import type { BatchSize, LedgerBatch, PlannedBlob, PlannedChunk, Standing } from "../../embedding-ledger.ts";
import type { BlobKey } from "../../store.ts";
import type { LedgerFile } from "./ledger-file.ts";

interface VectorRow {
  readonly id: number;
  readonly code: number | null;
  readonly batch: number | null;
  readonly withheld: string | null;
}

/** The batch that is being filled; kept for the next call by being the last one that was never sent. */
interface OpenBatch {
  id: number;
  bytes: number;
  texts: number;
}

export function planBlobs(
  file: LedgerFile,
  model: EmbeddingModel,
  blobs: readonly PlannedBlob[],
  size: BatchSize,
): void {
  file.write(() => {
    const id = file.makeModel(model);
    const open: OpenBatch = { id: 0, bytes: 0, texts: 0 };
    for (const { blob, chunks } of blobs) {
      const vectors = chunks.map((chunk) => planChunk(file, id, chunk, open, size));
      file.run(
        `INSERT INTO mapped (hash, model, language, extractor, vectors) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET vectors = excluded.vectors, is_whole = 0`,
        Buffer.from(blob.hash, "hex"),
        id,
        blob.language,
        blob.extractor,
        packNumbers(vectors),
      );
    }
    closeBatch(file, open);
  });
}

/** Returns the vector's id; puts it in a batch where it is neither bought, planned nor withheld. */
function planChunk(
  file: LedgerFile,
  model: number,
  chunk: PlannedChunk,
  open: OpenBatch,
  size: BatchSize,
): number {
  const known = file.get<VectorRow>(
    "SELECT id, code, batch, withheld FROM vector WHERE chunk = ? AND model = ?",
    chunk.key,
    model,
  );
  const vector =
    known?.id ??
    file.insert(
      "INSERT INTO vector (model, chunk, withheld) VALUES (?, ?, ?)",
      model,
      chunk.key,
      chunk.withheld ?? null,
    );
  const isSettled = known !== undefined && (known.code ?? known.batch ?? known.withheld) !== null;
  if (isSettled || chunk.withheld !== undefined) return vector;
  const bytes = chunk.place.endByte - chunk.place.startByte;
  if (open.id === 0 || open.bytes + bytes > size.bytes || open.texts >= size.texts) {
    closeBatch(file, open);
    open.id = file.insert("INSERT INTO batch (model, bytes) VALUES (?, 0)", model);
    open.bytes = 0;
    open.texts = 0;
  }
  open.bytes += bytes;
  open.texts += 1;
  file.run("UPDATE vector SET batch = ? WHERE id = ?", open.id, vector);
  file.run(
    "INSERT OR REPLACE INTO place (vector, repository, path, hash, start, stop) VALUES (?, ?, ?, ?, ?, ?)",
    vector,
    chunk.place.repository,
    chunk.place.path,
    Buffer.from(chunk.place.blobHash, "hex"),
    chunk.place.startByte,
    chunk.place.endByte,
  );
  return vector;
}

function closeBatch(file: LedgerFile, open: OpenBatch): void {
  if (open.id > 0) file.run("UPDATE batch SET bytes = ? WHERE id = ?", open.bytes, open.id);
}

/** Little-endian numbers of four bytes. */
function packNumbers(numbers: readonly number[]): Buffer {
  const packed = Buffer.alloc(numbers.length * 4);
  for (const [at, number] of numbers.entries()) packed.writeUInt32LE(number, at * 4);
  return packed;
}

export function unpackNumbers(packed: Buffer): number[] {
  return Array.from({ length: packed.length >> 2 }, (_, at) => packed.readUInt32LE(at * 4));
}

interface MappedRow {
  readonly is_whole: number;
  readonly vectors: Buffer;
}

export function findMapped(file: LedgerFile, model: number, blob: BlobKey): MappedRow | undefined {
  return file.get<MappedRow>(
    "SELECT is_whole, vectors FROM mapped WHERE hash = ? AND model = ? AND language = ? AND extractor = ?",
    Buffer.from(blob.hash, "hex"),
    model,
    blob.language,
    blob.extractor,
  );
}

export function standingOf(file: LedgerFile, model: EmbeddingModel, blobs: readonly BlobKey[]): Standing {
  const id = file.findModel(model);
  const sums = { chunks: 0, embedded: 0, withheld: 0 };
  const batches = new Set<number>();
  const unplanned: BlobKey[] = [];
  const missing = new Set<number>();
  const whole: BlobKey[] = [];
  if (id === undefined) return { ...sums, batches: [], missingBytes: 0, unplanned: blobs };
  file.read(() => {
    for (const blob of blobs) {
      const row = findMapped(file, id, blob);
      if (row === undefined) {
        unplanned.push(blob);
        continue;
      }
      const vectors = unpackNumbers(row.vectors);
      sums.chunks += vectors.length;
      if (row.is_whole === 1) {
        sums.embedded += vectors.length;
        continue;
      }
      let left = 0;
      for (const vector of vectors) {
        const found = file.get<VectorRow>(
          "SELECT id, code, batch, withheld FROM vector WHERE id = ?",
          vector,
        );
        if (found?.code != null) sums.embedded += 1;
        else if (found?.withheld != null) sums.withheld += 1;
        else {
          left += 1;
          missing.add(vector);
          if (found?.batch == null) unplanned.push(blob);
          else batches.add(found.batch);
        }
      }
      if (left === 0 && vectors.every((vector) => isBought(file, vector))) whole.push(blob);
    }
  });
  if (whole.length > 0) markWhole(file, id, whole);
  return {
    ...sums,
    batches: [...batches].sort((a, b) => a - b),
    missingBytes: bytesOf(file, missing),
    unplanned: [...new Set(unplanned)],
  };
}

const isBought = (file: LedgerFile, vector: number): boolean =>
  file.get("SELECT 1 FROM vector WHERE id = ? AND code IS NOT NULL", vector) !== undefined;

/** So that the next look need not go through its chunks. */
function markWhole(file: LedgerFile, model: number, blobs: readonly BlobKey[]): void {
  const sql =
    "UPDATE mapped SET is_whole = 1 WHERE hash = ? AND model = ? AND language = ? AND extractor = ?";
  file.write(() => {
    for (const { hash, language, extractor } of blobs)
      file.run(sql, Buffer.from(hash, "hex"), model, language, extractor);
  });
}

function bytesOf(file: LedgerFile, vectors: ReadonlySet<number>): number {
  let bytes = 0;
  for (const vector of vectors)
    bytes += file.get<{ n: number }>("SELECT stop - start AS n FROM place WHERE vector = ?", vector)?.n ?? 0;
  return bytes;
}

export function readBatch(file: LedgerFile, id: number): LedgerBatch | undefined {
  const row = file.get<EmbeddingModel & { readonly bytes: number }>(
    "SELECT bytes, provider, name, dimensions FROM batch JOIN model ON model.id = batch.model WHERE batch.id = ?",
    id,
  );
  if (row === undefined) return undefined;
  const { bytes, ...model } = row;
  const rows = file.all<{
    vector: number;
    repository: string;
    path: string;
    hash: Buffer;
    start: number;
    stop: number;
  }>(
    "SELECT place.* FROM vector JOIN place ON place.vector = vector.id WHERE batch = ? ORDER BY vector.id",
    id,
  );
  const chunks = rows.map(({ vector, repository, path, hash, start, stop }) => ({
    vector,
    place: { repository, path, blobHash: hash.toString("hex"), startByte: start, endByte: stop },
  }));
  return { id, model, bytes, chunks };
}

/** Moves the second half of a batch that is not under way to a new one. */
export function splitBatch(file: LedgerFile, id: number): readonly number[] {
  return file.write(() => {
    const batch = readBatch(file, id);
    if (batch === undefined || batch.chunks.length < 2) return [id];
    const second = batch.chunks.slice(Math.ceil(batch.chunks.length / 2));
    const bytes = second.reduce((sum, { place }) => sum + place.endByte - place.startByte, 0);
    const { model } = file.get<{ model: number }>("SELECT model FROM batch WHERE id = ?", id) ?? { model: 0 };
    const other = file.insert("INSERT INTO batch (model, bytes) VALUES (?, ?)", model, bytes);
    for (const { vector } of second) file.run("UPDATE vector SET batch = ? WHERE id = ?", other, vector);
    file.run("UPDATE batch SET bytes = bytes - ? WHERE id = ?", bytes, id);
    return [id, other];
  });
}

/** Chunks that nobody can send any more; a batch that is left without any goes too. */
export function dropChunks(file: LedgerFile, batch: number, vectors: readonly number[]): void {
  file.write(() => {
    for (const vector of vectors) {
      file.run("UPDATE vector SET batch = NULL WHERE id = ?", vector);
      file.run("DELETE FROM place WHERE vector = ?", vector);
    }
    deleteIfEmpty(file, batch);
  });
}

export function knownChunks(file: LedgerFile, model: EmbeddingModel, keys: readonly Buffer[]): boolean[] {
  const id = file.findModel(model);
  if (id === undefined) return keys.map(() => false);
  const sql =
    "SELECT 1 FROM vector WHERE chunk = ? AND model = ? AND (code IS NOT NULL OR withheld IS NOT NULL)";
  return keys.map((key) => file.get(sql, key, id) !== undefined);
}

/** Inside a write transaction. */
export function deleteIfEmpty(file: LedgerFile, batch: number): void {
  if (file.get("SELECT 1 FROM vector WHERE batch = ? LIMIT 1", batch) === undefined)
    file.run("DELETE FROM batch WHERE id = ?", batch);
}
