/** Outlines of blobs, unpacked and kept for the next question: unpacking a hundred of them costs some 5 ms. */
import type { IndexFile } from "./index-file.ts";
import { type Outline, unpackOutline } from "./pack.ts";

/** About 7 KB each. */
const keptMax = 1500;

/** Undefined for a blob that was deleted meanwhile. */
export function outlineOf(file: IndexFile, blob: number): Outline | undefined {
  const known = file.known<Outline>("outlines", keptMax);
  const outline = known.get(blob) ?? keptOutline(file, blob);
  if (outline !== undefined) known.set(blob, outline);
  return outline;
}

/** Outlives changes of the file: by all that identifies the blob, as ids alone are given again after a deletion. */
function keptOutline(file: IndexFile, blob: number): Outline | undefined {
  const row = file.get<{ hash: Buffer; language: string; extractor: number }>(
    "SELECT hash, language, extractor FROM blob WHERE id = ?",
    blob,
  );
  if (row === undefined) return undefined;
  const key = `${blob} ${row.hash.toString("latin1")} ${row.language} ${row.extractor}`;
  const kept = file.unpacked.get(key) as Outline | undefined;
  file.unpacked.delete(key);
  const outline = kept ?? read(file, blob);
  if (outline === undefined) return undefined;
  file.unpacked.set(key, outline);
  const oldest = file.unpacked.size > keptMax ? file.unpacked.keys().next().value : undefined;
  if (oldest !== undefined) file.unpacked.delete(oldest);
  return outline;
}

function read(file: IndexFile, blob: number): Outline | undefined {
  const row = file.get<{ outline: Buffer }>("SELECT outline FROM content WHERE blob = ?", blob);
  return row === undefined ? undefined : unpackOutline(row.outline);
}
