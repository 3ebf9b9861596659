/** The texts that may hold what a query asks for, one after the other in the order of their paths. */
import type { FileFilter, StoredText } from "../../store.ts";
import type { TrigramQuery } from "../../trigrams.ts";
import { wholeOf } from "./blob-text.ts";
import { pathMatcher } from "./glob.ts";
import type { IndexFile } from "./index-file.ts";
import { unpackUtf8 } from "./pack.ts";
import { candidateBlobs } from "./trigram-index.ts";

/** Paths of more blobs than these are not looked up each: all paths are gone through, as far as the answer needs. */
const lookUpsMax = 2000;
const pageRows = 1024;

export interface TextFilter extends FileFilter {
  readonly from?: string;
}

interface PlaceRow {
  readonly path: string;
  readonly blob: number;
  readonly language: string;
}

export function* candidateTexts(
  file: IndexFile,
  snapshot: number,
  query: TrigramQuery,
  filter: TextFilter,
): Generator<StoredText> {
  const blobs = file.read(() => candidateBlobs(file, query));
  const fits = filter.path === undefined ? () => true : pathMatcher(filter.path);
  const isWanted = ({ path, language }: PlaceRow) =>
    (filter.language === undefined || language === filter.language) && fits(path);
  const from = filter.from ?? "";
  const rows =
    blobs !== undefined && blobs.size <= lookUpsMax
      ? placesOf(file, snapshot, blobs, from)
      : allPlaces(file, snapshot, blobs, from);
  for (const row of rows) {
    if (!isWanted(row)) continue;
    // By its path: meanwhile it may have become another blob.
    const found = file.read(() =>
      file.get<{ text: Buffer; blob: number }>(
        `SELECT text, file.blob FROM file JOIN content ON content.blob = file.blob
         WHERE snapshot = ? AND path = ?`,
        snapshot,
        row.path,
      ),
    );
    if (found === undefined) continue;
    const utf8 = file.read(() => wholeOf(file, found.blob)) ?? unpackUtf8(found.text);
    yield { path: row.path, language: row.language, utf8 };
  }
}

function placesOf(file: IndexFile, snapshot: number, blobs: ReadonlySet<number>, from: string): PlaceRow[] {
  const rows = file.read(() =>
    [...blobs].flatMap((blob) =>
      file.all<PlaceRow>(
        `SELECT path, blob, language FROM file INDEXED BY file_blob JOIN blob ON blob.id = file.blob
         WHERE blob = ? AND snapshot = ? AND path >= ?`,
        blob,
        snapshot,
        from,
      ),
    ),
  );
  const keyed = rows.map((row) => ({ row, key: Buffer.from(row.path) }));
  return keyed.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ row }) => row);
}

function* allPlaces(
  file: IndexFile,
  snapshot: number,
  blobs: ReadonlySet<number> | undefined,
  from: string,
): Generator<PlaceRow> {
  let least = from;
  for (let isFirst = true; ; isFirst = false) {
    const sql = `SELECT path, blob, language FROM file JOIN blob ON blob.id = file.blob
      WHERE snapshot = ? AND path ${isFirst ? ">=" : ">"} ? ORDER BY path LIMIT ?`;
    const rows = file.read(() => file.all<PlaceRow>(sql, snapshot, least, pageRows));
    for (const row of rows) if (blobs === undefined || blobs.has(row.blob)) yield row;
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageRows) return;
    least = last.path;
  }
}
