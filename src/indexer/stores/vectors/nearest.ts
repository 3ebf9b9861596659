/**
 * Exact search among stored vectors: the planes of signs stand in memory, a question goes through all of them, and the
 * best are scored again by all that is stored. What other processes buy is taken up by its row.
 */
import type { EmbeddingModel } from "../../embedder.ts";
import type { BlobKey } from "../../store.ts";
import { normalize, similarityOf } from "../../vector-code.ts";
import type { NearChunk, VectorIndex, VectorScope } from "../../vector-index.ts";
import type { LedgerFile } from "./ledger-file.ts";
import { findMapped, unpackNumbers } from "./plan.ts";
import { SignPlanes } from "./sign-planes.ts";

/** So many of the nearest by signs alone are scored again, for each that is wanted. */
const widening = 5;
const widenedMin = 200;

/** Which chunks a repository has, by the row of their vector. */
interface Members {
  readonly stamp: string;
  readonly blobs: readonly BlobKey[];
  /** By row: the blob's place in `blobs`, and the chunk in it; -1 for a row that the scope has not. */
  readonly blobOf: Int32Array;
  readonly ordinalOf: Uint16Array;
}

interface CodeRow {
  readonly signs: Buffer;
  readonly rest: Buffer;
}

export class NearestVectors implements VectorIndex {
  readonly #file: LedgerFile;
  readonly #planes = new Map<number, SignPlanes>();
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
      const wanted = Math.max(widenedMin, limit * widening);
      const unit = normalize(query);
      const near = planes.nearest(unit, blobOf, wanted).map((row) => {
        const code = this.#codeAt(planes.codeAt(row));
        return { row, similarity: code === undefined ? -1 : similarityOf(unit, code) };
      });
      near.sort((a, b) => b.similarity - a.similarity || a.row - b.row);
      return near.slice(0, limit).map(({ row, similarity }) => ({
        blob: blobs[blobOf[row] as number] as BlobKey,
        ordinal: ordinalOf[row] as number,
        similarity,
      }));
    });
  }

  #codeAt(code: number): CodeRow | undefined {
    return this.#file.get<CodeRow>("SELECT signs, rest FROM code WHERE id = ?", code);
  }

  /** Only what came since the last question. */
  #takeUp(model: number, width: number): SignPlanes {
    const kept = this.#planes.get(model);
    const planes = kept?.width === width ? kept : new SignPlanes(width);
    this.#planes.set(model, planes);
    const rows = this.#file.iterate<{ id: number; vector: number; signs: Buffer }>(
      "SELECT id, vector, signs FROM code WHERE id > ? AND model = ? ORDER BY id",
      planes.lastCode,
      model,
    );
    for (const { id, vector, signs } of rows) planes.add(id, vector, signs);
    return planes;
  }

  #membersOf(model: number, scope: VectorScope, planes: SignPlanes): Members {
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
