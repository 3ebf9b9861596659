/** Searching code in words: what is asked, what a hit is, and how matches of one or all repositories become a page. */
import { checkedLimit, checkedText, chosenRepositories, stampQuestion, strangeCursor } from "./answering.ts";
import { type FoldedMatch, foldCopies } from "./copies.ts";
import { type RankedMatch, type RankingRule, rankMatches, rulesBesideMeaning } from "./rank.ts";
import type { ChunkMatch, Evidence, IndexStore } from "./store.ts";
import { suggestNames } from "./suggest-names.ts";
import type { SymbolKind } from "./symbol.ts";

export interface SearchRequest {
  readonly query: string;
  /** A name as in `repositories()`; all repositories where it is missing. */
  readonly repository?: string;
  /** Glob over the relative path. */
  readonly path?: string;
  readonly language?: string;
  /** Only chunks that define a symbol of this kind. */
  readonly kind?: SymbolKind;
  /** Hits a page, 1 to 100; 10 where it is missing. */
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
  /** Rules of the ranking that do not count: for measuring what each is worth. */
  readonly without?: ReadonlySet<RankingRule>;
}

/** A passage that answers. Lines count from 1 and are inclusive. */
export interface Hit {
  readonly repository: string;
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly kind: SymbolKind | "text";
  /** The definition that matched best, with its parents; empty for plain text. */
  readonly name: string;
  readonly signature: string;
  /** The text of the passage, as it was when it was indexed. */
  readonly snippet: string;
  /** Other files that hold nearly the same, folded into this hit. */
  readonly copies: readonly { readonly path: string; readonly startLine: number; readonly endLine: number }[];
  /** What made its score, rule by rule. */
  readonly explain: RankedMatch["explain"];
}

export interface SearchAnswer {
  readonly hits: readonly Hit[];
  /** Hits on all pages. */
  readonly total: number;
  /** Whether ranking stopped there: there may be more than `total`. */
  readonly totalCapped: boolean;
  readonly nextCursor: string | null;
  /** One entry for each repository that was searched. */
  readonly evidence: readonly Evidence[];
  /** Names near words that no text has; only where nothing was found, or half of the words are such. */
  readonly suggestions: readonly string[];
  /** Why it is not the answer that was asked for. */
  readonly note?: string;
}

/** What was found by meaning, beside or instead of words. */
export interface NearPassages {
  /** With their `meaning`. */
  readonly matches: (evidence: Evidence) => readonly ChunkMatch[];
  readonly isOnly: boolean;
  /** What being the nearest counts, where it is not what is usual. */
  readonly weight?: number;
  /** What `findByWords` found meanwhile; undefined where the index is another one since. */
  readonly byWords?: (evidence: Evidence) => readonly ChunkMatch[] | undefined;
}

/** What a reranker says of hits, by their places. */
export type HitScores = ReadonlyMap<string, number>;

export const placeOf = (repository: string, path: string, startLine: number): string =>
  JSON.stringify([repository, path, startLine]);

/** Candidates that are ranked a repository: what stands lower by BM25 does not rise to the first pages. */
const candidatesMax = 120;

/**
 * Ranked passages for a question. Throws `not_found` for an unknown repository, `invalid_argument` for an empty
 * query, a limit out of range, or a cursor of another question or generation.
 */
export function searchCode(
  store: IndexStore,
  request: SearchRequest,
  near?: NearPassages,
  scores?: HitScores,
): SearchAnswer {
  const query = checkedText(request.query, "query");
  const limit = checkedLimit(request.limit, 10, 100);
  const evidence = chosenRepositories(store, request.repository);
  const stamp = stampOf(request, evidence, near);
  const offset = request.cursor === undefined ? 0 : readCursor(request.cursor, stamp);
  const matches = evidence.map((one) => {
    if (near === undefined) return findByWords(store, request, one.repository);
    const byWords = near.isOnly ? [] : (near.byWords?.(one) ?? findByWords(store, request, one.repository));
    return merge(byWords, near.matches(one));
  });
  const without = near?.isOnly === true ? rulesBesideMeaning : request.without;
  const sorted = reorder(rankMatches(query, matches.flat(), without, near?.weight), scores);
  const isWhole = without?.has("copies") === true;
  const ranked = isWhole
    ? sorted.map((entry) => ({ ...entry, copies: [] }))
    : foldCopies(sorted, (match) => snippetOf(store, match));
  const end = offset + limit;
  const hits = toHits(store, ranked.slice(offset, end), request.kind);
  return {
    hits,
    total: ranked.length,
    totalCapped: matches.some(({ length }) => length >= candidatesMax),
    nextCursor: end < ranked.length ? writeCursor(end, stamp) : null,
    evidence,
    suggestions: near?.isOnly === true ? [] : suggestNames(store, query, evidence, hits),
  };
}

/** Candidates of one repository by words alone. */
export function findByWords(
  store: IndexStore,
  request: SearchRequest,
  repository: string,
): readonly ChunkMatch[] {
  const { query, path, language, kind } = request;
  return store.searchText(repository, query, {
    ...(path === undefined ? {} : { path }),
    ...(language === undefined ? {} : { language }),
    ...(kind === undefined ? {} : { kind }),
    limit: candidatesMax,
  });
}

/** Those that have a score change places among themselves. */
function reorder(ranked: readonly RankedMatch[], scores?: HitScores): readonly RankedMatch[] {
  if (scores === undefined) return ranked;
  const scored = ranked.flatMap((one) => {
    const { repository, path, chunk } = one.match;
    const value = scores.get(placeOf(repository, path, chunk.startLine));
    return value === undefined ? [] : [{ one, value }];
  });
  const places = new Set(scored.map(({ one }) => one));
  scored.sort((a, b) => b.value - a.value);
  const next = scored.values();
  return ranked.map((was) => {
    if (!places.has(was)) return was;
    const { one, value } = next.next().value as (typeof scored)[number];
    return { ...one, explain: [{ rule: "rerank", value }, ...one.explain] };
  });
}

/** A passage that was found both ways is one candidate. */
function merge(byWords: readonly ChunkMatch[], near: readonly ChunkMatch[]): ChunkMatch[] {
  const keyOf = ({ path, blobHash, chunk }: ChunkMatch) => `${blobHash} ${chunk.startByte} ${path}`;
  const left = new Map(near.map((match) => [keyOf(match), match]));
  const merged = byWords.map((match) => {
    const same = left.get(keyOf(match));
    left.delete(keyOf(match));
    return same?.meaning === undefined ? match : { ...match, meaning: same.meaning };
  });
  return [...merged, ...left.values()];
}

function toHits(store: IndexStore, page: readonly FoldedMatch[], kind: SymbolKind | undefined): Hit[] {
  return page.flatMap(({ match, best, explain, copies }) => {
    const { repository, path, chunk, definitions } = match;
    const snippet = snippetOf(store, match);
    // Indexed anew since it was found: the lines that were found are no longer there.
    if (snippet === undefined) return [];
    const shown =
      kind === undefined || best?.kind === kind ? best : definitions.find((one) => one.kind === kind);
    return {
      repository,
      path,
      startLine: chunk.startLine,
      endLine: chunk.endLine,
      kind: shown?.kind ?? "text",
      name: shown === undefined ? "" : shown.parent === "" ? shown.name : `${shown.parent}.${shown.name}`,
      signature: shown?.signature ?? "",
      snippet,
      copies: copies.map(({ path, chunk: { startLine, endLine } }) => ({ path, startLine, endLine })),
      explain,
    };
  });
}

/** Texts of the last hits by the hash of their bytes, the least used first. */
const texts = new Map<string, Buffer>();
const textBytesMax = 16 * 1024 * 1024;
let textBytes = 0;

/** Of larger files only what is shown is read. */
const wholeBytesMax = 2 * 1024 * 1024;

function snippetOf(store: IndexStore, match: RankedMatch["match"]): string | undefined {
  const { repository, path, blobHash, chunk, fileBytes = 0 } = match;
  if (fileBytes > wholeBytesMax) return store.text(repository, path, blobHash, chunk);
  return textOf(store, match)?.toString("utf8", chunk.startByte, chunk.endByte);
}

/** Unpacking the files of ten hits takes 3 ms of 10, and the next question is often about the same files. */
function textOf(store: IndexStore, { repository, path, blobHash }: RankedMatch["match"]): Buffer | undefined {
  const kept = texts.get(blobHash);
  if (kept !== undefined) {
    texts.delete(blobHash);
    texts.set(blobHash, kept);
    return kept;
  }
  const found = store.text(repository, path, blobHash);
  if (found === undefined) return undefined;
  const text = Buffer.from(found, "utf8");
  keepText(blobHash, text);
  return text;
}

function keepText(hash: string, text: Buffer): void {
  texts.set(hash, text);
  textBytes += text.length;
  for (const [oldest, { length }] of texts) {
    if (textBytes <= textBytesMax) return;
    texts.delete(oldest);
    textBytes -= length;
  }
}

function stampOf(
  request: SearchRequest,
  evidence: readonly Evidence[],
  near: NearPassages | undefined,
): string {
  const { query, repository, path, language, kind } = request;
  const mode = near === undefined ? "words" : near.isOnly ? "meaning" : "both";
  return stampQuestion([mode, query, repository, path, language, kind], evidence);
}

function writeCursor(offset: number, stamp: string): string {
  return Buffer.from(`${stamp}.${offset}`).toString("base64url");
}

function readCursor(cursor: string, stamp: string): number {
  const [found, offset] = Buffer.from(cursor, "base64url").toString().split(".");
  if (found === stamp && /^\d{1,6}$/.test(offset ?? "")) return Number(offset);
  throw strangeCursor();
}
