/** The life of a generation: what a scan found is compared with what is known, then read in batches, then published. */
import { CambiumError } from "../../../errors.ts";
import type { BlobKey, FileResult, GenerationPlan, PendingFile, ScannedFile } from "../../store.ts";
import { indexTokens } from "../../tokenize.ts";
import { findBlob, insertBlobs, keyText, makeReady, type ReadyBlob } from "./derived.ts";
import { deleteUnreached } from "./garbage.ts";
import type { IndexFile } from "./index-file.ts";

/** A file that was changed this shortly before a scan may change again without a new time: it is read again. */
const racyMs = 2000;
/** Deleting the blobs of this many replaced files takes a few hundred milliseconds at most. */
const cheapGarbage = 256;
/** Reasons that say something about the moment, not about the bytes: the next scan tries again. */
const passingReasons: ReadonlySet<string> = new Set(["unreadable", "vanished"]);

interface KnownFile {
  readonly id: number;
  readonly path: string;
  readonly size: number;
  readonly mtime: number;
  readonly extractor: number;
  readonly blob: number | null;
  readonly language: string | null;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly by_scan: number;
  readonly pending: number;
  readonly crashes: number;
  readonly reused: number;
  readonly gone: number;
}

/** Compares a scan with the last one and marks what has to be read. */
export function beginGeneration(
  file: IndexFile,
  snapshot: number,
  scanned: Iterable<ScannedFile>,
  origin: { readonly commit: string | null; readonly run: string },
): GenerationPlan {
  const found = [...scanned];
  return file.write(() => {
    const before = file.get<{ generation: number; scanned_ms: number }>(
      "SELECT generation, scanned_ms FROM snapshot WHERE id = ?",
      snapshot,
    );
    if (before === undefined) throw new CambiumError("not_found", "The repository was removed meanwhile.");
    const known = new Map(knownFiles(file, snapshot).map((row) => [row.path, row]));
    const changes = compare(file, snapshot, found, known, before.scanned_ms);
    for (const row of known.values()) {
      if (row.gone === 0 || row.pending === 1)
        file.run("UPDATE file SET gone = 1, pending = 0 WHERE id = ?", row.id);
    }
    const pending = pendingFiles(file, snapshot, "", "\u{10ffff}");
    const total = found.length;
    file.run(
      `UPDATE snapshot SET state = 'indexing', run = ?, started_at = ?, scanned_ms = ?, next_head = ?,
         changed = max(changed, ?), total = ?, pending = ?, bytes_done = ? WHERE id = ?`,
      origin.run,
      new Date().toISOString(),
      Date.now(),
      origin.commit,
      changes.changed || known.size > 0 ? 1 : 0,
      total,
      pending.length,
      changes.bytesDone,
      snapshot,
    );
    return { generation: before.generation + 1, files: total, unchanged: changes.unchanged, pending };
  });
}

function knownFiles(file: IndexFile, snapshot: number): KnownFile[] {
  return file.all<KnownFile>(
    `SELECT file.id, path, size, mtime, file.extractor, blob, blob.language, reason, detail, by_scan, pending, crashes,
       reused, gone
     FROM file LEFT JOIN blob ON blob.id = file.blob WHERE snapshot = ?`,
    snapshot,
  );
}

/** Takes every scanned file out of `known`; what stays there is gone. */
function compare(
  file: IndexFile,
  snapshot: number,
  found: readonly ScannedFile[],
  known: Map<string, KnownFile>,
  scannedMs: number,
): { unchanged: number; bytesDone: number; changed: boolean } {
  let unchanged = 0;
  let bytesDone = 0;
  let changed = false;
  for (const next of found) {
    const row = known.get(next.path);
    known.delete(next.path);
    if (next.skip !== undefined) {
      changed = recordSkip(file, snapshot, next, next.skip, row) || changed;
      unchanged += row !== undefined && row.reason === next.skip.reason ? 1 : 0;
      bytesDone += next.bytes;
    } else if (row !== undefined && isUnchanged(row, next, scannedMs)) {
      unchanged += 1;
      bytesDone += next.bytes;
      if ((row.reused === 0 && row.blob !== null) || row.gone === 1) {
        file.run("UPDATE file SET reused = ?, gone = 0 WHERE id = ?", row.blob === null ? 0 : 1, row.id);
      }
    } else {
      markPending(file, snapshot, next, row);
    }
  }
  return { unchanged, bytesDone, changed };
}

function isUnchanged(row: KnownFile, next: ScannedFile, scannedMs: number): boolean {
  return (
    row.pending === 0 &&
    row.size === next.bytes &&
    row.mtime === next.mtimeMs &&
    row.mtime < scannedMs - racyMs &&
    row.extractor === next.extractor &&
    row.by_scan === 0 &&
    (row.blob !== null || row.reason !== null) &&
    (row.language === null || row.language === next.language) &&
    !passingReasons.has(row.reason ?? "")
  );
}

function recordSkip(
  file: IndexFile,
  snapshot: number,
  next: ScannedFile,
  skip: { readonly reason: string; readonly detail?: string },
  row: KnownFile | undefined,
): boolean {
  const detail = skip.detail ?? null;
  const id = row?.id ?? insertFile(file, snapshot, next);
  const isSame = row?.reason === skip.reason && row.detail === detail && row.blob === null;
  if (isSame && row.size === next.bytes && row.mtime === next.mtimeMs && row.by_scan === 1 && row.gone === 0)
    return false;
  file.run(
    `UPDATE file SET size = ?, mtime = ?, extractor = ?, blob = NULL, reason = ?, detail = ?, by_scan = 1, pending = 0,
       crashes = 0, reused = 0, gone = 0 WHERE id = ?`,
    next.bytes,
    next.mtimeMs,
    next.extractor,
    skip.reason,
    detail,
    id,
  );
  return !isSame;
}

function markPending(file: IndexFile, snapshot: number, next: ScannedFile, row: KnownFile | undefined): void {
  const id = row?.id ?? insertFile(file, snapshot, next);
  const isSame = row?.pending === 1 && row.size === next.bytes && row.mtime === next.mtimeMs;
  file.run(
    `UPDATE file SET size = ?, mtime = ?, extractor = ?, by_scan = 0, pending = 1, crashes = ?, reused = 0, gone = 0
     WHERE id = ?`,
    next.bytes,
    next.mtimeMs,
    next.extractor,
    isSame ? row.crashes : 0,
    id,
  );
}

function insertFile(file: IndexFile, snapshot: number, next: ScannedFile): number {
  const inserted = file
    .statement("INSERT INTO file (snapshot, path, size, mtime, extractor) VALUES (?, ?, ?, ?, ?)")
    .run(snapshot, next.path, next.bytes, next.mtimeMs, next.extractor);
  const id = Number(inserted.lastInsertRowid);
  const slash = next.path.lastIndexOf("/");
  file.run(
    "INSERT INTO place (rowid, name, folder) VALUES (?, ?, ?)",
    id,
    indexTokens(next.path.slice(slash + 1)),
    indexTokens(next.path.slice(0, Math.max(0, slash))),
  );
  return id;
}

export function pendingFiles(file: IndexFile, snapshot: number, first: string, last: string): PendingFile[] {
  return file.all<PendingFile>(
    `SELECT path, size AS bytes, crashes FROM file
     WHERE snapshot = ? AND pending = 1 AND path >= ? AND path <= ? ORDER BY path`,
    snapshot,
    first,
    last,
  );
}

/** Stores a batch. Files that are not pending any more (another run of the batch was faster) are left alone. */
export function writeBatch(
  file: IndexFile,
  snapshot: number,
  results: readonly FileResult[],
): { done: number; total: number; bytes: number } {
  const ready = readyBlobs(file, results);
  return file.write(() => {
    insertBlobs(file, ready);
    let finished = 0;
    let bytes = 0;
    let changed = 0;
    for (const result of results) {
      const outcome = finishFile(file, snapshot, result);
      if (outcome === undefined) continue;
      finished += 1;
      bytes += outcome.bytes;
      if (outcome.changed) changed = 1;
    }
    if (finished > 0) {
      file.run(
        `UPDATE snapshot SET pending = pending - ?, bytes_done = bytes_done + ?, changed = max(changed, ?) WHERE id = ?`,
        finished,
        bytes,
        changed,
        snapshot,
      );
    }
    const sums = file.get<{ total: number; pending: number; bytes_done: number }>(
      "SELECT total, pending, bytes_done FROM snapshot WHERE id = ?",
      snapshot,
    );
    const { total = 0, pending = 0, bytes_done = 0 } = sums ?? {};
    return { done: total - pending, total, bytes: bytes_done };
  });
}

function readyBlobs(file: IndexFile, results: readonly FileResult[]): ReadyBlob[] {
  const ready = new Map<string, ReadyBlob>();
  for (const result of results) {
    if (!("blob" in result) || result.derived === undefined) continue;
    const key = keyText(result.blob);
    if (ready.has(key) || findBlob(file, result.blob) !== undefined) continue;
    ready.set(key, makeReady(result.blob, result.derived));
  }
  return [...ready.values()];
}

function finishFile(
  file: IndexFile,
  snapshot: number,
  result: FileResult,
): { readonly bytes: number; readonly changed: boolean } | undefined {
  const row = file.get<Pick<KnownFile, "id" | "size" | "mtime" | "blob" | "reason" | "detail">>(
    "SELECT id, size, mtime, blob, reason, detail FROM file WHERE snapshot = ? AND path = ? AND pending = 1",
    snapshot,
    result.path,
  );
  if (row === undefined) return undefined;
  const mtime = result.mtimeMs === 0 ? row.mtime : result.mtimeMs;
  if ("skip" in result) {
    const detail = result.skip.detail ?? null;
    finishRow(file, row.id, {
      size: row.size,
      mtime,
      blob: null,
      reason: result.skip.reason,
      detail,
      reused: 0,
    });
    return { bytes: row.size, changed: row.reason !== result.skip.reason || row.detail !== detail };
  }
  const blob = findBlob(file, result.blob);
  // Somebody's clean-up was faster: the file stays pending and its next batch derives it again.
  if (blob === undefined) return undefined;
  const reused = result.derived === undefined ? 1 : 0;
  finishRow(file, row.id, { size: blob.bytes, mtime, blob: blob.id, reason: null, detail: null, reused });
  return { bytes: row.size, changed: row.blob !== blob.id };
}

function finishRow(
  file: IndexFile,
  id: number,
  row: {
    size: number;
    mtime: number;
    blob: number | null;
    reason: string | null;
    detail: string | null;
    reused: number;
  },
): void {
  file.run(
    `UPDATE file SET size = ?, mtime = ?, blob = ?, reason = ?, detail = ?, reused = ?, pending = 0, crashes = 0
     WHERE id = ?`,
    row.size,
    row.mtime,
    row.blob,
    row.reason,
    row.detail,
    row.reused,
    id,
  );
}

/** One transaction from the old generation to the new one. */
export function publishGeneration(file: IndexFile, snapshot: number): void {
  const before = file.get<{ state: string }>("SELECT state FROM snapshot WHERE id = ?", snapshot);
  if (before?.state === "ready") return;
  file.write(() => {
    const left = pendingFiles(file, snapshot, "", "\u{10ffff}").length;
    if (left > 0)
      throw new CambiumError("conflict", `${left} files are still to be read before this can be published.`);
    deleteFiles(file, snapshot, "gone = 1");
    file.run(
      `UPDATE snapshot SET state = 'ready', generation = generation + (changed OR generation = 0), changed = 0, pending = 0,
         head = next_head, indexed_at = ?,
         (files, skipped, reused, bytes, symbols, uses, chunks) = (
           SELECT count(blob), count(reason), coalesce(sum(reused), 0), coalesce(sum(blob.bytes), 0),
             coalesce(sum(symbols), 0), coalesce(sum(uses), 0), coalesce(sum(chunks), 0)
           FROM file LEFT JOIN blob ON blob.id = file.blob WHERE snapshot = ?)
       WHERE id = ?`,
      new Date().toISOString(),
      snapshot,
      snapshot,
    );
    deleteUnreached(file, cheapGarbage);
  });
  // Merging the full-text index leaves a tenth of the file unused.
  file.shrink();
}

/** `where` is one of our own conditions, never a value from outside. */
export function deleteFiles(file: IndexFile, snapshot: number, where: "gone = 1" | "TRUE"): void {
  file.run(
    `DELETE FROM place WHERE rowid IN (SELECT id FROM file WHERE snapshot = ? AND ${where})`,
    snapshot,
  );
  file.run(`DELETE FROM file WHERE snapshot = ? AND ${where}`, snapshot);
}

export function hasBlobs(file: IndexFile, keys: readonly BlobKey[]): boolean[] {
  return file.read(() => keys.map((key) => findBlob(file, key) !== undefined));
}
