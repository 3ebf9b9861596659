/** Whole files, folders and repositories out of one snapshot, and the summary that was stored with it. */
import type {
  DatedSummary,
  FileEntry,
  FileOutline,
  FolderEntry,
  FolderOutline,
  IndexedFile,
  Outline,
  RepositorySummary,
} from "../../overview.ts";
import type { SkipReason } from "../../symbol.ts";
import type { IndexFile } from "./index-file.ts";
import { outlineOf } from "./outlines.ts";
import { namesIn } from "./pack.ts";

/** A summary is made again when more than this share of the files was read anew since. */
const staleShare = 0.01;

export function readOutline(file: IndexFile, snapshot: number, path: string): Outline | undefined {
  const plain = path.replace(/^\.?\/+|\/+$/g, "").replace(/^\.$/, "");
  return readFile(file, snapshot, plain) ?? readFolder(file, snapshot, plain);
}

interface FileRow {
  readonly blob: number | null;
  readonly size: number;
  readonly language: string | null;
  readonly reason: SkipReason | null;
  readonly detail: string | null;
  readonly pending: number;
}

function readFile(file: IndexFile, snapshot: number, path: string): FileOutline | undefined {
  const row = file.get<FileRow>(
    `SELECT blob, size, language, reason, detail, pending FROM file LEFT JOIN blob ON blob.id = file.blob
     WHERE snapshot = ? AND path = ?`,
    snapshot,
    path,
  );
  if (row === undefined) return undefined;
  return {
    type: "file",
    path,
    language: row.language,
    bytes: row.size,
    definitions: row.blob === null ? [] : (outlineOf(file, row.blob)?.definitions ?? []),
    skip: row.reason === null ? null : { reason: row.reason, detail: row.detail },
    isPending: row.pending === 1,
  };
}

interface EntryRow {
  readonly name: string;
  readonly language: string | null;
  readonly files: number;
  readonly skipped: number;
  readonly bytes: number;
  readonly symbols: number;
  readonly reason: SkipReason | null;
}

/** One row a name and language; a name that ends in `/` is a folder. */
function readFolder(file: IndexFile, snapshot: number, path: string): FolderOutline | undefined {
  const prefix = path === "" ? "" : `${path}/`;
  const rows = file.all<EntryRow>(
    `WITH inside AS (
       SELECT substr(path, length(?) + 1) AS rest, blob, size, reason FROM file
       WHERE snapshot = ? AND path >= ? AND path < ?)
     SELECT CASE instr(rest, '/') WHEN 0 THEN rest ELSE substr(rest, 1, instr(rest, '/')) END AS name, language,
       count(blob) AS files, count(reason) AS skipped, sum(size) AS bytes, coalesce(sum(symbols), 0) AS symbols,
       max(reason) AS reason
     FROM inside LEFT JOIN blob ON blob.id = inside.blob GROUP BY 1, 2 ORDER BY 1, 5 DESC, 2`,
    prefix,
    snapshot,
    prefix,
    // The character after the slash ends all that begins with it.
    path === "" ? "\u{10ffff}" : `${path}0`,
  );
  if (rows.length === 0 && path !== "") return undefined;
  const folders = new Map<string, FolderEntry>();
  const files: FileEntry[] = [];
  for (const { reason, ...row } of rows) {
    if (!row.name.endsWith("/")) {
      const { name, bytes, symbols, language } = row;
      files.push({ name, bytes, symbols, language, skip: reason });
      continue;
    }
    const name = row.name.slice(0, -1);
    const before = folders.get(name);
    folders.set(name, {
      name,
      files: row.files + (before?.files ?? 0),
      skipped: row.skipped + (before?.skipped ?? 0),
      bytes: row.bytes + (before?.bytes ?? 0),
      symbols: row.symbols + (before?.symbols ?? 0),
      language: before?.language ?? row.language,
    });
  }
  return { type: "folder", path, folders: [...folders.values()], files };
}

/** Of a file that another extractor has read meanwhile, what it made, which is about to be published. */
export function readFiles(file: IndexFile, snapshot: number): IndexedFile[] {
  return file.all<IndexedFile>(
    `SELECT path, language, bytes, symbols, uses AS "references" FROM file JOIN blob ON blob.id = coalesce(next, blob)
     WHERE snapshot = ? AND gone = 0 ORDER BY path`,
    snapshot,
  );
}

export function readMentionedNames(file: IndexFile, snapshot: number, path: string): readonly string[] {
  const row = file.get<{ uses: Buffer }>(
    "SELECT content.uses FROM file JOIN content ON content.blob = coalesce(next, file.blob) WHERE snapshot = ? AND path = ?",
    snapshot,
    path,
  );
  return row === undefined ? [] : namesIn(row.uses);
}

interface SummaryRow {
  readonly generation: number;
  readonly newest: number;
  readonly files: number;
  readonly bytes: number;
  readonly document: string;
}

export function readSummary(file: IndexFile, snapshot: number): DatedSummary | undefined {
  const row = summaryRow(file, snapshot);
  if (row === undefined) return undefined;
  return { generation: row.generation, ...(JSON.parse(row.document) as RepositorySummary) };
}

function summaryRow(file: IndexFile, snapshot: number): SummaryRow | undefined {
  return file.get<SummaryRow>(
    "SELECT generation, newest, files, bytes, document FROM summary WHERE snapshot = ?",
    snapshot,
  );
}

/** Whether the stored summary tells too little of what is about to be published. Ids of blobs grow with time. */
export function isSummaryStale(file: IndexFile, snapshot: number): boolean {
  return file.read(() => {
    const kept = summaryRow(file, snapshot);
    if (kept === undefined) return true;
    const changed = file.get<{ changed: number }>("SELECT changed FROM snapshot WHERE id = ?", snapshot);
    if (changed?.changed === 0) return false;
    const anew = file.get<{ n: number }>(
      `SELECT (SELECT count(*) FROM file INDEXED BY file_blob WHERE blob > ? AND snapshot = ?)
         + (SELECT count(*) FROM file INDEXED BY file_next WHERE next IS NOT NULL AND snapshot = ?) AS n`,
      kept.newest,
      snapshot,
      snapshot,
    );
    const { files, bytes } = sizeOf(file, snapshot);
    const differs = (a: number, b: number) => Math.abs(a - b) > b * staleShare;
    return (anew?.n ?? 0) > files * staleShare || differs(files, kept.files) || differs(bytes, kept.bytes);
  });
}

function sizeOf(file: IndexFile, snapshot: number): { readonly files: number; readonly bytes: number } {
  const sums = file.get<{ files: number; bytes: number }>(
    `SELECT count(blob) AS files, coalesce(sum(size), 0) AS bytes FROM file
     WHERE snapshot = ? AND gone = 0 AND blob IS NOT NULL`,
    snapshot,
  );
  return sums ?? { files: 0, bytes: 0 };
}

/** Inside the transaction that publishes, after it has counted the generation. */
export function storeSummary(file: IndexFile, snapshot: number, summary: RepositorySummary): void {
  const { files, bytes } = sizeOf(file, snapshot);
  file.run(
    `INSERT OR REPLACE INTO summary (snapshot, generation, newest, files, bytes, document)
     SELECT id, generation, (SELECT coalesce(max(id), 0) FROM blob), ?, ?, ? FROM snapshot WHERE id = ?`,
    files,
    bytes,
    JSON.stringify(summary),
    snapshot,
  );
}
