/** Begins a generation: compares what a scan found with what is known, and marks what has to be read. */
import { CambiumError } from "../../../errors.ts";
import type { GenerationPlan, IndexStore, PendingFile, ScannedFile } from "../../store.ts";
import type { IndexFile } from "./index-file.ts";
import { insertPlace } from "./insert-place.ts";

/**
 * A file that was changed this shortly before a scan may change again without a new time: it is read again. A time in
 * whole seconds may come from a file system that counts by two of them (FAT); others count by a tick of at most 10 ms.
 */
const racyMsOf = (mtimeMs: number) => (mtimeMs % 1000 === 0 ? 2000 : 50);
/** Reasons that say something about the moment, not about the bytes: the next scan tries again. */
const passingReasons: ReadonlySet<string> = new Set(["unreadable", "vanished", "parser_timeout"]);

interface Before {
  readonly generation: number;
  readonly scanned_ms: number;
  readonly state: string;
  readonly run: string | null;
  readonly head: string | null;
  readonly refused_rules: string;
}

interface KnownFile {
  readonly id: number;
  readonly path: string;
  readonly size: number;
  readonly mtime: number;
  readonly extractor: number;
  readonly blob: number | null;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly by_scan: number;
  readonly pending: number;
  readonly crashes: number;
  readonly reused: number;
  readonly gone: number;
}

interface Look {
  /** When the last scan began. */
  readonly scannedMs: number;
  readonly retrySkipped: boolean;
}

/** Compares a scan with the last one and marks what has to be read. */
export function beginGeneration(
  file: IndexFile,
  snapshot: number,
  scanned: Iterable<ScannedFile>,
  origin: Parameters<IndexStore["begin"]>[2],
): GenerationPlan {
  const found = [...scanned];
  return file.write(() => {
    const before = file.get<Before>(
      "SELECT generation, scanned_ms, state, run, head, refused_rules FROM snapshot WHERE id = ?",
      snapshot,
    );
    if (before === undefined) throw new CambiumError("not_found", "The repository was removed meanwhile.");
    const known = new Map(knownFiles(file, snapshot, origin.only).map((row) => [row.path, row]));
    const look = { scannedMs: before.scanned_ms, retrySkipped: origin.retrySkipped === true };
    const changes = compare(file, snapshot, found, known, look);
    for (const row of known.values()) {
      if (row.gone === 0 || row.pending === 1)
        file.run("UPDATE file SET gone = 1, pending = 0 WHERE id = ?", row.id);
    }
    const pending = pendingFiles(file, snapshot, "", "\u{10ffff}");
    const isPart = origin.only !== undefined;
    const total = isPart ? countFiles(file, snapshot) : found.length;
    const run = isPart && before.state !== "ready" ? (before.run ?? origin.run) : origin.run;
    file.run(
      `UPDATE snapshot SET changed = max(changed, ?), total = ?, pending = ? WHERE id = ?`,
      changes.changed || known.size > 0 ? 1 : 0,
      total,
      pending.length,
      snapshot,
    );
    if (run === origin.run) beginRun(file, snapshot, before, origin);
    return { generation: before.generation + 1, files: total, unchanged: changes.unchanged, pending, run };
  });
}

/** What a scan of some paths did not look at stays as the last whole scan left it. */
function beginRun(
  file: IndexFile,
  snapshot: number,
  before: Before,
  { run, commit, refusedRules = [], only }: Parameters<IndexStore["begin"]>[2],
): void {
  const isPart = only !== undefined;
  file.run(
    `UPDATE snapshot SET state = 'indexing', run = ?, started_at = ?, used_ms = ?, scanned_ms = ?, next_head = ?, refused_rules = ?
     WHERE id = ?`,
    run,
    new Date().toISOString(),
    Date.now(),
    isPart ? before.scanned_ms : Date.now(),
    isPart ? before.head : commit,
    isPart ? before.refused_rules : JSON.stringify(refusedRules),
    snapshot,
  );
}

const columns =
  "id, path, size, mtime, extractor, blob, reason, detail, by_scan, pending, crashes, reused, gone";

function knownFiles(
  file: IndexFile,
  snapshot: number,
  only: readonly string[] | undefined,
): readonly KnownFile[] {
  const all = `SELECT ${columns} FROM file WHERE snapshot = ?`;
  if (only === undefined || only.includes("")) return file.all<KnownFile>(all, snapshot);
  // "0" follows "/": what lies between the two is what lies below the folder.
  return only.flatMap((path) => [
    ...file.all<KnownFile>(`${all} AND path = ?`, snapshot, path),
    ...file.all<KnownFile>(`${all} AND path > ? AND path < ?`, snapshot, `${path}/`, `${path}0`),
  ]);
}

function countFiles(file: IndexFile, snapshot: number): number {
  const sql = "SELECT count(*) AS n FROM file WHERE snapshot = ? AND gone = 0";
  return file.get<{ n: number }>(sql, snapshot)?.n ?? 0;
}

/** Takes every scanned file out of `known`; what stays there is gone. */
function compare(
  file: IndexFile,
  snapshot: number,
  found: readonly ScannedFile[],
  known: Map<string, KnownFile>,
  look: Look,
): { unchanged: number; changed: boolean } {
  let unchanged = 0;
  let changed = false;
  for (const next of found) {
    const row = known.get(next.path);
    known.delete(next.path);
    if (next.skip !== undefined) {
      changed = recordSkip(file, snapshot, next, next.skip, row) || changed;
      unchanged += row !== undefined && row.reason === next.skip.reason ? 1 : 0;
    } else if (row !== undefined && isUnchanged(row, next, look)) {
      unchanged += 1;
      if ((row.reused === 0 && row.blob !== null) || row.gone === 1) {
        file.run("UPDATE file SET reused = ?, gone = 0 WHERE id = ?", row.blob === null ? 0 : 1, row.id);
      }
    } else {
      markPending(file, snapshot, next, row);
    }
  }
  return { unchanged, changed };
}

/**
 * The extractor is the one that the scan expected by the file's name, then as now. The blob may have been read as
 * another language, as its text told (a C++ header named `.h`).
 */
function isUnchanged(row: KnownFile, next: ScannedFile, look: Look): boolean {
  return (
    row.pending === 0 &&
    row.size === next.bytes &&
    row.mtime === next.mtimeMs &&
    row.mtime < look.scannedMs - racyMsOf(row.mtime) &&
    row.extractor === next.extractor &&
    row.by_scan === 0 &&
    (row.blob !== null || row.reason !== null) &&
    !passingReasons.has(row.reason ?? "") &&
    !(look.retrySkipped && row.reason !== null)
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
    `UPDATE file SET size = ?, mtime = ?, extractor = ?, blob = NULL, next = NULL, reason = ?, detail = ?, by_scan = 1, pending = 0,
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
  insertPlace(file, id, next.path);
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
