/** What an index tells about whole files, folders and repositories: the nouns, and the part of the store's port that gives them. */
import type { Definition, SkipReason, SymbolKind } from "./symbol.ts";

/** A file of an index as a whole. */
export interface FileOutline {
  readonly type: "file";
  readonly path: string;
  /** Null until the file was read for the first time, and where it was left out. */
  readonly language: string | null;
  readonly bytes: number;
  /** In source order. */
  readonly definitions: readonly Definition[];
  /** Why the file was left out. */
  readonly skip: { readonly reason: SkipReason; readonly detail: string | null } | null;
  /** True where the running task has yet to read it: what is told may be of an older content. */
  readonly isPending: boolean;
}

export interface FolderEntry {
  /** Without its folder. */
  readonly name: string;
  readonly files: number;
  readonly skipped: number;
  readonly bytes: number;
  readonly symbols: number;
  /** The language of most bytes; null where nothing was read yet. */
  readonly language: string | null;
}

export interface FileEntry extends Omit<FolderEntry, "files" | "skipped"> {
  readonly skip: SkipReason | null;
}

/** What lies directly in a folder; both lists by name. */
export interface FolderOutline {
  readonly type: "folder";
  /** Empty for the repository itself. */
  readonly path: string;
  readonly folders: readonly FolderEntry[];
  readonly files: readonly FileEntry[];
}

export type Outline = FileOutline | FolderOutline;

/** A file that was read, with what tells its size. */
export interface IndexedFile {
  readonly path: string;
  readonly language: string;
  readonly bytes: number;
  readonly symbols: number;
  readonly references: number;
}

export interface Share {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  readonly symbols: number;
}

export interface SymbolPlace {
  readonly name: string;
  readonly kind: SymbolKind;
  readonly path: string;
  readonly line: number;
}

/** What a repository is, in a few lines; made when a generation is published. */
export interface RepositorySummary {
  /** By bytes, the largest first. */
  readonly languages: readonly Share[];
  /** Folders at the top, by bytes; the files that lie beside them count as `.`. */
  readonly folders: readonly Share[];
  readonly entryPoints: readonly {
    readonly path: string;
    readonly line: number | null;
    readonly why: string;
  }[];
  /** Types and functions of most bytes. */
  readonly largest: readonly (SymbolPlace & { readonly lines: number })[];
  /** Symbols of this repository by the number of files that mention their name. */
  readonly mostUsed: readonly (SymbolPlace & { readonly files: number })[];
  /** Files that `mostUsed` was counted in: all that refer to anything, or an even sample of them. */
  readonly counted: { readonly files: number; readonly of: number };
  readonly readme: { readonly path: string; readonly lines: readonly string[] } | null;
}

/** In how many files a name is mentioned. */
export interface Mentions {
  /** Names that at least two files mention. */
  readonly names: ReadonlyMap<string, number>;
  /** Files that were counted: all that refer to anything, or an even sample of them. */
  readonly files: number;
}

/** What is made of a repository as a whole when a generation is published. */
export interface Portrait {
  readonly summary: RepositorySummary;
  readonly mentions: Mentions;
}

/** A summary with the generation that it was made for. */
export interface DatedSummary extends RepositorySummary {
  readonly generation: number;
}

/** The part of an index store that tells about wholes. As with the rest of the port, unknown repositories are `not_found`. */
export interface IndexOverview {
  /** Undefined where the index has no such file or folder. The empty path is the repository. */
  outline(repository: string, path: string): Outline | undefined;
  /** All files that were read, by path. */
  files(repository: string): IndexedFile[];
  /** The names that a file mentions, each once; none where it is not indexed. */
  mentionedNames(repository: string, path: string): readonly string[];
  /** Undefined before the first one was made. Small changes leave it as it was: it says of which generation it is. */
  summary(repository: string): DatedSummary | undefined;
}
