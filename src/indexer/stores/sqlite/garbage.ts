/** Blobs that no snapshot reaches any more: found by a covering index, deleted with all that belongs to them. */
import type { IndexFile } from "./index-file.ts";
import { unpackOutline } from "./pack.ts";
import { forgetBlobs } from "./trigram-index.ts";

interface Unreached {
  readonly id: number;
  readonly chunks: number;
}

/** Inside a write transaction. Deletes `most` at the most, the oldest first. Returns how many were deleted. */
export function deleteUnreached(file: IndexFile, most: number): number {
  const found = file.all<Unreached>(
    `SELECT id, chunks FROM blob WHERE NOT EXISTS (SELECT 1 FROM file WHERE file.blob = blob.id)
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

function deleteBlob(file: IndexFile, { id, chunks }: Unreached): void {
  const row = file.get<{ outline: Buffer }>("SELECT outline FROM content WHERE blob = ?", id);
  const definitions = row === undefined ? [] : unpackOutline(row.outline).definitions;
  for (const [ordinal, { name }] of definitions.entries()) {
    file.run("DELETE FROM definition WHERE name = ? AND blob = ? AND ordinal = ?", name, id, ordinal);
  }
  for (let chunk = id; chunk < id + chunks; chunk += 1)
    file.run("DELETE FROM passage WHERE rowid = ?", chunk);
  file.run("DELETE FROM content WHERE blob = ?", id);
  file.run("DELETE FROM blob WHERE id = ?", id);
}
