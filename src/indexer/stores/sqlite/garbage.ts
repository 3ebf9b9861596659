/** Blobs that no snapshot reaches any more: found by a covering index, deleted with all that belongs to them. */
import type { IndexFile } from "./index-file.ts";
import { unpackOutline } from "./pack.ts";
import { forgetBlobs } from "./trigram-index.ts";

interface Unreached {
  readonly id: number;
  readonly chunks: number;
  readonly extractor: number;
}

/** Inside a write transaction. Deletes `most` at the most, the oldest first. Returns how many were deleted. */
export function deleteUnreached(file: IndexFile, most: number): number {
  const found = file.all<Unreached>(
    `SELECT id, chunks, extractor FROM blob WHERE NOT EXISTS (SELECT 1 FROM file WHERE file.blob = blob.id)
       AND NOT EXISTS (SELECT 1 FROM file WHERE file.next = blob.id)
     ORDER BY id LIMIT ?`,
    most,
  );
  for (const blob of found) deleteBlob(file, blob);
  forgetBlobs(
    file,
    found.map(({ id }) => id),
  );
  return found.length;
}

function deleteBlob(file: IndexFile, { id, chunks, extractor }: Unreached): void {
  // What is distrusted may have other names than its outline says.
  if (extractor < 0) file.run("DELETE FROM definition WHERE blob = ?", id);
  else deleteDefinitions(file, id);
  for (let chunk = id; chunk < id + chunks; chunk += 1)
    file.run("DELETE FROM passage WHERE rowid = ?", chunk);
  file.run("DELETE FROM content WHERE blob = ?", id);
  file.run("DELETE FROM text_part WHERE blob = ?", id);
  file.run("DELETE FROM blob WHERE id = ?", id);
}

function deleteDefinitions(file: IndexFile, id: number): void {
  const row = file.get<{ outline: Buffer }>("SELECT outline FROM content WHERE blob = ?", id);
  const definitions = row === undefined ? [] : unpackOutline(row.outline).definitions;
  for (const [ordinal, { name }] of definitions.entries()) {
    file.run("DELETE FROM definition WHERE name = ? AND blob = ? AND ordinal = ?", name, id, ordinal);
  }
}

/**
 * Hides blobs whose rows are wrong from those who look for what is derived already. They answer until their files have
 * been read again: in every snapshot, at its next run.
 */
export function distrustBlobs(file: IndexFile, snapshot: number, path: string): void {
  const row = file.get<{ blob: number | null }>(
    "SELECT blob FROM file WHERE snapshot = ? AND path = ?",
    snapshot,
    path,
  );
  const blob = row?.blob ?? undefined;
  file.run("UPDATE file SET size = -1, by_scan = 0 WHERE snapshot = ? AND path = ?", snapshot, path);
  if (blob === undefined) return;
  file.run("UPDATE blob SET extractor = -id WHERE id = ?", blob);
  file.run("UPDATE file SET size = -1 WHERE blob = ?", blob);
}
