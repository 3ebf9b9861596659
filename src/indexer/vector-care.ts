/** The port to the upkeep of bought vectors. */
import type { BlobKey } from "./store.ts";

export interface VectorCare {
  /** Notes since when each blob is not among these. */
  noteReached(reached: Iterable<BlobKey>, now: number): void;
  /**
   * Forgets some of the blobs that nothing reached since then (ms since 1970), and the vectors that no other blob needs,
   * in one transaction. `more`: there are others.
   */
  sweep(unreachedSince: number): { readonly vectors: number; readonly more: boolean };
  close(): void;
}
