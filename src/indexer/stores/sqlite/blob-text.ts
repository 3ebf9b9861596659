/** The text of a file as it was when it was read: in one piece, or, of a large one, in the parts that are wanted. */
import type { IndexFile } from "./index-file.ts";
import { unpackText, unpackUtf8 } from "./pack.ts";

export interface ByteRange {
  readonly startByte: number;
  readonly endByte: number;
}

/** Undefined for a file that is not indexed, or has other bytes than those of the hash. */
export function textOf(
  file: IndexFile,
  snapshot: number,
  path: string,
  hash: string | undefined,
  range?: ByteRange,
): string | undefined {
  const row = file.get<{ id: number; hash: Buffer }>(
    "SELECT blob.id, hash FROM file JOIN blob ON blob.id = file.blob WHERE snapshot = ? AND path = ?",
    snapshot,
    path,
  );
  if (row === undefined || (hash !== undefined && row.hash.toString("hex") !== hash)) return undefined;
  const starts = partStarts(file, row.id);
  if (starts.length > 0) return fromParts(file, row.id, starts, range);
  const content = file.get<{ text: Buffer }>("SELECT text FROM content WHERE blob = ?", row.id);
  if (content === undefined) return undefined;
  const text = unpackText(content.text);
  return range === undefined ? text : Buffer.from(text).toString("utf8", range.startByte, range.endByte);
}

function partStarts(file: IndexFile, blob: number): number[] {
  const rows = file.all<{ start: number }>("SELECT start FROM text_part WHERE blob = ? ORDER BY start", blob);
  return rows.map(({ start }) => start);
}

function fromParts(file: IndexFile, blob: number, starts: readonly number[], range?: ByteRange): string {
  const { startByte = 0, endByte = Number.POSITIVE_INFINITY } = range ?? {};
  let text = "";
  for (const [index, start] of starts.entries()) {
    const next = starts[index + 1] ?? Number.POSITIVE_INFINITY;
    if (next <= startByte || start >= endByte) continue;
    const row = file.get<{ text: Buffer }>(
      "SELECT text FROM text_part WHERE blob = ? AND start = ?",
      blob,
      start,
    );
    const part = row === undefined ? "" : unpackText(row.text);
    if (startByte <= start && endByte >= next) text += part;
    else text += Buffer.from(part).toString("utf8", Math.max(0, startByte - start), endByte - start);
  }
  return text;
}

/** All of a text that is stored in parts, as UTF-8. */
export function wholeOf(file: IndexFile, blob: number): Buffer {
  const parts = file.all<{ text: Buffer }>("SELECT text FROM text_part WHERE blob = ? ORDER BY start", blob);
  return Buffer.concat(parts.map(({ text }) => unpackUtf8(text)));
}
