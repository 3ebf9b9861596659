/**
 * How much the other files of a snapshot lean on each of its files: by the number of files that mention the names it
 * defines. A name that several files define counts for each of them in part.
 */
import type { Mentions } from "../../overview.ts";
import type { IndexFile } from "./index-file.ts";

/** A name that more files define says nothing about which of them is meant. */
const definersMax = 20;

/** By blob, 0 to 1. Only reads: it is made before the transaction that publishes. */
export function measureCentrality(
  file: IndexFile,
  snapshot: number,
  { names, files }: Mentions,
): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  file.read(() => {
    for (const [name, count] of names) {
      const blobs = definersOf(file, snapshot, name);
      if (blobs.length > definersMax) continue;
      for (const { blob } of blobs) sums.set(blob, (sums.get(blob) ?? 0) + count / blobs.length);
    }
  });
  const most = Math.log1p(files);
  return new Map([...sums].map(([blob, sum]) => [blob, Math.min(1, Math.log1p(sum) / most)]));
}

function definersOf(file: IndexFile, snapshot: number, name: string): { blob: number }[] {
  return file.all<{ blob: number }>(
    `SELECT DISTINCT blob FROM definition WHERE name = ? AND name = ? COLLATE BINARY
       AND EXISTS (SELECT 1 FROM file INDEXED BY file_blob WHERE file.blob = definition.blob AND snapshot = ?) LIMIT ?`,
    name,
    name,
    snapshot,
    definersMax + 1,
  );
}

/** Inside the transaction that publishes. */
export function storeCentrality(
  file: IndexFile,
  snapshot: number,
  central: ReadonlyMap<number, number>,
): void {
  file.run("UPDATE file SET central = 0 WHERE snapshot = ? AND central > 0", snapshot);
  const update = file.statement(
    "UPDATE file INDEXED BY file_blob SET central = ? WHERE blob = ? AND snapshot = ?",
  );
  for (const [blob, value] of central) update.run(value, blob, snapshot);
}
