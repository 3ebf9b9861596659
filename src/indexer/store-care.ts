/**
 * The port to the upkeep of an index store: what is there and when it was last used, how it is made smaller, checked
 * and compared. Questions and indexing go through `store.ts`.
 */
import type { IndexStore } from "./store.ts";
import type { SkipReason } from "./symbol.ts";

export interface SnapshotUse {
  readonly repository: string;
  readonly root: string;
  /** The index file that holds it; snapshots of one family share one. */
  readonly file: string;
  /** When it was last indexed or asked about (ms since 1970), to the hour. */
  readonly usedMs: number;
  readonly isIndexing: boolean;
}

/** What is stored of one file, told apart by digests of its parts: equal digests mean equal rows. */
export interface FileDigest {
  readonly bytes: number;
  readonly mtimeMs: number;
  readonly isPending: boolean;
  readonly extractor: number;
  readonly reason: SkipReason | null;
  readonly detail: string | null;
  /** SHA-256 of the file's bytes, hexadecimal; null for a skipped one. */
  readonly hash: string | null;
  /** By part: `content`, `definitions`, `passages`, `place` and so on. */
  readonly parts: Readonly<Record<string, string>>;
}

export interface SnapshotDigest {
  readonly files: ReadonlyMap<string, FileDigest>;
  /** The counts that are shown for the repository. */
  readonly totals: Readonly<Record<string, number>>;
  /** When the files were last looked at (ms since 1970). */
  readonly scannedMs: number;
}

/** How much of a repository is in the index. */
export interface Coverage {
  readonly files: number;
  readonly indexed: number;
  readonly pending: number;
  readonly withParseErrors: number;
  /** Too large to be parsed, and searchable as text. */
  readonly asText: number;
  readonly skipped: readonly { readonly reason: SkipReason; readonly files: number }[];
  readonly languages: readonly {
    readonly language: string;
    readonly files: number;
    readonly bytes: number;
    readonly symbols: number;
    readonly withParseErrors: number;
  }[];
}

/** All throw as `IndexStore` does. */
export interface StoreCare {
  /** On disk, logs and leftovers included. */
  bytes(): number;
  /** Least recently used first. Index files that cannot be read are left out. */
  snapshots(): SnapshotUse[];
  files(): string[];
  /** Takes the snapshot out of the index, unless somebody used it after `unusedSinceMs`. Blobs stay for `sweep`. */
  drop(repository: string, unusedSinceMs: number): boolean;
  /** Deletes up to so many blobs that no snapshot reaches, in one transaction. Returns how many it were. */
  sweep(file: string, most: number): number;
  /** Merges the full text, and gives unused pages and the log back to the disk. */
  compact(file: string): void;
  /** What is wrong with the file; empty when it is sound. A damaged one is begun anew when it is next indexed. */
  check(file: string): string[];
  /** Removes what dead tasks and old damage left behind, older than this (ms since 1970). Returns their names. */
  removeLeftovers(olderThanMs: number): string[];
  coverage(repository: string): Coverage;
  /** All that is stored of a snapshot. `turn` is awaited now and then, so that an abort is heard. */
  digest(repository: string, turn: (files: number) => Promise<void>): Promise<SnapshotDigest>;
  /** Has these files read again by the next run, and what is stored of their contents derived again. */
  distrust(repository: string, paths: readonly string[]): void;
  /** An empty store of its own beside this one, which goes with `removeBeside` or as a leftover. */
  openBeside(name: string): IndexStore;
  removeBeside(name: string): void;
}
