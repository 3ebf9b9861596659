/** The texts that may hold what a query asks for, one after the other in the order of their paths. */
import type { StoredText, TextFilter } from "../../store.ts";
import type { TrigramQuery } from "../../trigrams.ts";
import { wholeOf } from "./blob-text.ts";
import { pathMatcher } from "./glob.ts";
import type { IndexFile } from "./index-file.ts";
import { unpackUtf8 } from "./pack.ts";
import { candidateBlobs } from "./trigram-index.ts";

/** Paths of more blobs than these are not looked up each: all paths are gone through, as far as the answer needs. */
const lookUpsMax = 2000;
const pageRows = 1024;

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
  const blobs = file.read(() => candidateBlobs(file, query, filter.onOneLine === true));
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
    const utf8 = file.read(() => textAt(file, snapshot, row.path));
    if (utf8 === undefined) continue;
    yield { path: row.path, language: row.language, utf8 };
  }
}

function textAt(file: IndexFile, snapshot: number, path: string): Buffer | undefined {
  const row = file.get<{ text: Buffer; bytes: number; blob: number; in_parts: number }>(
    `SELECT text, bytes, blob.id AS blob, EXISTS (SELECT 1 FROM text_part WHERE blob = blob.id) AS in_parts
     FROM file JOIN blob ON blob.id = file.blob JOIN content ON content.blob = blob.id
     WHERE snapshot = ? AND path = ?`,
    snapshot,
    path,
  );
  if (row === undefined) return undefined;
  return row.in_parts === 1 ? wholeOf(file, row.blob) : unpackUtf8(row.text, row.bytes);
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
