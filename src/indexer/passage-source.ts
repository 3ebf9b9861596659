/** The port to what is indexed, blob by blob: what an embedder reads, and how its finds become candidates for ranking. */
import type { BlobKey, ChunkMatch, FileFilter } from "./store.ts";
import type { Chunk, SymbolKind } from "./symbol.ts";

/** A blob under the first of its paths. */
export interface IndexedBlob {
  readonly blob: BlobKey;
  readonly path: string;
  readonly chunks: number;
}

export interface PassageSource {
  /** All blobs that can be found in the repository now, by path. */
  blobs(repository: string): IndexedBlob[];
  /** The chunks of an indexed file and its UTF-8 bytes; undefined once it is another blob. */
  passages(
    repository: string,
    path: string,
    blob: BlobKey,
  ): { readonly text: Buffer; readonly chunks: readonly Chunk[] } | undefined;
  /** Each chunk as candidates, one for every path that has it; none where it does not pass the filter. */
  matches(
    repository: string,
    chunks: readonly { readonly blob: BlobKey; readonly ordinal: number }[],
    filter: FileFilter & { readonly kind?: SymbolKind },
  ): (readonly ChunkMatch[])[];
}
