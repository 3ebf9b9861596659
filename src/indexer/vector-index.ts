/** The port to stored vectors: which passages of some blobs mean what a question means. */
import type { EmbeddingModel } from "./embedder.ts";
import type { BlobKey } from "./store.ts";

/** A chunk of a blob, and how near it is: the cosine, up to 1. */
export interface NearChunk {
  readonly blob: BlobKey;
  readonly ordinal: number;
  readonly similarity: number;
}

export interface VectorScope {
  /** Names the set of blobs; the same stamp means the same set. */
  readonly name: string;
  readonly stamp: string;
  readonly blobs: () => readonly BlobKey[];
}

export interface VectorIndex {
  /** The nearest chunks of the scope, best first. */
  nearest(model: EmbeddingModel, scope: VectorScope, query: Float32Array, limit: number): NearChunk[];
}
