/** Candidates for a question, out of one snapshot: by words, by what the question names, and by path. */
import type { ChunkMatch, FileFilter } from "../../store.ts";
import { type Chunk, type Definition, type SymbolKind, symbolKinds } from "../../symbol.ts";
import { matchExpression, queryTerms } from "../../tokenize.ts";
import { pathMatcher } from "./glob.ts";
import type { IndexFile } from "./index-file.ts";
import { nearScores } from "./near-words.ts";
import { outlineOf } from "./outlines.ts";
import type { Outline } from "./pack.ts";

/** How many rows of the full-text index are looked at when a filter or other snapshots leave too few. */
const windows = [1, 8, 64];
const windowMax = 20_000;
const rowsScoredMax = 40_000;
/** A word in more than this share of all chunks tells nothing apart. */
const commonShare = 0.1;
/** Passages that are candidates only for runs of words or for other forms of them. */
const nearMax = 40;
const namedMax = 40;
const placesMax = 12;
const copiesMax = 3;

export interface PassageFilter extends FileFilter {
  readonly kind?: SymbolKind;
}

export interface BlobRow {
  readonly id: number;
  readonly hash: Buffer;
  readonly language: string;
  readonly chunks: number;
  readonly bytes: number;
}

/** Looks blobs up once a question. */
export class Candidates {
  readonly matches = new Map<number, readonly ChunkMatch[]>();
  readonly #file: IndexFile;
  readonly #snapshot: number;
  readonly #repository: string;
  readonly #filter: PassageFilter;
  readonly #fits: (path: string) => boolean;
  readonly #paths = new Map<number, readonly string[]>();
  readonly #outlines = new Map<number, Outline | undefined>();
  readonly #found = new Set<number>();
  #blobs: BlobRow[] = [];

  constructor(file: IndexFile, snapshot: number, repository: string, filter: PassageFilter) {
    this.#file = file;
    this.#snapshot = snapshot;
    this.#repository = repository;
    this.#filter = filter;
    this.#fits = filter.path === undefined ? () => true : pathMatcher(filter.path);
  }

  /** Adds the chunk under every path that has it and fits; does nothing for one that is there. */
  add(rowid: number, score: number): void {
    if (this.matches.has(rowid)) return;
    const blob = this.#blobOf(rowid);
    if (blob === undefined) return;
    const paths = this.#pathsOf(blob);
    if (paths.length === 0) return;
    const outline = this.outline(blob.id);
    const chunk = outline?.chunks[rowid - blob.id];
    if (outline === undefined || chunk === undefined) return;
    const own = definitionsOf(outline, chunk);
    const { kind } = this.#filter;
    if (kind !== undefined && !own.some((definition) => definition.kind === kind)) return;
    const definitions = own.length > 0 ? own : enclosingOf(outline, chunk);
    const found = {
      chunk,
      definitions,
      score,
      blobHash: blob.hash.toString("hex"),
      language: blob.language,
      fileBytes: blob.bytes,
    };
    this.#found.add(blob.id);
    this.matches.set(
      rowid,
      paths.map((path) => ({ repository: this.#repository, path, ...found })),
    );
  }

  hasAny(blob: number): boolean {
    return this.#found.has(blob);
  }

  outline(blob: number): Outline | undefined {
    if (this.#outlines.has(blob)) return this.#outlines.get(blob);
    const outline = outlineOf(this.#file, blob);
    this.#outlines.set(blob, outline);
    return outline;
  }

  #blobOf(rowid: number): BlobRow | undefined {
    const seen = this.#blobs.find((blob) => rowid >= blob.id && rowid < blob.id + blob.chunks);
    if (seen !== undefined) return seen;
    const blob = this.#file.get<BlobRow>(
      "SELECT id, hash, language, chunks, bytes FROM blob WHERE id <= ? ORDER BY id DESC LIMIT 1",
      rowid,
    );
    if (blob === undefined || rowid >= blob.id + blob.chunks) return undefined;
    this.#blobs = [blob, ...this.#blobs.slice(0, 31)];
    return blob;
  }

  #pathsOf(blob: BlobRow): readonly string[] {
    const known = this.#paths.get(blob.id);
    if (known !== undefined) return known;
    const { language } = this.#filter;
    const rows =
      language !== undefined && language !== blob.language
        ? []
        : this.#file.all<{ path: string }>(
            "SELECT path FROM file INDEXED BY file_blob WHERE blob = ? AND snapshot = ?",
            blob.id,
            this.#snapshot,
          );
    const paths = rows
      .map((row) => row.path)
      .filter(this.#fits)
      .sort(compareText)
      .slice(0, copiesMax);
    this.#paths.set(blob.id, paths);
    return paths;
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
  const expression = matchExpression({ ...terms, words: tellingWords(file, terms.words, size) });
  if (expression === "") return [];
  const candidates = new Candidates(file, snapshot, repository, filter);
  const first = rowsByWords(file, expression, filter.limit);
  const rows = (limit: number) => (limit === filter.limit ? first : rowsByWords(file, expression, limit));
  const best = -(first[0]?.rank ?? 0);
  const gains = nearScores(file, query, terms.words, best, size.common, size.chunks);
  const scores = addByWords(rows, candidates, gains, filter.limit);
  addByName(file, candidates, snapshot, terms.identifiers, scores);
  addByPlace(file, candidates, snapshot, expression, scores);
  return [...candidates.matches.values()]
    .flat()
    .sort((a, b) => b.score - a.score || compareText(a.path, b.path));
}

/** How many chunks there are, and from how many on a word is common. */
function sizeOf(file: IndexFile): { readonly chunks: number; readonly common: number } {
  const chunks = file.get<{ id: number }>("SELECT max(id) AS id FROM blob")?.id ?? 0;
  return { chunks, common: Math.min(rowsScoredMax, Math.max(1000, Math.floor(chunks * commonShare))) };
}

/**
 * Every row that has one of the words is scored, at about a microsecond each. The rarest words say most,
 * so the others are left out as soon as the rows would be too many; what they add in rank is little.
 */
function tellingWords(
  file: IndexFile,
  words: readonly string[],
  { chunks, common }: { readonly chunks: number; readonly common: number },
): readonly string[] {
  const counted = words.map((word) => ({ word, rows: file.countRows(word, common, chunks) }));
  counted.sort((a, b) => a.rows - b.rows);
  let rows = 0;
  const kept = counted.filter((one, index) => {
    rows += one.rows;
    return index < 2 || (rows <= rowsScoredMax && one.rows < common);
  });
  const names = new Set(kept.map(({ word }) => word));
  return words.filter((word) => names.has(word));
}

interface RankedRow {
  readonly rowid: number;
  /** Negative BM25: the least is best. */
  readonly rank: number;
}

function rowsByWords(file: IndexFile, expression: string, limit: number): RankedRow[] {
  return file.all<RankedRow>(
    "SELECT rowid, rank FROM passage WHERE passage MATCH ? ORDER BY rank LIMIT ?",
    expression,
    limit,
  );
}

/** Returns the scores of all rows that were looked at. */
function addByWords(
  ranked: (limit: number) => RankedRow[],
  candidates: Candidates,
  gains: ReadonlyMap<number, number>,
  limit: number,
): Map<number, number> {
  const scores = new Map<number, number>();
  for (const factor of windows) {
    const size = Math.min(windowMax, limit * factor);
    const rows = ranked(size);
    for (const { rowid, rank } of rows) {
      if (candidates.matches.size >= limit) break;
      const score = -rank + (gains.get(rowid) ?? 0);
      if (!scores.has(rowid)) candidates.add(rowid, score);
      scores.set(rowid, score);
    }
    if (candidates.matches.size >= limit || rows.length < size || size === windowMax) break;
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
        candidates.outline(blob)?.chunks.findIndex((chunk) => chunk.definitions.includes(ordinal)) ?? -1;
      if (index >= 0) candidates.add(blob + index, scores.get(blob + index) ?? 0);
    }
  }
}

/** Files whose names answer, with their first chunk that has one of the words, else their first. */
function addByPlace(
  file: IndexFile,
  candidates: Candidates,
  snapshot: number,
  expression: string,
  scores: ReadonlyMap<number, number>,
): void {
  const rows = file.all<{ blob: number; chunks: number }>(
    `SELECT file.blob, blob.chunks FROM place JOIN file ON file.id = place.rowid JOIN blob ON blob.id = file.blob
     WHERE place MATCH ? AND file.snapshot = ? ORDER BY place.rank LIMIT ?`,
    expression,
    snapshot,
    placesMax,
  );
  for (const { blob, chunks } of rows) {
    if (chunks === 0 || candidates.hasAny(blob)) continue;
    const first = file.get<{ rowid: number }>(
      "SELECT rowid FROM passage WHERE passage MATCH ? AND rowid BETWEEN ? AND ? LIMIT 1",
      expression,
      blob,
      blob + chunks - 1,
    );
    const rowid = first?.rowid ?? blob;
    candidates.add(rowid, scores.get(rowid) ?? 0);
  }
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
