/** The trigrams of each blob as a digest, however the segments that tell them were merged. */
import type { IndexFile } from "./index-file.ts";
import { PostingReader, type PostingRow } from "./posting-rows.ts";
import { segmentAfter } from "./trigram-index.ts";

/** What takes the digests: by an index of its own for each blob, which is below 0 for one that does not count. */
export interface TrigramSums {
  indexOf(blob: number): number;
  add(index: number, hash: number): void;
}

/** Segments that are merged meanwhile come again with a larger id: what was told already is left out there. */
export async function addTrigrams(
  file: IndexFile,
  sums: TrigramSums,
  turn: () => Promise<void>,
): Promise<void> {
  const told = new Set<number>();
  for (let after = 0; ; await turn()) {
    const segment = file.read(() => segmentAfter(file, after));
    if (segment === undefined) return;
    after = segment.id;
    const blocks = readBlocks(segment.blobs, told, sums);
    for (const row of segment.rows) addRow(row, blocks, sums);
  }
}

interface Blocks {
  /** By ordinal: whose digest it is for, and which block of the blob it is. */
  readonly indexes: Int32Array;
  readonly numbers: Uint32Array;
  readonly list: Uint32Array;
}

function readBlocks(blobs: readonly number[], told: Set<number>, sums: TrigramSums): Blocks {
  const indexes = new Int32Array(blobs.length);
  const numbers = new Uint32Array(blobs.length);
  for (const [ordinal, blob] of blobs.entries()) {
    if (ordinal > 0 && blobs[ordinal - 1] === blob) {
      indexes[ordinal] = indexes[ordinal - 1] as number;
      numbers[ordinal] = (numbers[ordinal - 1] as number) + 1;
    } else {
      indexes[ordinal] = told.has(blob) ? -1 : sums.indexOf(blob);
      told.add(blob);
    }
  }
  return { indexes, numbers, list: new Uint32Array(blobs.length) };
}

function addRow(row: PostingRow, { indexes, numbers, list }: Blocks, sums: TrigramSums): void {
  const reader = new PostingReader(row, list.length);
  while (reader.next()) {
    reader.read(list, 0, 0);
    const hash = Math.imul(reader.trigram + 1, 0x9e3779b1);
    for (let at = 0; at < reader.count; at += 1) {
      const ordinal = list[at] as number;
      const index = indexes[ordinal] as number;
      if (index < 0) continue;
      const mixed = Math.imul(hash ^ (hash >>> 15), 2 * (numbers[ordinal] as number) + 1);
      sums.add(index, (mixed ^ (mixed >>> 13)) >>> 0);
    }
  }
}
