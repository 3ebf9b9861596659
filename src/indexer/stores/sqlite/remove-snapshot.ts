/** Takes a repository out of its index file, and the file away with its last one. */
import { isAbsolute } from "node:path";
import { CambiumError } from "../../../errors.ts";
import type { Catalogue } from "./catalogue.ts";
import { indexFileName } from "./family.ts";
import { deleteUnreached } from "./garbage.ts";
import { compactFile, type IndexFile } from "./index-file.ts";
import { findPlace, type Place } from "./places.ts";
import { deleteFiles } from "./publish-generation.ts";

/** Others wait for the lock no longer than this many blobs take. */
const blobsAtOnce = 256;

/** Nothing of a damaged file is worth keeping, and deleting rows from it may fail: it is deleted as a whole. */
export function removeNamed(catalogue: Catalogue, repository: string): void {
  if (isAbsolute(repository) && catalogue.deleteUnreadable(indexFileName(repository))) return;
  const place = findPlace(catalogue, repository);
  try {
    if (dropSnapshot(catalogue, place, Number.POSITIVE_INFINITY) === "file") return;
    while (sweepFile(place.file, blobsAtOnce) === blobsAtOnce);
    compactFile(place.file);
  } catch (error) {
    if (!(error instanceof CambiumError) || error.code !== "corrupt") throw error;
    catalogue.delete(place.file);
  }
}

/** Says what went: nothing where somebody has used it after `unusedSinceMs`, the snapshot, or with it the whole file. */
export function dropSnapshot(
  catalogue: Catalogue,
  { file, snapshot }: Place,
  unusedSinceMs: number,
): "nothing" | "snapshot" | "file" {
  const gone = file.write(() => {
    const dropped = file.run(
      "DELETE FROM snapshot WHERE id = ? AND used_ms <= ?",
      snapshot.id,
      unusedSinceMs,
    );
    if (dropped === 0) return "nothing";
    file.run("DELETE FROM summary WHERE snapshot = ?", snapshot.id);
    // The last one takes the whole file with it: nothing has to be deleted row by row.
    if (file.get("SELECT id FROM snapshot LIMIT 1") === undefined) return "file";
    deleteFiles(file, snapshot.id, "TRUE");
    return "snapshot";
  });
  if (gone === "file") catalogue.delete(file);
  return gone;
}

export function sweepFile(file: IndexFile, most: number): number {
  return file.write(() => deleteUnreached(file, most));
}
