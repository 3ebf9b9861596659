/** Candidates for a question, out of one snapshot: by words, by what the question names, and by path. */
import type { ChunkMatch, FileFilter } from "../../store.ts";
import { type Chunk, type Definition, type SymbolKind, symbolKinds } from "../../symbol.ts";
import { queryTerms } from "../../tokenize.ts";
import { type Asked, readAsked, sizeOf } from "./asked-words.ts";
import { bestRows, type RankedRow } from "./full-text.ts";
import { pathMatcher } from "./glob.ts";
import type { IndexFile } from "./index-file.ts";
import { nearScores } from "./near-words.ts";
import { outlineOf } from "./outlines.ts";
import type { Outline } from "./pack.ts";

/** How many rows of the full-text index are looked at when a filter or other snapshots leave too few. */
const windows = [1, 8, 64];
const windowMax = 20_000;
/** Passages that are candidates only for runs of words or for other forms of them. */
const nearMax = 40;
const namedMax = 40;
const placesMax = 12;
const copiesMax = 3;

export interface PassageFilter extends FileFilter {
  readonly kind?: SymbolKind;
}

/** A passage wherever it stands. */
interface Passage {
  readonly blob: BlobRow;
  readonly chunk: Chunk;
  /** What it begins. */
  readonly own: readonly Definition[];
  /** The same, or what is around it where it begins none. */
  readonly definitions: readonly Definition[];
}

interface BlobRow {
  readonly id: number;
  readonly hash: string;
  readonly language: string;
  readonly chunks: number;
  readonly bytes: number;
}

/** Where a blob stands. */
interface FoundPlace {
  readonly path: string;
  readonly central: number;
}

/** The next question is often about the same files: what a hundred questions look up. */
const passagesKnown = 20_000;

/** Looks passages up once a question, and only once while the index stays as it is. */
export class Candidates {
  readonly matches = new Map<number, readonly ChunkMatch[]>();
  readonly #file: IndexFile;
  readonly #snapshot: number;
  readonly #repository: string;
  readonly #filter: PassageFilter;
  readonly #fits: (path: string) => boolean;
  /** By row. */
  readonly #passages: Map<number, Passage | undefined>;
  /** By blob. */
  readonly #places: Map<number, readonly FoundPlace[]>;
  readonly #found = new Set<number>();
  #blobs: BlobRow[] = [];

  constructor(file: IndexFile, snapshot: number, repository: string, filter: PassageFilter) {
    this.#file = file;
    this.#snapshot = snapshot;
    this.#repository = repository;
    this.#filter = filter;
    this.#fits = filter.path === undefined ? () => true : pathMatcher(filter.path);
    this.#passages = file.known("passages", passagesKnown);
    this.#places = file.known(`places in ${snapshot}`, passagesKnown);
  }

  /** Adds the chunk under every path that has it and fits; does nothing for one that is there. */
  add(rowid: number, score: number): void {
    if (this.matches.has(rowid)) return;
    const passage = this.#passageOf(rowid);
    if (passage === undefined) return;
    const { blob, chunk, own, definitions } = passage;
    const { kind, language } = this.#filter;
    if (language !== undefined && language !== blob.language) return;
    if (kind !== undefined && !own.some((definition) => definition.kind === kind)) return;
    const places = this.#placesOf(blob);
    if (places.length === 0) return;
    this.#found.add(blob.id);
    this.matches.set(
      rowid,
      places.map(({ path, central }) => ({
        repository: this.#repository,
        path,
        central,
        chunk,
        definitions,
        score,
        blobHash: blob.hash,
        language: blob.language,
        fileBytes: blob.bytes,
      })),
    );
  }

  hasAny(blob: number): boolean {
    return this.#found.has(blob);
  }

  #passageOf(rowid: number): Passage | undefined {
    const known = this.#passages.get(rowid);
    if (known !== undefined || this.#passages.has(rowid)) return known;
    const passage = this.#readPassage(rowid);
    this.#passages.set(rowid, passage);
    return passage;
  }

  #readPassage(rowid: number): Passage | undefined {
    const blob = this.#blobOf(rowid);
    const outline = blob === undefined ? undefined : outlineOf(this.#file, blob.id);
    const chunk = blob === undefined ? undefined : outline?.chunks[rowid - blob.id];
    if (blob === undefined || outline === undefined || chunk === undefined) return undefined;
    const own = definitionsOf(outline, chunk);
    return { blob, chunk, own, definitions: own.length > 0 ? own : enclosingOf(outline, chunk) };
  }

  #blobOf(rowid: number): BlobRow | undefined {
    const seen = this.#blobs.find((blob) => rowid >= blob.id && rowid < blob.id + blob.chunks);
    if (seen !== undefined) return seen;
    const row = this.#file.get<Omit<BlobRow, "hash"> & { readonly hash: Buffer }>(
      "SELECT id, hash, language, chunks, bytes FROM blob WHERE id <= ? ORDER BY id DESC LIMIT 1",
      rowid,
    );
    if (row === undefined || rowid >= row.id + row.chunks) return undefined;
    const blob = { ...row, hash: row.hash.toString("hex") };
    this.#blobs = [blob, ...this.#blobs.slice(0, 31)];
    return blob;
  }

  /** The first few that fit, by path. */
  #placesOf({ id }: BlobRow): readonly FoundPlace[] {
    const places = this.#places.get(id) ?? this.#readPlaces(id);
    this.#places.set(id, places);
    const fitting = this.#filter.path === undefined ? places : places.filter(({ path }) => this.#fits(path));
    return fitting.slice(0, copiesMax);
  }

  #readPlaces(blob: number): FoundPlace[] {
    return this.#file
      .all<FoundPlace>(
        "SELECT path, central FROM file INDEXED BY file_blob WHERE blob = ? AND snapshot = ?",
        blob,
        this.#snapshot,
      )
      .sort((a, b) => compareText(a.path, b.path));
  }
}

export function searchPassages(
  file: IndexFile,
  snapshot: number,
  repository: string,
  query: string,
  filter: PassageFilter & { readonly limit: number },
): ChunkMatch[] {
  const terms = queryTerms(query);
  const size = sizeOf(file);
  const asked = readAsked(file, terms, size);
  if (asked.whole === "") return [];
  const candidates = new Candidates(file, snapshot, repository, filter);
  const isFiltered = filter.path !== undefined || filter.language !== undefined || filter.kind !== undefined;
  const rows = (limit: number) =>
    bestRows(file, isFiltered || limit > filter.limit ? asked.whole : asked.best, limit);
  const first = rows(filter.limit);
  const best = -(first[0]?.bm25 ?? 0);
  const gains = nearScores(file, query, terms.words, best, size.common, size.chunks);
  const scores = addByWords(first, rows, candidates, gains, filter.limit);
  addByName(file, candidates, snapshot, terms.identifiers, scores);
  addByPlace(file, candidates, snapshot, asked, scores);
  return [...candidates.matches.values()]
    .flat()
    .sort((a, b) => b.score - a.score || compareText(a.path, b.path));
}

/** Returns the scores of all rows that were looked at. */
function addByWords(
  first: readonly RankedRow[],
  more: (limit: number) => readonly RankedRow[],
  candidates: Candidates,
  gains: ReadonlyMap<number, number>,
  limit: number,
): Map<number, number> {
  const scores = new Map<number, number>();
  for (const factor of windows) {
    const size = Math.min(windowMax, limit * factor);
    const rows = factor === 1 ? first : more(size);
    for (const { rowid, bm25 } of rows) {
      if (candidates.matches.size >= limit) break;
      const score = -bm25 + (gains.get(rowid) ?? 0);
      if (!scores.has(rowid)) candidates.add(rowid, score);
      scores.set(rowid, score);
    }
    const isLast = factor > 1 && (rows.length < size || size === windowMax);
    if (candidates.matches.size >= limit || isLast) break;
  }
  addNear(candidates, gains, scores);
  return scores;
}

/** Those that gain most of the ones that words alone did not find: by words they are as good as the last at best. */
function addNear(
  candidates: Candidates,
  gains: ReadonlyMap<number, number>,
  scores: Map<number, number>,
): void {
  let least = scores.size === 0 ? 0 : Number.POSITIVE_INFINITY;
  for (const score of scores.values()) least = Math.min(least, score);
  const others = [...gains]
    .filter(([rowid]) => !scores.has(rowid))
    .sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  for (const [index, [rowid, gain]] of others.entries()) {
    scores.set(rowid, least + gain);
    if (index < nearMax) candidates.add(rowid, least + gain);
  }
}

/** The definition of a name that a thousand chunks mention may not be among the best by words. */
function addByName(
  file: IndexFile,
  candidates: Candidates,
  snapshot: number,
  identifiers: readonly string[],
  scores: ReadonlyMap<number, number>,
): void {
  for (const identifier of identifiers) {
    const rows = file.all<{ blob: number; ordinal: number }>(
      `SELECT blob, ordinal FROM definition WHERE name = ?
       AND EXISTS (SELECT 1 FROM file INDEXED BY file_blob WHERE file.blob = definition.blob AND snapshot = ?) LIMIT ?`,
      identifier.slice(identifier.lastIndexOf(".") + 1),
      snapshot,
      namedMax,
    );
    for (const { blob, ordinal } of rows) {
      const index =
        outlineOf(file, blob)?.chunks.findIndex((chunk) => chunk.definitions.includes(ordinal)) ?? -1;
      if (index >= 0) candidates.add(blob + index, scores.get(blob + index) ?? 0);
    }
  }
}

/** Files whose names answer, with their first chunk that has one of the rare words, else their first. */
function addByPlace(
  file: IndexFile,
  candidates: Candidates,
  snapshot: number,
  { whole, rare }: Asked,
  scores: ReadonlyMap<number, number>,
): void {
  const rows = file.all<{ blob: number; chunks: number }>(
    `SELECT file.blob, blob.chunks FROM place JOIN file ON file.id = place.rowid JOIN blob ON blob.id = file.blob
     WHERE place MATCH ? AND file.snapshot = ? ORDER BY place.rank LIMIT ?`,
    whole,
    snapshot,
    placesMax,
  );
  for (const { blob, chunks } of rows) {
    if (chunks === 0 || candidates.hasAny(blob)) continue;
    const rowid = chunks === 1 ? blob : firstPassage(file, rare, blob, chunks);
    candidates.add(rowid, scores.get(rowid) ?? 0);
  }
}

/** The first of a blob's chunks that has one of the words, else its first one. */
function firstPassage(file: IndexFile, words: string, blob: number, chunks: number): number {
  const first = file.get<{ rowid: number }>(
    "SELECT rowid FROM passage WHERE passage MATCH ? AND rowid BETWEEN ? AND ? LIMIT 1",
    words,
    blob,
    blob + chunks - 1,
  );
  return first?.rowid ?? blob;
}

export function definitionsOf(outline: Outline, chunk: Chunk): Definition[] {
  return chunk.definitions.flatMap((index) => outline.definitions[index] ?? []);
}

/** The innermost definition around a chunk that begins none: what the chunk is a part of. */
function enclosingOf(outline: Outline, chunk: Chunk): Definition[] {
  let inner: Definition | undefined;
  for (const definition of outline.definitions) {
    if (definition.startByte > chunk.startByte || definition.endByte < chunk.endByte) continue;
    if (inner === undefined || definition.startByte >= inner.startByte) inner = definition;
  }
  return inner === undefined ? [] : [inner];
}

export function kindNumber(kind: SymbolKind): number {
  return symbolKinds.indexOf(kind);
}

/** By code units, as SQLite's binary order for names in ASCII, and the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
