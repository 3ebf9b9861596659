/** Stores a batch of results: each is made ready when it comes, before any lock is taken, and all go in by one transaction. */
import type { BlobKey, FileResult, ResultBatch } from "../../store.ts";
import { findBlob, insertBlobs, keyText, makeReady, type ReadyBlob } from "./derived.ts";
import type { IndexFile } from "./index-file.ts";
import type { Place } from "./places.ts";
import { insertSegment, makeSegment, mergeSegments } from "./trigram-index.ts";

/** A result without what was derived, which is ready by now. */
type ReadyResult =
  | Extract<FileResult, { skip: unknown }>
  | (Omit<Extract<FileResult, { blob: unknown }>, "derived"> & { readonly reused: 0 | 1 });

/** `find` answers where the snapshot is: it may be in another file by the time the batch is stored. */
export function openBatch(find: () => Place, run: string): ResultBatch {
  const blobs = new Map<string, ReadyBlob>();
  const results: ReadyResult[] = [];
  return {
    add(result) {
      if ("skip" in result) return void results.push(result);
      const { derived, ...rest } = result;
      results.push({ ...rest, reused: derived === undefined ? 1 : 0 });
      if (derived === undefined) return;
      const key = keyText(result.blob);
      if (!blobs.has(key)) blobs.set(key, makeReady(result.blob, derived));
    },
    commit() {
      const { file, snapshot } = find();
      return writeBatch(file, snapshot.id, [...blobs.values()], results, run);
    },
  };
}

/**
 * Files that are not pending any more (another run of the batch was faster) are left alone, and so is everything when
 * another run has begun: what this one read may be older than what that one scanned.
 */
function writeBatch(
  file: IndexFile,
  snapshot: number,
  blobs: readonly ReadyBlob[],
  results: readonly ReadyResult[],
  run: string,
): { done: number; total: number } {
  // What others stored meanwhile would leave trigrams of nobody.
  const ready = blobs.filter(({ key }) => findBlob(file, key) === undefined);
  const segment = makeSegment(ready.flatMap(({ trigrams }) => trigrams));
  const sums = file.write(() => {
    const newest = file.get<{ run: string | null }>("SELECT run FROM snapshot WHERE id = ?", snapshot);
    if (newest?.run !== run) return sumsOf(file, snapshot);
    if (ready.length > 0) {
      const ids = insertBlobs(file, ready).map((id, index) => ready[index]?.trigrams.map(() => id) ?? []);
      insertSegment(file, segment, ids.flat());
    }
    let finished = 0;
    let changed = 0;
    for (const result of results) {
      const outcome = finishFile(file, snapshot, result);
      if (outcome === "left") continue;
      finished += 1;
      if (outcome === "changed") changed = 1;
    }
    if (finished > 0) {
      file.run(
        "UPDATE snapshot SET pending = pending - ?, changed = max(changed, ?) WHERE id = ?",
        finished,
        changed,
        snapshot,
      );
    }
    return sumsOf(file, snapshot);
  });
  if (ready.length > 0) mergeSegments(file);
  return sums;
}

function sumsOf(file: IndexFile, snapshot: number): { done: number; total: number } {
  const sums = file.get<{ total: number; pending: number }>(
    "SELECT total, pending FROM snapshot WHERE id = ?",
    snapshot,
  );
  const { total = 0, pending = 0 } = sums ?? {};
  return { done: total - pending, total };
}

interface PendingRow {
  readonly id: number;
  readonly size: number;
  readonly mtime: number;
  readonly blob: number | null;
  readonly hash: Buffer | null;
  readonly reason: string | null;
  readonly detail: string | null;
}

/** `left`: nothing was stored, as the file is not pending any more or stays so. */
function finishFile(file: IndexFile, snapshot: number, result: ReadyResult): "left" | "same" | "changed" {
  const row = file.get<PendingRow>(
    `SELECT file.id, size, mtime, blob, hash, reason, detail FROM file LEFT JOIN blob ON blob.id = file.blob
     WHERE snapshot = ? AND path = ? AND pending = 1`,
    snapshot,
    result.path,
  );
  if (row === undefined) return "left";
  const mtime = result.mtimeMs === 0 ? row.mtime : result.mtimeMs;
  if (mtime < row.mtime) {
    // Either the scan saw it newer or an older file took its place. The next look, with this time, settles it.
    file.run("UPDATE file SET mtime = ? WHERE id = ?", mtime, row.id);
    return "left";
  }
  if ("skip" in result) {
    const detail = result.skip.detail ?? null;
    finishRow(file, row.id, {
      size: row.size,
      mtime,
      blob: null,
      next: null,
      reason: result.skip.reason,
      detail,
      reused: 0,
    });
    return row.reason !== result.skip.reason || row.detail !== detail ? "changed" : "same";
  }
  const blob = findBlob(file, result.blob);
  // Somebody's clean-up was faster: the file stays pending and its next batch derives it again.
  if (blob === undefined) return "left";
  // What another extractor made of the same bytes is published with all others; new bytes are answered at once.
  const isRebuilt = row.blob !== null && row.hash?.toString("hex") === result.blob.hash;
  finishRow(file, row.id, {
    size: blob.bytes,
    mtime,
    blob: isRebuilt ? row.blob : blob.id,
    next: isRebuilt && row.blob !== blob.id ? blob.id : null,
    reason: null,
    detail: result.detail ?? null,
    reused: result.reused,
  });
  return row.blob !== blob.id ? "changed" : "same";
}

function finishRow(
  file: IndexFile,
  id: number,
  row: {
    size: number;
    mtime: number;
    blob: number | null;
    next: number | null;
    reason: string | null;
    detail: string | null;
    reused: number;
  },
): void {
  file.run(
    `UPDATE file SET size = ?, mtime = ?, blob = ?, next = ?, reason = ?, detail = ?, reused = ?, pending = 0, crashes = 0
     WHERE id = ?`,
    row.size,
    row.mtime,
    row.blob,
    row.next,
    row.reason,
    row.detail,
    row.reused,
    id,
  );
}

export function hasBlobs(file: IndexFile, keys: readonly BlobKey[]): boolean[] {
  return file.read(() => keys.map((key) => findBlob(file, key) !== undefined));
}
