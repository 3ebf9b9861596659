/** The blobs of a snapshot and their chunks, for those who read everything, and chunks as candidates for ranking. */
import type { IndexedBlob } from "../../passage-source.ts";
import type { BlobKey, ChunkMatch } from "../../store.ts";
import type { Chunk } from "../../symbol.ts";
import { findBlob } from "./derived.ts";
import type { IndexFile } from "./index-file.ts";
import { outlineOf } from "./outlines.ts";
import { unpackText } from "./pack.ts";
import { Candidates, type PassageFilter } from "./passages.ts";

export function blobsOf(file: IndexFile, snapshot: number): IndexedBlob[] {
  const rows = file.all<{ hash: Buffer; language: string; extractor: number; path: string; chunks: number }>(
    `SELECT hash, language, blob.extractor, min(path) AS path, chunks FROM file JOIN blob ON blob.id = file.blob
     WHERE snapshot = ? GROUP BY blob.id ORDER BY path`,
    snapshot,
  );
  return rows.map(({ hash, language, extractor, path, chunks }) => ({
    blob: { hash: hash.toString("hex"), language, extractor },
    path,
    chunks,
  }));
}

export function passagesOf(
  file: IndexFile,
  snapshot: number,
  path: string,
  key: BlobKey,
): { readonly text: Buffer; readonly chunks: readonly Chunk[] } | undefined {
  const blob = findBlob(file, key);
  if (blob === undefined) return undefined;
  const row = file.get<{ text: Buffer }>(
    "SELECT text FROM file JOIN content ON content.blob = file.blob WHERE snapshot = ? AND path = ? AND file.blob = ?",
    snapshot,
    path,
    blob.id,
  );
  const outline = row === undefined ? undefined : outlineOf(file, blob.id);
  if (row === undefined || outline === undefined) return undefined;
  return { text: Buffer.from(unpackText(row.text), "utf8"), chunks: outline.chunks };
}

export function matchesOf(
  file: IndexFile,
  snapshot: number,
  repository: string,
  chunks: readonly { readonly blob: BlobKey; readonly ordinal: number }[],
  filter: PassageFilter,
): (readonly ChunkMatch[])[] {
  const candidates = new Candidates(file, snapshot, repository, filter);
  return chunks.map(({ blob, ordinal }) => {
    const found = findBlob(file, blob);
    if (found === undefined) return [];
    candidates.add(found.id + ordinal, 0);
    return candidates.matches.get(found.id + ordinal) ?? [];
  });
}
