/**
 * The index-store port. A store keeps, per repository, what was derived from each distinct file content
 * (a *blob*: text, definitions, references, chunks) and one *snapshot*: a map from path to blob.
 * It refuses to know how files are found or parsed, and what a task is.
 */
import type { IndexOverview, Portrait } from "./overview.ts";
import type { StoreCare } from "./store-care.ts";
import type { Chunk, Definition, Extraction, Reference, SkipReason, SymbolKind } from "./symbol.ts";
import type { TrigramQuery } from "./trigrams.ts";

/** A file as the scan saw it, before its bytes were read. */
export interface ScannedFile {
  /** Relative to the root, `/` between names. */
  readonly path: string;
  readonly bytes: number;
  /** Modification time in milliseconds, with fraction. */
  readonly mtimeMs: number;
  /** What the file would be read as, and by which extractor: a file read by another one becomes pending again. */
  readonly language: string;
  readonly extractor: number;
  /** Set when the scan alone can tell that the file is not to be indexed. */
  readonly skip?: { readonly reason: SkipReason; readonly detail?: string };
}

/** What begins a new generation: how much of it must be read. */
export interface GenerationPlan {
  readonly generation: number;
  readonly files: number;
  /** Files whose size and time match the last generation: nothing is read for them. */
  readonly unchanged: number;
  readonly pending: readonly PendingFile[];
  /** Under whose name results are to be written: the run that began, or the one that was joined. */
  readonly run: string;
}

export interface PendingFile {
  readonly path: string;
  readonly bytes: number;
  /** How often a child died while it held this file alone. */
  readonly crashes: number;
}

/** What one batch found out about one pending file. */
export type FileResult =
  | {
      readonly path: string;
      readonly mtimeMs: number;
      readonly skip: { readonly reason: SkipReason; readonly detail?: string };
    }
  | {
      readonly path: string;
      readonly mtimeMs: number;
      readonly blob: BlobKey;
      readonly derived?: DerivedBlob;
      /** Set for a file that is in the index and in the ledger too, as not all was made of it that could be. */
      readonly detail?: string;
    };

/** Results on their way: each is brought into the store's form at once, so that symbols and references need not be kept. */
export interface ResultBatch {
  add(result: FileResult): void;
  /**
   * Stores all of them in one transaction. Returns how many files of the generation are done. Drops the results of any
   * but the newest generation's run. A file read before the scan saw it newer stays pending.
   */
  commit(): { readonly done: number; readonly total: number };
}

/** What identifies derived data: the bytes, the language they were read as, and the extractor that read them. */
export interface BlobKey {
  /** SHA-256 of the file's bytes, hexadecimal. */
  readonly hash: string;
  /** Language id of `grammars/`, or `text`. */
  readonly language: string;
  readonly extractor: number;
}

/** The text (decoded, line ends as they are) and what was read out of it. */
export interface DerivedBlob extends Extraction {
  readonly text: string;
  readonly bytes: number;
  /**
   * Of a text too large to be in memory: its parts in order, read within the transaction that stores them. `text` and
   * `chunks` are empty then.
   */
  readonly parts?: () => Iterable<TextPart>;
}

/** A part of a text: whole lines, unless a line alone is larger. Chunks count in lines and bytes of the whole text. */
export interface TextPart {
  /** Where it begins in the text's UTF-8 bytes, without a byte order mark. */
  readonly start: number;
  readonly text: string;
  readonly chunks: readonly Chunk[];
}

/** What every answer says about where it comes from. */
export interface Evidence {
  readonly repository: string;
  /** Last published generation; 0 before the first one. */
  readonly generation: number;
  /** Files that the running task has yet to read. */
  readonly pendingFiles: number;
  readonly indexedAt: string | null;
}

export interface RepositoryStatus extends Evidence {
  readonly root: string;
  readonly state: "indexing" | "ready";
  readonly files: number;
  readonly filesSkipped: number;
  readonly bytes: number;
  readonly symbols: number;
  readonly references: number;
  readonly chunks: number;
  readonly commit: string | null;
  /** Who began the newest generation, and when it did (ISO 8601). */
  readonly run: string | null;
  readonly startedAt: string | null;
  /** Files of the newest generation whose derived data was already known: unchanged, moved, or seen before. */
  readonly filesReused: number;
  /** Where ignore rules stand (`path:line`) that the newest scan left out as too costly to match. */
  readonly refusedRules: readonly string[];
}

/** A chunk that matched, with what ranking needs. */
export interface ChunkMatch {
  readonly repository: string;
  readonly path: string;
  readonly language: string;
  readonly chunk: Chunk;
  readonly definitions: readonly Definition[];
  /** Lexical score, larger is better, comparable within one answer only. */
  readonly score: number;
  /** The cosine to the question, where it was found by meaning. */
  readonly meaning?: number;
  readonly blobHash: string;
  /** Of the whole file. */
  readonly fileBytes?: number;
  /** How much the other files lean on this one, 0 to 1; missing until that was counted. */
  readonly central?: number;
}

export interface DefinitionMatch {
  readonly repository: string;
  readonly path: string;
  readonly language: string;
  readonly definition: Definition;
}

export interface ReferenceMatch {
  readonly repository: string;
  readonly path: string;
  readonly reference: Reference;
  readonly enclosing: Definition | undefined;
}

export interface SkippedFile {
  readonly path: string;
  readonly reason: SkipReason;
  readonly detail: string | null;
}

/** Which files an answer may come from. */
export interface FileFilter {
  /** Glob over the relative path. */
  readonly path?: string;
  readonly language?: string;
}

export interface TextFilter extends FileFilter {
  readonly from?: string;
  /** All that a query asks for stands on one line of a text: more texts can be ruled out. */
  readonly onOneLine?: boolean;
}

/** The text of an indexed file as it was when it was read. */
export interface StoredText {
  readonly path: string;
  readonly language: string;
  readonly utf8: Buffer;
}

/** The texts that a store keeps; a part of its port. */
export interface TextStore {
  /**
   * Where a hash is given, only if the file's bytes have that one. With `range`, in UTF-8 bytes, only that part, for
   * which no more than that part of a large file is read.
   */
  text(
    repository: string,
    path: string,
    blobHash?: string,
    range?: { readonly startByte: number; readonly endByte: number },
  ): string | undefined;
  /**
   * Files whose text may hold what a query asks for, in the order of the UTF-8 of their paths, from the path `from` on.
   * Each text is read when it is its turn, and no lock is held between two: who asks may stop or wait at any of them.
   */
  texts(repository: string, query: TrigramQuery, filter: TextFilter): Iterable<StoredText>;
}

/**
 * Every call sees what other processes have committed. All throw `not_found` for an unknown repository, `corrupt` for
 * a damaged index, `exhausted` on a full disk and `forbidden` where nothing can be written.
 */
export interface IndexStore extends TextStore, IndexOverview {
  /**
   * Creates the repository where it is new. `root` is a real path. Returns its name: the folder's, made unique.
   * A damaged index is moved aside and begun anew; one of a newer format stays as it is (`conflict`).
   */
  register(root: string): string;
  /**
   * Records what a scan saw, in one transaction; files that are gone stay answerable until `publish`. A scan that was
   * limited to some paths (`only`) says nothing about the others, and joins a generation that another run has begun.
   */
  begin(
    repository: string,
    files: Iterable<ScannedFile>,
    /** `run` names who indexes (a task id): whoever finds its own name in `repositories()` goes on without a new scan. */
    origin: {
      readonly commit: string | null;
      readonly run: string;
      readonly refusedRules?: readonly string[];
      readonly only?: readonly string[];
      /** Also files that were skipped for what is in them, or failed, are read again. */
      readonly retrySkipped?: boolean;
    },
  ): GenerationPlan;
  /** Pending files with `first <= path <= last`, in path order. */
  pending(repository: string, first: string, last: string): PendingFile[];
  /** How often a child died while it worked on this one pending file alone; 0 again once its result is stored. */
  setAttempts(repository: string, path: string, attempts: number): void;
  /** Which of these blobs are already derived. */
  has(repository: string, keys: readonly BlobKey[]): boolean[];
  /** Begins a batch of a run's results. */
  batch(repository: string, run: string): ResultBatch;
  /**
   * Makes the generation the published one. Fails with `conflict` while files are pending. Where nothing differs
   * from the published one, its number stays. `summarize` is asked, before anything is published, unless the summary
   * there still tells enough; a summary and its generation are published as one.
   */
  publish(repository: string, summarize?: () => Portrait): RepositoryStatus;
  /**
   * All repositories whose index can be read, or the one named; by name. Costs no scan of the index. Throws why an
   * index cannot be read (`corrupt`, `conflict`) only where the one named is missing and might be in it.
   */
  repositories(name?: string): RepositoryStatus[];
  skipped(repository: string): SkippedFile[];
  /**
   * Candidates for a question, best BM25 score first: chunks by their words, chunks that define what the question
   * names, and chunks of files whose path it names (these two may have the score 0). See `rank.ts` for what follows.
   */
  searchText(
    repository: string,
    query: string,
    filter: FileFilter & { readonly kind?: SymbolKind; readonly limit: number },
  ): ChunkMatch[];
  /** Those of the words of a question that no text has. */
  unknownWords(repository: string, query: string): string[];
  /** Definitions by name: the whole name, its beginning in any case, or names near it (nearest first). */
  findDefinitions(
    repository: string,
    name: string,
    filter: FileFilter & {
      readonly match: "exact" | "prefix" | "fuzzy";
      readonly kind?: SymbolKind;
      /** Name of the innermost enclosing definition. */
      readonly parent?: string;
      readonly limit: number;
    },
  ): DefinitionMatch[];
  /** By path and line. */
  findReferences(
    repository: string,
    name: string,
    filter: FileFilter & { readonly limit: number },
  ): ReferenceMatch[];
  /**
   * Drops the snapshot and what no other one needs, and gives the disk space back. A damaged index goes as a whole;
   * one that cannot be opened any more is named by its root.
   */
  remove(repository: string): void;
  /** The upkeep of what is stored, a port of its own. */
  readonly care: StoreCare;
  close(): void;
}
