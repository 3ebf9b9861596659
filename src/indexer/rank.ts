/**
 * The order of hits, from nothing but the question and the candidates: each rule adds to or takes from a score that
 * begins with the lexical one, and can be read off `explain`. Pure: knows no store.
 */
import { asideFactors } from "./asides.ts";
import { pathShare, type Question, type QuestionKind, readQuestion, tokensOf } from "./question.ts";
import { remembering } from "./remembering.ts";
import type { ChunkMatch } from "./store.ts";
import type { Definition, SymbolKind } from "./symbol.ts";
import { stemOf } from "./tokenize.ts";

export { isAside } from "./asides.ts";

/** What `explain` names, so that each can be left out to see what it is worth. */
export const rankingRules = [
  "lexical",
  "meaning",
  "path",
  "definition",
  "file name",
  "folder",
  "coherence",
  "centrality",
  "aside",
  "same file",
  "question kind",
  "copies",
] as const;
export type RankingRule = (typeof rankingRules)[number];

export interface RankedMatch {
  readonly match: ChunkMatch;
  /** The definition that answers best; undefined for plain text. */
  readonly best: Definition | undefined;
  readonly score: number;
  /** What made the score, in the order of the rules. */
  readonly explain: readonly { readonly rule: string; readonly value: number }[];
}

/** What is left when only the meaning counts. */
const beside: readonly RankingRule[] = ["meaning", "aside", "same file", "copies"];
export const rulesBesideMeaning: ReadonlySet<RankingRule> = new Set(
  rankingRules.filter((rule) => !beside.includes(rule)),
);

/** The weights, relative to the lexical score of the sixth candidate, which counts 1. */
const weights = {
  named: 1,
  namedInOtherCase: 0.85,
  /** The nearest passage has all of it, the last candidate by meaning nothing. */
  meaning: 1.2,
  namedWord: 0.2,
  coveredName: 0.7,
  /** A name of which the question says one part only. */
  touchedName: 0.2,
  /** The question says where: nothing else comes before. */
  path: 6,
  fileName: 1.3,
  /** How fast a word loses that many candidate files have in their names. */
  commonStem: 0.1,
  folder: 0.5,
  coherence: 0.9,
  /** So much found in the rest of a file gives it half of that. */
  coherentHalf: 4,
  /** A file that most of the others lean on. */
  central: 0.5,
  /** Each further hit of a file counts so much of the one before. */
  sameFile: 0.3,
  sameFileMessage: 0.8,
} as const;

/** By what a rule counts more or less for questions of a kind; what is not told counts as it is. */
const mixes: ReadonlyMap<QuestionKind, Partial<Record<RankingRule, number>>> = new Map([
  // A message stands in the code as it is; names and files that its words happen to meet say little.
  ["message", { lexical: 1.5, definition: 0.5, "file name": 0.5, folder: 0.5, centrality: 0.5 }],
  ["path", { centrality: 0, coherence: 0 }],
  ["identifier", { definition: 1.3 }],
]);

/** The best few may stand out, as far as this: a passage that was pasted into the question is the answer. */
const lexicalMax = 5;
const lexicalUnitAt = 5;

/** Kinds that people ask for count full; members and variables are mostly found on the way. */
const kindWeight: ReadonlyMap<SymbolKind, number> = new Map([
  ["variable", 0.6],
  ["field", 0.6],
  ["property", 0.6],
  ["enum_member", 0.6],
  ["constant", 0.8],
]);

/** What a file gives to each of its chunks. */
interface Place {
  file: number;
  folder: number;
  /** By what all its candidates were found, summed up. */
  found: number;
}

interface Candidate {
  readonly match: ChunkMatch;
  readonly place: Place;
  readonly found: Found;
}

/** Best first; equal scores by path and line, so that the order is the same on every machine. */
export function rankMatches(
  query: string,
  matches: readonly ChunkMatch[],
  /** Rules that do not count: for measuring. */
  without: ReadonlySet<RankingRule> = new Set(),
  meaningWeight: number = weights.meaning,
): RankedMatch[] {
  const question = readQuestion(query);
  const sizeOf = scaleOf(matches, without, meaningWeight);
  const candidates = placed(question, matches).map((one) => ({ ...one, found: sizeOf(one.match) }));
  for (const { place, found } of candidates) place.found += foundBy(found);
  const scored = candidates.map((candidate) => score(question, candidate, without));
  return without.has("same file")
    ? scored.sort(compare)
    : spread(scored.sort(compare), keepOf(question, without));
}

/** By what a passage was found, in the unit of the weights. */
interface Found {
  readonly lexical: number;
  /** Undefined where no passage was found so. */
  readonly meaning: number | undefined;
}

const foundBy = ({ lexical, meaning = 0 }: Found): number => lexical + meaning;

function scaleOf(
  matches: readonly ChunkMatch[],
  without: ReadonlySet<RankingRule>,
  meaningWeight: number,
): (match: ChunkMatch) => Found {
  const scores = matches.map(({ score }) => score).sort((a, b) => b - a);
  const unit = scores[Math.min(scores.length - 1, lexicalUnitAt)] || scores[0] || 1;
  const cosines = without.has("meaning") ? [] : matches.flatMap(({ meaning }) => meaning ?? []);
  const most = cosines.reduce((a, b) => Math.max(a, b), -1);
  const least = cosines.reduce((a, b) => Math.min(a, b), 1);
  const meaningOf = ({ meaning = least }: ChunkMatch) =>
    most > least ? (meaningWeight * (meaning - least)) / (most - least) : 0;
  return (match) => ({
    lexical: Math.min(lexicalMax, match.score / unit),
    meaning: cosines.length === 0 ? undefined : meaningOf(match),
  });
}

function keyOf(match: ChunkMatch): string {
  return `${match.repository}\n${match.path}`;
}

function compare(a: RankedMatch, b: RankedMatch): number {
  if (a.score !== b.score) return b.score - a.score;
  const left = keyOf(a.match);
  const right = keyOf(b.match);
  return left < right ? -1 : left > right ? 1 : a.match.chunk.startByte - b.match.chunk.startByte;
}

function score(
  question: Question,
  { match, place, found }: Candidate,
  without: ReadonlySet<RankingRule>,
): RankedMatch {
  const { best, value: named } = bestDefinition(question, match);
  const others = Math.max(0, place.found - foundBy(found));
  const mix = without.has("question kind") ? undefined : mixes.get(question.kind);
  const explain: { rule: string; value: number }[] = [];
  let total = 0;
  const count = (rule: RankingRule, plain: number) => {
    if (without.has(rule)) return;
    const value = plain * (mix?.[rule] ?? 1);
    explain.push({ rule, value });
    total += value;
  };
  count("lexical", found.lexical);
  if (found.meaning !== undefined) count("meaning", found.meaning);
  count("path", weights.path * pathShare(question, match.path, match.chunk));
  count("definition", named);
  count("file name", weights.fileName * place.file);
  count("folder", weights.folder * place.folder);
  count("coherence", weights.coherence * (others / (weights.coherentHalf + others)));
  count("centrality", weights.central * (match.central ?? 0));
  const asides = without.has("aside") ? [] : asideFactors(match.path, question.words, isInTests(match));
  for (const { rule, factor } of asides) {
    explain.push({ rule, value: total * (factor - 1) });
    total *= factor;
  }
  return { match, best, score: total, explain };
}

/** Some languages keep tests in a module inside the file they test. */
function isInTests({ definitions }: ChunkMatch): boolean {
  return (
    definitions.length > 0 && definitions.every(({ name, parent }) => /^tests?(\.|$)/.test(parent || name))
  );
}

/**
 * The definition that the question names, else the one whose name it covers most, else the first of the chunk. The
 * definition around a chunk says where it stands and gives no score: its name stands in another chunk.
 */
function bestDefinition(
  question: Question,
  { chunk, definitions }: ChunkMatch,
): { readonly best: Definition | undefined; readonly value: number } {
  let best = definitions[0];
  let value = 0;
  for (const definition of definitions) {
    if (definition.line < chunk.startLine || definition.line > chunk.endLine) continue;
    const next = nameValue(question, definition) * (kindWeight.get(definition.kind) ?? 1);
    if (next > value) {
      best = definition;
      value = next;
    }
  }
  return { best, value };
}

function nameValue(question: Question, { name, parent }: Definition): number {
  const { lower, parts } = readName(name);
  const asked = question.names.get(lower);
  if (asked !== undefined && parent !== "") {
    const full = `${parent.slice(parent.lastIndexOf(".") + 1)}.${name}`;
    if (question.names.has(full.toLowerCase())) return weights.named * 1.2;
  }
  const isCode = asked !== undefined && (/[a-z0-9][A-Z]|[_$0-9]/.test(asked) || question.names.size === 1);
  if (isCode) return asked === name ? weights.named : weights.namedInOtherCase;
  if (parts.length > 0) return coveredValue(question, parts);
  if (asked === undefined) return 0;
  return asked === name && /^[A-Z]/.test(name) ? weights.named * 0.6 : weights.namedWord;
}

function coveredValue(question: Question, parts: readonly string[]): number {
  const hits = parts.filter((part) => question.stems.has(part)).length;
  if (!parts.some((part) => question.telling.has(part))) return 0;
  const share = hits / parts.length;
  return hits < 2 ? weights.touchedName * share : weights.coveredName * share * Math.min(1, hits / 3 + 0.34);
}

/** The same names and paths are candidates again and again. */
const namesKept = 50_000;
const pathsKept = 20_000;

/** With the stems of a name's parts; none for a name of one word. */
const readName = remembering(namesKept, (name) => {
  const lower = name.toLowerCase();
  const parts = [...new Set(tokensOf(name).filter((part) => part !== lower))].map(stemOf);
  return { lower, parts };
});

/** A path as the question is compared with it. */
interface PathWords {
  readonly stems: readonly string[];
  /** The whole name of a file that has several parts. */
  readonly whole: string | undefined;
  readonly folders: ReadonlySet<string>;
}

const readPath = remembering(pathsKept, (path): PathWords => {
  const names = path.split("/");
  const own = (names.pop() ?? "").replace(/\.[^.]+$/, "");
  // A file named for its role stands for its folder.
  const name = /^(mod|index|__init__|lib|main|package-info)$/.test(own) ? (names.pop() ?? own) : own;
  const tokens = [...new Set(tokensOf(name))];
  const isJoined = tokens.length > 1 && name.toLowerCase() === tokens[0];
  return {
    stems: (isJoined ? tokens.slice(1) : tokens).map(stemOf),
    whole: tokens.length > 1 ? tokens[0] : undefined,
    folders: new Set(names.flatMap(tokensOf).map(stemOf)),
  };
});

/** Each with what its path says beside the others'; a word that many of them have in their names says little. */
function placed(
  question: Question,
  matches: readonly ChunkMatch[],
): { readonly match: ChunkMatch; readonly place: Place }[] {
  const places = new Map<string, { words: PathWords; place: Place }>();
  const files = new Map<string, number>();
  const placed = matches.map((match) => {
    const key = keyOf(match);
    const known = places.get(key);
    if (known !== undefined) return { match, place: known.place };
    const words = readPath(match.path);
    const place: Place = { file: 0, folder: 0, found: 0 };
    places.set(key, { words, place });
    for (const stem of new Set(words.stems)) files.set(stem, (files.get(stem) ?? 0) + 1);
    return { match, place };
  });
  const worth = (stem: string) => 1 / (1 + weights.commonStem * Math.log(files.get(stem) ?? 1));
  for (const { words, place } of places.values()) {
    let inFolders = 0;
    for (const folder of words.folders) if (question.telling.has(folder)) inFolders += 1;
    place.file = fileShare(question, words, worth);
    place.folder = Math.min(1, inFolders / 2);
  }
  return placed;
}

/** How much of the file's name the question says. */
function fileShare(question: Question, words: PathWords, worth: (stem: string) => number): number {
  if (words.whole !== undefined && question.words.has(words.whole)) return 1;
  const said = words.stems.filter((stem) => question.telling.has(stem) || isShortened(question, stem));
  return said.reduce((sum, stem) => sum + worth(stem), 0) / (words.stems.length || 1);
}

/** File names shorten words, and join them: `auth` for authentication, `colors` in `colorscheme`. */
function isShortened({ telling }: Question, stem: string): boolean {
  if (stem.length < 3) return false;
  for (const word of telling) {
    if (word.length >= 3 && (word.startsWith(stem) || (word.length > 3 && stem.startsWith(word))))
      return true;
  }
  return false;
}

/** A message may be put together in one of many places of a file. */
function keepOf({ kind }: Question, without: ReadonlySet<RankingRule>): number {
  return kind === "message" && !without.has("question kind") ? weights.sameFileMessage : weights.sameFile;
}

/** One file must not fill the page: each of its further hits sinks, and the order is made again. */
function spread(ranked: readonly RankedMatch[], keep: number): RankedMatch[] {
  const seen = new Map<string, number>();
  const sunk = ranked.map((entry) => {
    const key = keyOf(entry.match);
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    if (before === 0) return entry;
    const score = entry.score * keep ** before;
    return {
      ...entry,
      score,
      explain: [...entry.explain, { rule: "same file", value: score - entry.score }],
    };
  });
  return sunk.sort(compare);
}
