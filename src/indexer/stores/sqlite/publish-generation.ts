/** Publishes a generation, and lets go of files and blobs that nothing reaches any more. */
import { CambiumError } from "../../../errors.ts";
import type { Portrait } from "../../overview.ts";
import { pendingFiles } from "./begin-generation.ts";
import { measureCentrality, storeCentrality } from "./centrality.ts";
import { mergeSegments } from "./full-text.ts";
import { deleteUnreached } from "./garbage.ts";
import type { IndexFile } from "./index-file.ts";
import { isSummaryStale, storeSummary } from "./overview.ts";

/** Deleting the blobs of this many replaced files took 0.15 s; the next generation takes the next ones. */
const cheapGarbage = 256;

/** One transaction from the old generation to the new one. The summary is made before it: it only reads. */
export function publishGeneration(
  file: IndexFile,
  snapshot: number,
  summarize: (() => Portrait) | undefined,
): void {
  const before = file.get<{ state: string; pending: number }>(
    "SELECT state, pending FROM snapshot WHERE id = ?",
    snapshot,
  );
  if (before?.state === "ready") return;
  const portrait = before?.pending === 0 && isSummaryStale(file, snapshot) ? summarize?.() : undefined;
  const central = portrait === undefined ? undefined : measureCentrality(file, snapshot, portrait.mentions);
  file.write(() => {
    const left = pendingFiles(file, snapshot, "", "\u{10ffff}").length;
    if (left > 0)
      throw new CambiumError("conflict", `${left} files are still to be read before this can be published.`);
    deleteFiles(file, snapshot, "gone = 1");
    file.run("UPDATE file SET blob = next, next = NULL WHERE snapshot = ? AND next IS NOT NULL", snapshot);
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
    if (portrait !== undefined) storeSummary(file, snapshot, portrait.summary);
    if (central !== undefined) storeCentrality(file, snapshot, central);
    deleteUnreached(file, cheapGarbage);
  });
  if (portrait !== undefined) mergeSegments(file);
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
