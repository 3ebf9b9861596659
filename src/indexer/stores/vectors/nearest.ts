/**
 * Search among stored vectors: their codes stand in memory, a question goes through the signs of all of them, and the
 * best are scored by all that is stored. What other processes buy is taken up by its row.
 */
import type { EmbeddingModel } from "../../embedder.ts";
import type { BlobKey } from "../../store.ts";
import { normalize } from "../../vector-code.ts";
import type { NearChunk, VectorIndex, VectorScope } from "../../vector-index.ts";
import { CodePlanes } from "./code-planes.ts";
import type { LedgerFile } from "./ledger-file.ts";
import { findMapped, unpackNumbers } from "./plan.ts";

/** So many of the nearest by signs alone are scored by all that is stored. */
const depth = 500;

/** Which chunks a repository has, by the row of their vector. */
interface Members {
  readonly stamp: string;
  readonly blobs: readonly BlobKey[];
  /** By row: the blob's place in `blobs`, and the chunk in it; -1 for a row that the scope has not. */
  readonly blobOf: Int32Array;
  readonly ordinalOf: Uint16Array;
}

export class NearestVectors implements VectorIndex {
  readonly #file: LedgerFile;
  readonly #planes = new Map<number, CodePlanes>();
  readonly #members = new Map<string, Members>();

  constructor(file: LedgerFile) {
    this.#file = file;
  }

  nearest(model: EmbeddingModel, scope: VectorScope, query: Float32Array, limit: number): NearChunk[] {
    const id = this.#file.findModel(model);
    if (id === undefined) return [];
    return this.#file.read(() => {
      const planes = this.#takeUp(id, query.length);
      const { blobs, blobOf, ordinalOf } = this.#membersOf(id, scope, planes);
      const near = planes.nearest(normalize(query), blobOf, Math.max(depth, limit), limit);
      return near.map(({ row, similarity }) => ({
        blob: blobs[blobOf[row] as number] as BlobKey,
        ordinal: ordinalOf[row] as number,
        similarity,
      }));
    });
  }

  /** Only what came since the last question. */
  #takeUp(model: number, width: number): CodePlanes {
    const kept = this.#planes.get(model);
    const planes = kept?.width === width ? kept : new CodePlanes(width);
    this.#planes.set(model, planes);
    const rows = this.#file.iterate<{ id: number; vector: number; signs: Buffer; rest: Buffer }>(
      "SELECT id, vector, signs, rest FROM code WHERE id > ? AND model = ? ORDER BY id",
      planes.lastCode,
      model,
    );
    for (const { id, vector, signs, rest } of rows) planes.add(id, vector, signs, rest);
    return planes;
  }

  #membersOf(model: number, scope: VectorScope, planes: CodePlanes): Members {
    const key = `${model} ${scope.name}`;
    const stamp = `${scope.stamp} ${planes.count}`;
    const kept = this.#members.get(key);
    if (kept?.stamp === stamp) return kept;
    const blobs = scope.blobs();
    const blobOf = new Int32Array(planes.count).fill(-1);
    const ordinalOf = new Uint16Array(planes.count);
    for (const [index, blob] of blobs.entries()) {
      const vectors = findMapped(this.#file, model, blob)?.vectors;
      if (vectors === undefined) continue;
      for (const [ordinal, vector] of unpackNumbers(vectors).entries()) {
        const row = planes.rowOf(vector);
        // Copies of a text stand for each other: the first one answers.
        if (row === undefined || blobOf[row] !== -1) continue;
        blobOf[row] = index;
        ordinalOf[row] = ordinal;
      }
    }
    const members = { stamp, blobs, blobOf, ordinalOf };
    this.#members.set(key, members);
    return members;
  }
}
